extension JSONAPIValue {
    /// The member of an object with this name; `nil` when it is absent, is JSON's `null`, or this is not an object.
    ///
    /// It compares the object's names and allocates nothing. ``member(_:)`` distinguishes `null` from absent.
    public subscript(_ name: String) -> JSONAPIValue? {
        guard let member = self.source.member(of: self.index, named: name) else { return nil }
        return self.source.entry(member).is(.null) ? nil : JSONAPIValue(source: self.source, index: member)
    }

    /// The member of an object with this name, JSON's `null` included; `nil` when it is absent or this is not an object.
    public func member(_ name: String) -> JSONAPIValue? {
        self.source.member(of: self.index, named: name).map { JSONAPIValue(source: self.source, index: $0) }
    }

    /// How many elements an array has, or distinct names an object; 0 for every other kind.
    public var count: Int {
        let entry = self.entry
        if entry.is(.objectWithDuplicates) { return self.source.lastMembers(of: self.index).count }
        return entry.isContainer ? self.source.entry(entry.number - 1).number : 0
    }

    /// The elements of an array, in order; empty for every other kind.
    public var elements: [JSONAPIValue] {
        var elements: [JSONAPIValue] = []
        self.withCursor { array in
            elements.reserveCapacity(array.elementCount)
            array.forEachElement { element in
                elements.append(element.kept)
                return true
            }
        }
        return elements
    }

    /// The members of an object, in order, those that are `null` included; empty for every other kind.
    ///
    /// Of several members with one name the last counts, and only it is here.
    public var members: [(name: String, value: JSONAPIValue)] {
        let object = self.entry
        guard object.isObject else { return [] }
        let last = object.is(.objectWithDuplicates) ? self.source.lastMembers(of: self.index) : nil
        var members: [(name: String, value: JSONAPIValue)] = []
        members.reserveCapacity(self.source.entry(object.number - 1).number)
        var index = self.index + 1
        while index < object.number - 1 {
            let name = self.source.entry(index)
            let value = index + 1
            index = self.source.after(value)
            if let last, last[self.source.utf8(name)] != value { continue }
            members.append((self.source.string(name), JSONAPIValue(source: self.source, index: value)))
        }
        return members
    }
}

extension JSONText {
    /// Each name of an object, compared byte by byte, with the value that counts.
    internal func lastMembers(of index: Int) -> [[UInt8]: Int] {
        var result: [[UInt8]: Int] = [:]
        var index = index + 1
        let end = self.entry(index - 1).number - 1
        while index < end {
            result[self.utf8(self.entry(index))] = index + 1
            index = self.after(index + 1)
        }
        return result
    }

    /// The text of a string's entry, its escapes resolved.
    internal func utf8(_ entry: JSONEntry) -> [UInt8] { JSONUnescaper.bytes(of: entry, self.slice(entry)) }

    internal func member(of index: Int, named name: String) -> Int? {
        self.withCursor(at: index) { $0.member(name)?.index }
    }

    /// Looks for a name among the members from `start` to `end`.
    internal static func member(
        _ start: Int, _ end: Int, _ object: JSONEntry, _ name: UnsafeBufferPointer<UInt8>,
        _ tape: UnsafeBufferPointer<UInt64>, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        let head = unsafe Self.head(name, 0, name.count)
        var index = start
        var found: Int?
        while index < end {
            let entry = JSONEntry(bits: unsafe tape[index])
            let isHit: Bool
            if entry.is(.string) {
                isHit =
                    unsafe entry.number == name.count && Self.head(bytes, entry.offset, name.count) == head
                    && (name.count <= 8 || Self.equal(bytes, entry.offset, name))
            } else {
                isHit = unsafe Self.equal(escaped: entry, of: bytes, name)
            }
            if isHit {
                found = index + 1
                if object.is(.object) { return found }
            }
            let value = JSONEntry(bits: unsafe tape[index + 1])
            index = value.isContainer ? value.number : index + 2
        }
        return found
    }

    /// The first eight bytes of a name as one number, or all of a shorter one.
    @inline(__always) private static func head(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ count: Int
    ) -> UInt64 {
        if offset + 8 <= bytes.count {
            let word = unsafe UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            return UInt64(littleEndian: word) & (count < 8 ? 1 &<< UInt64(count * 8) &- 1 : .max)
        }
        var word: UInt64 = 0
        for index in 0..<min(count, 8) { word |= UInt64(unsafe bytes[offset + index]) &<< UInt64(index * 8) }
        return word
    }

    /// Whether a name stands in bytes at an offset; the caller has compared the lengths.
    @inline(__always) internal static func equal(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ name: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard name.count >= 8 else {
            for index in 0..<name.count where unsafe bytes[offset + index] != name[index] { return false }
            return true
        }
        let (left, right) = (UnsafeRawBufferPointer(bytes), UnsafeRawBufferPointer(name))
        let last = name.count &- 8
        func isSame(_ at: Int) -> Bool {
            unsafe left.loadUnaligned(fromByteOffset: offset &+ at, as: UInt64.self)
                == right.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        }
        var index = 0
        while index < last {
            guard isSame(index) else { return false }
            index &+= 8
        }
        // The last eight bytes overlap those before them.
        return isSame(last)
    }

    @inline(never) private static func equal(
        escaped entry: JSONEntry, of bytes: UnsafeBufferPointer<UInt8>, _ name: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let text = unsafe UnsafeBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.number])
        return unsafe JSONUnescaper.bytes(of: entry, text).elementsEqual(name)
    }
}
