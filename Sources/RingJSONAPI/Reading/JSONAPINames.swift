/// Names that a reader knows, prepared so that one walk over an object finds them all without making strings.
///
/// For the sister targets' models: a `switch` over the position of each member's name replaces a search per attribute,
/// and whatever has no position is news.
@safe
package struct JSONAPINames: Sendable {
    /// A name as length, first and last eight bytes: enough to tell names of up to 16 bytes apart.
    @unsafe
    internal struct Key {
        internal var count: Int
        internal var head: UInt64
        internal var tail: UInt64
        internal var text: UnsafePointer<UInt8>
    }

    /// Written once and never freed: names are constants of a type, and an array here would be counted in every walk.
    /// For the same reason it may be read from everywhere.
    nonisolated(unsafe) private let keys: UnsafeBufferPointer<Key>

    /// Prepares names; a name's position in the list is its number. They stay in memory: keep them in a `static let`.
    package init(_ names: [String]) {
        let keys = UnsafeMutableBufferPointer<Key>.allocate(capacity: names.count)
        for (index, name) in names.enumerated() {
            let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: name.utf8.count + 1)
            _ = unsafe text.initialize(from: name.utf8)
            guard let start = text.baseAddress else { continue }
            let bytes = unsafe UnsafeBufferPointer(start: UnsafePointer(start), count: name.utf8.count)
            unsafe (keys.baseAddress.map { unsafe $0 + index })?.initialize(
                to: Self.key(bytes, 0, bytes.count, UnsafePointer(start)))
        }
        unsafe self.keys = UnsafeBufferPointer(keys)
    }

    /// Where a text stands in the list; -1 when it does not. The search begins at `hint`.
    @inline(__always) internal func position(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int, hint: Int
    ) -> Int {
        guard let base = bytes.baseAddress else { return -1 }
        let keys = unsafe self.keys
        let key = unsafe Self.key(bytes, offset, count, base + offset)
        var index = hint < keys.count ? hint : 0
        for _ in 0..<keys.count {
            let known = unsafe keys[index]
            if unsafe known.head == key.head && known.tail == key.tail && known.count == count
                && (count <= 16 || Self.isSame(known, key))
            {
                return index
            }
            index += 1
            if index == keys.count { index = 0 }
        }
        return -1
    }

    /// Where a string stands in the list; -1 when it does not.
    @inline(never) internal func position(of string: JSONAPICursor) -> Int {
        unsafe string.withText { text in
            // An empty text may have no address.
            if text.isEmpty { return unsafe self.keys.firstIndex { unsafe $0.count == 0 } ?? -1 }
            return unsafe self.position(text, 0, text.count, hint: 0)
        }
    }

    @inline(never) private static func isSame(_ left: Key, _ right: Key) -> Bool {
        for position in unsafe 8..<left.count - 8 where unsafe left.text[position] != right.text[position] {
            return false
        }
        return true
    }

    @inline(__always) private static func key(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int, _ text: UnsafePointer<UInt8>
    ) -> Key {
        let raw = UnsafeRawBufferPointer(bytes)
        if count >= 8 {
            return unsafe Key(
                count: count, head: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian,
                tail: raw.loadUnaligned(fromByteOffset: offset + count - 8, as: UInt64.self).littleEndian,
                text: text)
        }
        if offset + 8 <= bytes.count {
            let word = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            return unsafe Key(count: count, head: word & (1 &<< UInt64(count * 8) &- 1), tail: 0, text: text)
        }
        var head: UInt64 = 0
        for index in 0..<count { head |= UInt64(unsafe bytes[offset + index]) &<< UInt64(index * 8) }
        return unsafe Key(count: count, head: head, tail: 0, text: text)
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
package struct JSONAPIMember {
    /// The member's value, good until the walk's body returns.
    package let value: JSONAPICursor

    /// The member's name.
    package var name: String { self.value.at(self.value.index - 1).string ?? "" }
}
