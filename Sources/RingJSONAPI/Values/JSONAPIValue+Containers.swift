extension JSONAPIValue {
    /// The member of an object with this name; `nil` when it is absent, is JSON's `null`, or this is no object.
    ///
    /// Costs a walk over the object's names and no allocation. ``member(_:)`` tells `null` from absent.
    public subscript(_ name: String) -> JSONAPIValue? {
        guard let member = self.source.member(of: self.index, named: name) else { return nil }
        return self.source.entry(member).is(.null) ? nil : JSONAPIValue(source: self.source, index: member)
    }

    /// The member of an object with this name, JSON's `null` included; `nil` when it is absent or this is no object.
    public func member(_ name: String) -> JSONAPIValue? {
        self.source.member(of: self.index, named: name).map { JSONAPIValue(source: self.source, index: $0) }
    }

    /// How many elements an array has, or distinct names an object; 0 for every other kind.
    public var count: Int {
        let entry = self.entry
        if entry.is(.objectWithDuplicates) { return self.members.reduce(0) { count, _ in count + 1 } }
        return entry.isContainer ? self.source.entry(entry.number - 1).number : 0
    }

    /// The elements of an array, in order; empty for every other kind.
    public var elements: Elements { Elements(value: self) }

    /// The element of an array at a position counted from 0; walks from the first one. `nil` when there is none.
    public func element(at position: Int) -> JSONAPIValue? {
        guard position >= 0 else { return nil }
        return self.elements.dropFirst(position).first { _ in true }
    }

    /// The members of an object, in order, those that are `null` included; empty for every other kind.
    public var members: Members { Members(value: self) }

    /// The elements of an array.
    public struct Elements: Sequence, Sendable {
        fileprivate let value: JSONAPIValue

        /// Starts at the first element.
        public func makeIterator() -> Iterator { Iterator(self.value) }

        /// Whether there is no element.
        public var isEmpty: Bool { self.value.count == 0 || self.value.kind != .array }
        /// How many elements there are.
        public var count: Int { self.value.kind == .array ? self.value.count : 0 }
        /// A lower bound of the number of elements, which here is exact.
        public var underestimatedCount: Int { self.count }
        /// The first element.
        public var first: JSONAPIValue? { self.makeIteratorAndNext() }

        private func makeIteratorAndNext() -> JSONAPIValue? {
            var iterator = self.makeIterator()
            return iterator.next()
        }

        /// Walks over the elements.
        public struct Iterator: IteratorProtocol, Sendable {
            private let source: JSONText
            private var index: Int
            private let end: Int

            fileprivate init(_ value: JSONAPIValue) {
                let entry = value.entry
                self.source = value.source
                self.index = value.index + 1
                self.end = entry.is(.array) ? entry.number - 1 : self.index
            }

            /// The next element.
            public mutating func next() -> JSONAPIValue? {
                guard self.index < self.end else { return nil }
                defer { self.index = self.source.after(self.index) }
                return JSONAPIValue(source: self.source, index: self.index)
            }
        }
    }

    /// The members of an object. Of several members with one name the last counts, and only it is here.
    public struct Members: Sequence, Sendable {
        fileprivate let value: JSONAPIValue

        /// Starts at the first member.
        public func makeIterator() -> Iterator { Iterator(self.value) }

        /// Walks over the members.
        public struct Iterator: IteratorProtocol, Sendable {
            private let source: JSONText
            private var index: Int
            private let end: Int
            /// In an object with duplicates, where each name's last value is.
            private let last: [[UInt8]: Int]?

            fileprivate init(_ value: JSONAPIValue) {
                let entry = value.entry
                self.source = value.source
                self.index = value.index + 1
                self.end = entry.isObject ? entry.number - 1 : self.index
                self.last = entry.is(.objectWithDuplicates) ? value.source.lastMembers(of: value.index) : nil
            }

            /// The next member.
            public mutating func next() -> (name: String, value: JSONAPIValue)? {
                while self.index < self.end {
                    let name = self.source.entry(self.index)
                    let index = self.index + 1
                    self.index = self.source.after(index)
                    if let last = self.last, last[self.source.utf8(name)] != index { continue }
                    return (self.source.string(name), JSONAPIValue(source: self.source, index: index))
                }
                return nil
            }
        }
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
    internal func utf8(_ entry: JSONEntry) -> [UInt8] {
        entry.is(.string) ? Array(self.slice(entry)) : JSONUnescaper.bytes(self.slice(entry))
    }

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
        return unsafe JSONUnescaper.bytes(text).elementsEqual(name)
    }
}
