/// Names that a reader knows, prepared so that one walk over an object finds them all without making strings.
///
/// For the sister targets' models: a `switch` over the position of each member's name replaces a search per attribute,
/// and whatever has no position is news.
@safe
@_spi(RingModels) public struct JSONAPINames: Sendable {
    /// A name as length, first and last eight bytes: enough to tell names of up to 16 bytes apart.
    @unsafe @usableFromInline
    internal struct Key {
        @usableFromInline internal var count: Int
        @usableFromInline internal var head: UInt64
        @usableFromInline internal var tail: UInt64
        internal var text: UnsafePointer<UInt8>
    }

    /// Written once and never freed: names are constants of a type, and an array here would be counted in every walk.
    /// `nonisolated(unsafe)` for the same reason: nothing writes to it after `init`, so it may be read from everywhere.
    @usableFromInline nonisolated(unsafe) internal let keys: UnsafeBufferPointer<Key>

    /// Prepares names; a name's position in the list is its number. They stay in memory: keep them in a `static let`.
    public init(_ names: [String]) {
        let keys = UnsafeMutableBufferPointer<Key>.allocate(capacity: names.count)
        for (index, name) in names.enumerated() {
            let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: name.utf8.count + 1)
            _ = unsafe text.initialize(from: name.utf8)
            guard let start = text.baseAddress else { continue }
            let bytes = unsafe UnsafeBufferPointer(start: UnsafePointer(start), count: name.utf8.count)
            let (head, tail) = unsafe Self.ends(bytes, 0, bytes.count)
            unsafe (keys.baseAddress.map { unsafe $0 + index })?.initialize(
                to: Key(count: bytes.count, head: head, tail: tail, text: UnsafePointer(start)))
        }
        unsafe self.keys = UnsafeBufferPointer(keys)
    }

    /// Where a text stands in the list; -1 when it does not. The search begins at `hint`: members come in a settled order,
    /// so it ends there as a rule.
    @inlinable @inline(__always) internal func position(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int, hint: Int
    ) -> Int {
        let (head, tail) = unsafe Self.ends(bytes, offset, count)
        let keys = unsafe self.keys
        if hint < keys.count {
            let known = unsafe keys[hint]
            if unsafe count <= 16 && known.head == head && known.tail == tail && known.count == count { return hint }
        }
        return unsafe self.search(bytes, offset, count, head, tail, hint)
    }

    /// Whether a text is the first name.
    @inline(__always) internal func isFirst(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int) -> Bool {
        let known = unsafe self.keys[0]
        guard unsafe known.count == count else { return false }
        let (head, tail) = unsafe Self.ends(bytes, offset, count)
        return unsafe known.head == head && known.tail == tail
            && (count <= 16 || Self.isSame(known.text, bytes, offset, count))
    }

    @usableFromInline @inline(never) internal func search(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int, _ head: UInt64, _ tail: UInt64, _ hint: Int
    ) -> Int {
        let keys = unsafe self.keys
        var index = hint < keys.count ? hint : 0
        for _ in 0..<keys.count {
            let known = unsafe keys[index]
            if unsafe known.head == head && known.tail == tail && known.count == count
                && (count <= 16 || Self.isSame(known.text, bytes, offset, count))
            {
                return index
            }
            index += 1
            if index == keys.count { index = 0 }
        }
        return -1
    }

    /// Where a string stands in the list; -1 when it does not.
    @usableFromInline @inline(never) internal func position(of string: JSONAPICursor) -> Int {
        unsafe string.withText { text in
            // An empty text may have no address.
            if text.isEmpty { return unsafe self.keys.firstIndex { unsafe $0.count == 0 } ?? -1 }
            return unsafe self.position(text, 0, text.count, hint: 0)
        }
    }

    /// Whether the bytes between the first and the last eight are the same.
    private static func isSame(
        _ name: UnsafePointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int
    ) -> Bool {
        var position = 8
        while position < count - 8 {
            // The last eight of them overlap those before.
            let at = min(position, count - 16)
            let word = unsafe UnsafeRawPointer(name + at).loadUnaligned(as: UInt64.self)
            let other = unsafe UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: offset + at, as: UInt64.self)
            guard word == other else { return false }
            position += 8
        }
        return true
    }

    /// The first and last eight bytes of a text as numbers; of a shorter one all, and 0.
    @inlinable @inline(__always) internal static func ends(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int
    ) -> (head: UInt64, tail: UInt64) {
        let raw = UnsafeRawBufferPointer(bytes)
        if count >= 8 {
            let head = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let tail = unsafe raw.loadUnaligned(fromByteOffset: offset &+ count &- 8, as: UInt64.self)
            return (head.littleEndian, tail.littleEndian)
        }
        if offset &+ 8 <= bytes.count {
            let word = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            return (word & ((1 as UInt64) &<< UInt64(truncatingIfNeeded: count &* 8) &- 1), 0)
        }
        return unsafe (Self.short(bytes, offset, count), 0)
    }

    /// A short text near the end of all bytes.
    @usableFromInline @inline(never) internal static func short(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int
    ) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(unsafe bytes[offset + index]) &<< UInt64(index * 8) }
        return word
    }
}

extension JSONAPIValue {
    /// Walks over an object's members in order, those that are `null` included; does nothing for every other kind.
    ///
    /// Of several members with one name the last is visited last, so assigning lets it count.
    ///
    /// - Parameters:
    ///   - names: The names that the caller knows.
    ///   - body: Gets the position of the member's name, -1 for one that is not known, and the member.
    package func forEachMember(of names: JSONAPINames, _ body: (_ position: Int, _ member: JSONAPIMember) -> Void) {
        self.withCursor { $0.forEachMember(of: names, body) }
    }

    /// Where a string stands among names; -1 for any other string, `nil` for a value that is no string.
    package func position(among names: JSONAPINames) -> Int? {
        self.source.withCursor(at: self.index) { $0.position(among: names) }
    }
}

/// A member of an object, seen during a walk; its name becomes a string when it is asked for.
@_spi(RingModels) public struct JSONAPIMember {
    /// The member's value, good until the walk's body returns.
    public let value: JSONAPICursor

    @inlinable @inline(__always) internal init(value: JSONAPICursor) { self.value = value }

    /// The member's name.
    public var name: String { self.value.at(self.value.index - 1).string ?? "" }
}

@available(*, unavailable) extension JSONAPINames.Key: Sendable {}

/// Like the cursor it holds.
@available(*, unavailable) extension JSONAPIMember: Sendable {}
