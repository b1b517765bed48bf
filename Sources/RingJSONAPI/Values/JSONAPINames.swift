/// Names that a reader knows, such as the members of an object, prepared so that one pass over an object finds all of them
/// without making strings.
///
/// The names are an enum's cases by their raw values. Keep the value in a `static let`: the memory is never freed.
///
/// <!-- needs: package access -->
/// ```swift
/// private enum Member: String, CaseIterable { case name, image = "image_url" }
/// private static let members = JSONAPINames<Member>()
/// ```
@safe
@_spi(RingModels) public struct JSONAPINames<Name: RawRepresentable<String> & Sendable>: Sendable {
    @usableFromInline internal let keys: JSONAPIKeys
    /// The value of each name, in memory that is never freed; nothing writes to it after `init`.
    @usableFromInline nonisolated(unsafe) internal let values: UnsafePointer<Name>

    /// Prepares names in the order in which they are expected: each search starts after the name found last.
    package init(_ names: [Name]) {
        let values = UnsafeMutablePointer<Name>.allocate(capacity: names.count)
        for (index, name) in names.enumerated() { unsafe (values + index).initialize(to: name) }
        unsafe self.values = UnsafePointer(values)
        // No key path: one of a generic type is made at run time, and a service's first document would wait for it.
        self.keys = JSONAPIKeys(names.map { $0.rawValue })
    }

    /// Prepares all cases of an enum, in the order of their declaration.
    package init() where Name: CaseIterable { self.init(Array(Name.allCases)) }

    /// The name at a position; `nil` for a negative one.
    @inlinable @inline(__always) internal func name(at position: Int) -> Name? {
        position < 0 ? nil : unsafe self.values[position]
    }
}

/// The texts of names, prepared to be compared with the entries of an index.
@safe
@usableFromInline
internal struct JSONAPIKeys: Sendable {
    /// A name, prepared to be compared in a few steps with what an entry of the index stands for.
    @unsafe @usableFromInline
    internal struct Key {
        /// The entry of such a string except for its place in the text.
        @usableFromInline internal let entry: UInt64
        /// The first and the last eight bytes; of a shorter name both are all of it.
        @usableFromInline internal let head: UInt64
        @usableFromInline internal let tail: UInt64
        /// The bits that count in both.
        @usableFromInline internal let mask: UInt64
        @usableFromInline internal let tailOffset: Int
        @usableFromInline internal let text: UnsafeBufferPointer<UInt8>
    }

    /// Written once and never freed: names are constants of a type, and an array here would be counted in every pass.
    /// `nonisolated(unsafe)` for the same reason: nothing writes to it after `init`, so it may be read from everywhere.
    @usableFromInline nonisolated(unsafe) internal let keys: UnsafePointer<Key>
    @usableFromInline internal let count: Int

    /// Prepares names; a name's position in the list is its number.
    internal init(_ names: [String]) {
        let keys = UnsafeMutablePointer<Key>.allocate(capacity: names.count)
        for (index, name) in names.enumerated() { unsafe (keys + index).initialize(to: Key(name)) }
        unsafe self.keys = UnsafePointer(keys)
        self.count = names.count
    }

    /// Where a member's name, or another string, stands in the list; -1 when it does not. The search begins at `hint`:
    /// members usually come in the same order, so it ends there as a rule.
    @inlinable @inline(__always) internal func position(
        of string: JSONEntry, in bytes: UnsafeBufferPointer<UInt8>, hint: Int
    ) -> Int {
        if hint < self.count, unsafe self.isName(hint, string, bytes) { return hint }
        return unsafe self.search(string, bytes, hint)
    }

    /// Whether an entry is a string with the text of the first name.
    @inline(__always) internal func isFirst(_ string: JSONEntry, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if unsafe self.isName(0, string, bytes) { return true }
        return unsafe string.is(.escapedString) && self.search(escaped: string, bytes) == 0
    }

    @usableFromInline @inline(never) internal func search(
        _ string: JSONEntry, _ bytes: UnsafeBufferPointer<UInt8>, _ hint: Int
    ) -> Int {
        guard string.is(.string) else { return unsafe self.search(escaped: string, bytes) }
        var index = hint < self.count ? hint : 0
        for _ in 0..<self.count {
            if unsafe self.isName(index, string, bytes) { return index }
            index += 1
            if index == self.count { index = 0 }
        }
        return -1
    }

    @inline(never) private func search(escaped string: JSONEntry, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let source = unsafe UnsafeBufferPointer(rebasing: bytes[string.offset..<string.offset + string.number])
        return unsafe JSONUnescaper.bytes(source).withUnsafeBufferPointer { text in
            unsafe self.search(JSONEntry(.string, offset: 0, number: text.count), text, 0)
        }
    }

    /// Whether an entry is a string without escapes and has the text of the name at a position.
    ///
    /// Each part of the name is read where it is stored: a whole key does not fit in the free registers.
    @inlinable @inline(__always) internal func isName(
        _ position: Int, _ string: JSONEntry, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let key = unsafe self.keys + position
        guard unsafe key.pointee.entry == string.withoutOffset else { return false }
        let offset = string.offset
        guard offset &+ 8 <= bytes.count else { return unsafe self.isNameThroughout(position, bytes, offset) }
        let raw = UnsafeRawBufferPointer(bytes)
        let head = unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let tailOffset = unsafe key.pointee.tailOffset
        let tail = unsafe UInt64(
            littleEndian: raw.loadUnaligned(fromByteOffset: offset &+ tailOffset, as: UInt64.self))
        let difference = unsafe (head ^ key.pointee.head) | (tail ^ key.pointee.tail)
        guard unsafe difference & key.pointee.mask == 0 else { return false }
        // Longer names have bytes between the first and the last eight.
        return unsafe tailOffset <= 8 || self.isNameThroughout(position, bytes, offset)
    }

    /// The same for every byte; the caller has compared the lengths.
    @usableFromInline @inline(never) internal func isNameThroughout(
        _ position: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int
    ) -> Bool {
        let text = unsafe self.keys[position].text
        return unsafe JSONText.equal(bytes, offset, text)
    }
}

@unsafe extension JSONAPIKeys.Key {
    /// Copies the name to memory that is never freed.
    internal init(_ name: String) {
        let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: name.utf8.count)
        _ = unsafe text.initialize(from: name.utf8)
        unsafe self.entry = JSONEntry(.string, offset: 0, number: text.count).bits
        unsafe self.head = Self.word(name.utf8.prefix(8))
        unsafe self.tail = Self.word(name.utf8.suffix(8))
        unsafe self.mask = text.count < 8 ? 1 << UInt64(text.count * 8) - 1 : .max
        unsafe self.tailOffset = max(text.count - 8, 0)
        unsafe self.text = UnsafeBufferPointer(text)
    }

    /// Up to eight bytes as a number, the first one lowest.
    private static func word(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

@available(*, unavailable) extension JSONAPIKeys.Key: Sendable {}

extension JSONAPIValue {
    /// Visits an object's members in order, those that are `null` included; does nothing for every other kind.
    ///
    /// Of several members with one name the last is visited last, so assigning lets it count.
    ///
    /// - Parameters:
    ///   - names: The names that the caller knows.
    ///   - body: Gets the member's name, `nil` for one that is not known, and its value.
    package func forEachMember<Name>(
        of names: JSONAPINames<Name>, _ body: (_ name: Name?, _ value: JSONAPICursor) -> Void
    ) {
        self.withCursor { $0.forEachMember(of: names, body) }
    }
}
