/// Reads a JSON text in one pass, without recursion, and builds the index over it.
///
/// Plain words and pointers with methods that are all inlined into ``read()``, so that the optimiser can keep the state
/// in registers; whatever is rare is a function of its own that takes the state by value. `@safe` although it holds
/// pointers: it exists only inside ``JSONText/init(reading:limits:)``, which keeps the bytes alive around it, and every
/// access is behind a comparison with `end` or a capacity.
@safe
internal struct JSONReader {
    /// An array or object that is still open.
    internal struct Frame {
        internal var open: Int
        internal var count = 0
        /// One bit for each fingerprint of a name seen: a first, cheap test for duplicates.
        internal var fingerprints: UInt64 = 0
        internal var lastName = 0
        internal var isObject: Bool
        /// Names of this object must be compared in meaning once it is complete.
        internal var needsNameCheck = false
        internal var hasDuplicates = false

        @inline(__always) internal var closing: UInt8 { self.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }
    }

    internal let base: UnsafePointer<UInt8>
    internal let end: Int
    internal let limits: JSONAPILimits
    internal var at = 0
    internal var tape: UnsafeMutablePointer<UInt64>
    internal var capacity: Int
    internal var count = 0
    /// The containers around the innermost one, which is `frame`.
    internal var stack: UnsafeMutablePointer<Frame>
    internal var stackCapacity: Int
    internal var depth = 0
    internal var frame = Frame(open: -1, isObject: false)

    internal init(base: UnsafePointer<UInt8>, count: Int, limits: JSONAPILimits) {
        unsafe self.base = base
        self.end = count
        self.limits = limits
        // A guess for dense documents; the tape grows when it is wrong.
        self.capacity = max(min(count / 8 + 16, limits.values), 0)
        unsafe self.tape = .allocate(capacity: self.capacity)
        self.stackCapacity = max(min(16, limits.depth), 0)
        unsafe self.stack = .allocate(capacity: self.stackCapacity)
    }

    internal func deallocate() {
        unsafe self.tape.deallocate()
        unsafe self.stack.deallocate()
    }

    @inline(__always) internal func byte(_ index: Int) -> UInt8 { unsafe self.base[index] }

    /// Eight bytes, the first one lowest. The caller has compared `index + 8` with `end`.
    @inline(__always) internal func word(_ index: Int) -> UInt64 {
        let raw = unsafe UnsafeRawPointer(self.base + index).loadUnaligned(as: UInt64.self)
        return UInt64(littleEndian: raw)
    }

    @inline(__always) internal func entry(_ index: Int) -> JSONEntry { JSONEntry(bits: unsafe self.tape[index]) }

    @inline(__always) internal mutating func append(
        _ tag: JSONEntry.Tag, offset: Int, number: Int
    ) throws(JSONAPIReadError) {
        if self.count == self.capacity {
            guard self.count < self.limits.values else { throw self.failure(.tooManyValues) }
            let capacity = min(self.capacity * 2, self.limits.values)
            unsafe self.tape = Self.grown(self.tape, count: self.count, to: capacity)
            self.capacity = capacity
        }
        unsafe self.tape[self.count] = JSONEntry(tag, offset: offset, number: number).bits
        self.count += 1
    }

    @inline(never) private static func grown<Element>(
        _ memory: UnsafeMutablePointer<Element>, count: Int, to capacity: Int
    ) -> UnsafeMutablePointer<Element> {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        unsafe larger.moveInitialize(from: memory, count: count)
        unsafe memory.deallocate()
        return unsafe larger
    }

    @inline(__always) internal mutating func skipSpace() {
        while self.at < self.end {
            let byte = self.byte(self.at)
            guard byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
            self.at += 1
        }
    }

    /// The next byte that is not white space, not consumed.
    @inline(__always) internal mutating func peek() throws(JSONAPIReadError) -> UInt8 {
        self.skipSpace()
        guard self.at < self.end else { throw self.failure(.unexpectedEnd) }
        return self.byte(self.at)
    }

