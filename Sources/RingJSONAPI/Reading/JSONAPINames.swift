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
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int, _ keys: UnsafeBufferPointer<Key>, hint: Int
    ) -> Int {
        let key = unsafe Self.key(bytes, offset, count)
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

    /// Where a string's entry stands in the list; -1 when it does not.
    internal func position(of entry: JSONEntry, in source: JSONText) -> Int {
        let text = entry.is(.string) ? nil : source.utf8(entry)
        return unsafe self.keys.withUnsafeBufferPointer { keys in
            if let text {
                return unsafe text.withUnsafeBufferPointer {
                    unsafe self.position($0, 0, text.count, keys, hint: 0)
                }
            }
            return unsafe source.bytes.withUnsafeBufferPointer {
                unsafe self.position($0, entry.offset, entry.number, keys, hint: 0)
            }
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
        let raw = UnsafeRawBufferPointer(bytes)
        if count >= 8 {
            return unsafe Key(
                count: count, head: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian,
                tail: raw.loadUnaligned(fromByteOffset: offset + count - 8, as: UInt64.self).littleEndian)
        }
        if offset + 8 <= bytes.count {
            let word = unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            return Key(count: count, head: word & (1 &<< UInt64(count * 8) &- 1), tail: 0)
        }
        var head: UInt64 = 0
        for index in 0..<count { head |= UInt64(unsafe bytes[offset + index]) &<< UInt64(index * 8) }
        return Key(count: count, head: head, tail: 0)
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
        self.forEachMember(of: names) { position, member in
            body(position, member)
            return true
        }
    }

    /// The same; the body returns whether to go on.
    internal func forEachMember(of names: JSONAPINames, _ body: (_ position: Int, _ member: JSONAPIMember) -> Bool) {
        let object = self.entry
        guard object.isObject else { return }
        let source = self.source
        // One member for all calls, and buffers held outside of the loop: the loop itself counts no references.
        var member = JSONAPIMember(value: self)
        unsafe names.keys.withUnsafeBufferPointer { keys in
            unsafe source.tape.withUnsafeBufferPointer { tape in
                unsafe source.bytes.withUnsafeBufferPointer { bytes in
                    var index = self.index + 1
                    var hint = 0
                    while index < object.number - 1 {
                        let name = JSONEntry(bits: unsafe tape[index])
                        let position =
                            name.is(.string)
                            ? unsafe names.position(bytes, name.offset, name.number, keys, hint: hint)
                            : names.position(of: name, in: source)
                        member.value.index = index + 1
                        guard body(position, member) else { return }
                        if position >= 0 { hint = position + 1 }
                        let value = JSONEntry(bits: unsafe tape[index + 1])
                        index = value.isContainer ? value.number : index + 2
                    }
                }
            }
        }
    }

    /// Walks over an array's elements in order; does nothing for every other kind.
    ///
    /// What a `for` loop over ``elements`` does, without counting a reference for each of them. The body returns whether
    /// to go on.
    package func forEachElement(_ body: (_ element: JSONAPIValue) -> Bool) {
        let array = self.entry
        guard array.is(.array) else { return }
        let source = self.source
        var element = self
        unsafe source.tape.withUnsafeBufferPointer { tape in
            var index = self.index + 1
            while index < array.number - 1 {
                element.index = index
                guard body(element) else { return }
                let value = JSONEntry(bits: unsafe tape[index])
                index = value.isContainer ? value.number : index + 1
            }
        }
    }

    /// Where a string stands among names; -1 for any other string, `nil` for a value that is no string.
    package func position(among names: JSONAPINames) -> Int? {
        let entry = self.entry
        return entry.isString ? names.position(of: entry, in: self.source) : nil
    }
}

/// A member of an object, seen during a walk; its name becomes a string when it is asked for.
package struct JSONAPIMember {
    /// The member's value. Stored, so that passing it on counts no references.
    package fileprivate(set) var value: JSONAPIValue

    /// The member's name.
    package var name: String { self.value.source.string(self.value.source.entry(self.value.index - 1)) }
}
