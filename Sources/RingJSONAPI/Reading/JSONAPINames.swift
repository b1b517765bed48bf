/// Names that a reader knows, prepared so that one walk over an object finds them all without making strings.
///
/// For the sister targets' models: a `switch` over the position of each member's name replaces a search per attribute,
/// and whatever has no position is news.
package struct JSONAPINames: Sendable {
    /// A name as length, first and last eight bytes: enough to tell names of up to 16 bytes apart.
    internal struct Key: Sendable {
        internal var count: Int
        internal var head: UInt64
        internal var tail: UInt64
    }

    internal let keys: [Key]
    internal let texts: [[UInt8]]

    /// Prepares names; a name's position in the list is its number.
    package init(_ names: [String]) {
        self.texts = names.map { Array($0.utf8) }
        self.keys = self.texts.map { text in
            unsafe text.withUnsafeBufferPointer { unsafe Self.key($0, 0, text.count) }
        }
    }

    /// Where a text stands in the list; -1 when it does not. The search begins at `hint`.
    @inline(__always) internal func position(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int, hint: Int
    ) -> Int {
        let key = unsafe Self.key(bytes, offset, count)
        return unsafe self.keys.withUnsafeBufferPointer { keys in
            var index = hint < keys.count ? hint : 0
            for _ in 0..<keys.count {
                let known = unsafe keys[index]
                if known.head == key.head, known.tail == key.tail, known.count == count,
                    unsafe count <= 16 || self.isSame(index, bytes, offset)
                {
                    return index
                }
                index += 1
                if index == keys.count { index = 0 }
            }
            return -1
        }
    }

    @inline(never) private func isSame(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Bool {
        let text = self.texts[index]
        for position in 8..<text.count - 8 where unsafe bytes[offset + position] != text[position] { return false }
        return true
    }

    @inline(__always) private static func key(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int
    ) -> Key {
        guard count >= 8 else {
            var head: UInt64 = 0
            for index in 0..<count { head |= UInt64(unsafe bytes[offset + index]) &<< UInt64(index * 8) }
            return Key(count: count, head: head, tail: 0)
        }
        let raw = UnsafeRawBufferPointer(bytes)
        return unsafe Key(
            count: count, head: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian,
            tail: raw.loadUnaligned(fromByteOffset: offset + count - 8, as: UInt64.self).littleEndian)
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
        let entry = self.entry
        guard entry.isObject else { return }
        let end = entry.number - 1
        var index = self.index + 1
        var hint = 0
        while index < end {
            let position = self.position(of: index, among: names, hint: hint)
            body(position, JSONAPIMember(value: JSONAPIValue(source: self.source, index: index + 1)))
            if position >= 0 { hint = position + 1 }
            index = self.source.after(index + 1)
        }
    }

    /// Where a string stands among names; -1 for any other string, `nil` for a value that is no string.
    package func position(among names: JSONAPINames) -> Int? {
        self.entry.isString ? self.position(of: self.index, among: names, hint: 0) : nil
    }

    @inline(__always) private func position(of index: Int, among names: JSONAPINames, hint: Int) -> Int {
        let entry = self.source.entry(index)
        guard entry.is(.string) else {
            let text = Array(self.source.string(entry).utf8)
            return unsafe text.withUnsafeBufferPointer { unsafe names.position($0, 0, text.count, hint: hint) }
        }
        return unsafe self.source.bytes.withUnsafeBufferPointer {
            unsafe names.position($0, entry.offset, entry.number, hint: hint)
        }
    }
}

/// A member of an object, seen during a walk; its name becomes a string when it is asked for.
package struct JSONAPIMember {
    /// The member's value. Stored, so that passing it on counts no references.
    package let value: JSONAPIValue

    /// The member's name.
    package var name: String { self.value.source.string(self.value.source.entry(self.value.index - 1)) }
}