    /// Reads the whole text.
    @inline(__always) internal mutating func read(_ duplicates: inout [Int]) throws(JSONAPIReadError) {
        if self.end >= 3, self.byte(0) == 0xef, self.byte(1) == 0xbb, self.byte(2) == 0xbf {
            throw self.failure(.byteOrderMark)
        }
        self.skipSpace()
        guard self.at < self.end else { throw self.failure(.empty) }
        reading: while true {
            if self.frame.isObject { try self.name(&duplicates) }
            if try self.opensContainer() { continue }
            // What separates a value from the next one, or ends its container.
            while self.depth > 0 {
                let byte = try self.peek()
                if byte == UInt8(ascii: ",") {
                    self.at += 1
                    continue reading
                }
                guard byte == self.frame.closing else { throw self.failure(.unexpectedByte) }
                try self.pop(&duplicates)
            }
            break
        }
        self.skipSpace()
        guard self.at == self.end else { throw self.failure(.trailingBytes) }
    }

    /// Reads a scalar, or the opening of a container; `true` when a first child follows.
    @inline(__always) private mutating func opensContainer() throws(JSONAPIReadError) -> Bool {
        let byte = try self.peek()
        switch byte {
        case UInt8(ascii: "\""): try self.string()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            try self.push(isObject: byte == UInt8(ascii: "{"))
            // An empty container is closed by the caller, like any other.
            return try self.peek() != self.frame.closing
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try self.number()
        case UInt8(ascii: "t"): try self.literal(.true, 0x6575_7274, 4)
        case UInt8(ascii: "n"): try self.literal(.null, 0x6c6c_756e, 4)
        case UInt8(ascii: "f"): try self.literal(.false, 0x65_736c_6166, 5)
        default: throw self.failure(.unexpectedByte)
        }
        self.frame.count += 1
        return false
    }

    /// Reads a word whose letters are the bytes of `letters`, the first one lowest.
    @inline(__always) private mutating func literal(
        _ tag: JSONEntry.Tag, _ letters: UInt64, _ length: Int
    ) throws(JSONAPIReadError) {
        if self.at + 8 <= self.end {
            let mask: UInt64 = 1 &<< UInt64(length * 8) &- 1
            guard self.word(self.at) & mask == letters else { throw self.literalFailure(letters, length) }
        } else {
            for index in 0..<length {
                guard self.at + index < self.end,
                    self.byte(self.at + index) == UInt8(letters >> UInt64(index * 8) & 0xff)
                else { throw self.literalFailure(letters, length) }
            }
        }
        try self.append(tag, offset: self.at, number: 0)
        self.at += length
    }

    @inline(__always) private mutating func push(isObject: Bool) throws(JSONAPIReadError) {
        if self.depth == self.stackCapacity {
            guard self.depth < self.limits.depth else { throw self.failure(.tooDeep) }
            let capacity = min(self.stackCapacity * 2, self.limits.depth)
            unsafe self.stack = Self.grown(self.stack, count: self.depth, to: capacity)
            self.stackCapacity = capacity
        }
        unsafe (self.stack + self.depth).initialize(to: self.frame)
        self.depth += 1
        self.frame = Frame(open: self.count, isObject: isObject)
        try self.append(isObject ? .object : .array, offset: self.at, number: 0)
        self.at += 1
    }

    /// Closes the innermost container at its closing bracket.
    @inline(__always) private mutating func pop(_ duplicates: inout [Int]) throws(JSONAPIReadError) {
        if self.frame.needsNameCheck { self.frame.hasDuplicates = self.checkNames(&duplicates) }
        try self.append(.end, offset: self.at, number: self.frame.count)
        let object: JSONEntry.Tag = self.frame.hasDuplicates ? .objectWithDuplicates : .object
        unsafe self.tape[self.frame.open] =
            JSONEntry(
                self.frame.isObject ? object : .array, offset: self.entry(self.frame.open).offset, number: self.count
            ).bits
        self.at += 1
        self.depth -= 1
        self.frame = unsafe self.stack[self.depth]
        self.frame.count += 1
    }
}
