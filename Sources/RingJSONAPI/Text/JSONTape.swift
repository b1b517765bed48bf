/// One entry of the index over a JSON text: a kind, a byte offset and a number, in 64 bits.
///
/// A scalar has one entry: its first byte and its length (strings without their quotes). A container has two: the
/// opening one holds the index of the entry after the container, the closing one the number of children. A member is
/// the entry of its name followed by those of its value.
@usableFromInline
internal struct JSONEntry: Sendable {
    @usableFromInline
    internal enum Tag: UInt8, Sendable {
        case null, `false`, `true`, integer, decimal, string, escapedString
        case array, object, objectWithDuplicates, end
        /// A string that ends where it should and cannot be decoded.
        case undecodableString
    }

    @usableFromInline internal var bits: UInt64

    @inlinable @inline(__always) internal init(bits: UInt64) { self.bits = bits }

    @inlinable @inline(__always) internal init(_ tag: Tag, offset: Int, number: Int) {
        self.bits = UInt64(tag.rawValue) << 60 | UInt64(truncatingIfNeeded: offset) << 30
        self.bits |= UInt64(truncatingIfNeeded: number)
    }

    /// The opening entry of a container that ended: it knows what comes after, and whether names came twice.
    @inline(__always) internal func closed(next: Int, _ hasDuplicates: Bool) -> JSONEntry {
        JSONEntry(
            bits: self.bits &+ UInt64(truncatingIfNeeded: next)
                &+ (hasDuplicates ? UInt64(Tag.objectWithDuplicates.rawValue - Tag.object.rawValue) << 60 : 0))
    }

    @inlinable @inline(__always) internal var rawTag: UInt8 { UInt8(truncatingIfNeeded: self.bits >> 60) }
    @inlinable @inline(__always) internal var tag: Tag { Tag(rawValue: self.rawTag) ?? .null }
    @inlinable @inline(__always) internal var offset: Int { Int(truncatingIfNeeded: self.bits >> 30 & 0x3fff_ffff) }
    /// The length of a scalar, the entry after a container, or the number of children of a container that ends here.
    @inlinable @inline(__always) internal var number: Int { Int(truncatingIfNeeded: self.bits & 0x3fff_ffff) }

    /// Kind and number alone: the same for strings of one length.
    @inlinable @inline(__always) internal var withoutOffset: UInt64 { self.bits & ~(0x3fff_ffff << 30) }

    @inlinable @inline(__always) internal func `is`(_ tag: Tag) -> Bool { self.rawTag == tag.rawValue }
    @inlinable @inline(__always) internal var isContainer: Bool {
        self.rawTag >= Tag.array.rawValue && self.rawTag < Tag.end.rawValue
    }
    @inlinable @inline(__always) internal var isObject: Bool {
        self.rawTag == Tag.object.rawValue || self.rawTag == Tag.objectWithDuplicates.rawValue
    }
    @inlinable @inline(__always) internal var isString: Bool {
        self.rawTag == Tag.string.rawValue || self.rawTag == Tag.escapedString.rawValue
    }
    @inlinable @inline(__always) internal var isNumber: Bool {
        self.rawTag == Tag.integer.rawValue || self.rawTag == Tag.decimal.rawValue
    }
}

/// A JSON text that was read: its bytes as received, and the index over them.
///
/// `@safe` although it holds a pointer: it alone frees the index, and an entry names only places inside it.
@safe
@usableFromInline
internal final class JSONText: Sendable {
    internal let bytes: [UInt8]
    /// The index, in the memory that the reader wrote it to: to fill an array took longer than to read a whole status.
    /// `nonisolated(unsafe)` as nothing writes to it any more.
    nonisolated(unsafe) internal let tape: UnsafeBufferPointer<UInt64>
    /// The entries of names that repeat an earlier name of their object: the first few of them.
    internal let duplicates: [Int]
    /// The entries of values that cannot be decoded, or whose name cannot be: the first few of them.
    internal let undecodable: [Int]

    /// - Parameter tape: The index; its memory becomes this object's to free.
    @unsafe internal init(
        bytes: [UInt8], tape: UnsafeBufferPointer<UInt64>, duplicates: [Int], undecodable: [Int]
    ) {
        self.bytes = bytes
        unsafe self.tape = tape
        self.duplicates = duplicates
        self.undecodable = undecodable
    }

    deinit { unsafe self.tape.deallocate() }

    @inline(__always) internal func entry(_ index: Int) -> JSONEntry { JSONEntry(bits: unsafe self.tape[index]) }

    /// The entry after the value at `index`.
    @inline(__always) internal func after(_ index: Int) -> Int {
        let entry = self.entry(index)
        return entry.isContainer ? entry.number : index + 1
    }

    /// The source bytes of the value at `index`, quotes and brackets included.
    internal func range(of index: Int) -> Range<Int> {
        let entry = self.entry(index)
        let offset = entry.offset
        switch entry.tag {
        case .null, .true: return offset..<offset + 4
        case .false: return offset..<offset + 5
        case .integer, .decimal: return offset..<offset + entry.number
        case .string, .escapedString, .undecodableString: return offset - 1..<offset + entry.number + 1
        case .array, .object, .objectWithDuplicates: return offset..<self.entry(entry.number - 1).offset + 1
        case .end: return offset..<offset + 1
        }
    }
}
