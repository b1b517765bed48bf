/// Reads a JSON text in one pass, without recursion, and builds the index over it.
///
/// `@safe` although it holds pointers: it exists only inside ``JSONText/init(reading:limits:)``, which keeps the bytes
/// alive around it, and every access is behind a comparison with `end` or `capacity`.
@safe
internal struct JSONReader: ~Copyable {
    /// An array or object that is still open.
    internal struct Frame {
        internal var open: Int
        internal var count = 0
        internal var isObject: Bool
        /// One bit for each fingerprint of a name seen: a first, cheap test for duplicates.
        internal var fingerprints: UInt64 = 0
        internal var lastName = 0
        /// Names of this object must be compared in meaning once it is complete.
        internal var needsNameCheck = false
        internal var hasDuplicates = false
    }

    internal let base: UnsafePointer<UInt8>
    internal let end: Int
    internal let limits: JSONAPILimits
    internal var at = 0
    internal var tape: UnsafeMutablePointer<UInt64>
    internal var capacity: Int
    internal var count = 0
    internal var stack: [Frame] = []
    internal var frame = Frame(open: -1, isObject: false)
    internal var duplicates: [Int] = []

    internal init(_ bytes: UnsafeBufferPointer<UInt8>, base: UnsafePointer<UInt8>, limits: JSONAPILimits) {
        unsafe self.base = base
        self.end = bytes.count
        self.limits = limits
        // A guess for dense documents; the tape grows when it is wrong.
        self.capacity = bytes.count / 8 + 16
        unsafe self.tape = .allocate(capacity: self.capacity)
        self.stack.reserveCapacity(16)
    }

    deinit { unsafe self.tape.deallocate() }

    @inline(__always) internal func byte(_ index: Int) -> UInt8 { unsafe self.base[index] }

    /// Eight bytes, the first one lowest. The caller has compared `index + 8` with `end`.
    @inline(__always) internal func word(_ index: Int) -> UInt64 {
        let raw = unsafe UnsafeRawPointer(self.base + index).loadUnaligned(as: UInt64.self)
        return UInt64(littleEndian: raw)
    }

    @inline(__always) internal mutating func append(_ tag: JSONEntry.Tag, offset: Int, number: Int) {
        if self.count == self.capacity { self.grow() }
        unsafe self.tape[self.count] = JSONEntry(tag, offset: offset, number: number).bits
        self.count += 1
    }

    @inline(__always) internal func entry(_ index: Int) -> JSONEntry { JSONEntry(bits: unsafe self.tape[index]) }

    @inline(never) private mutating func grow() {
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: self.capacity * 2)
        unsafe larger.update(from: self.tape, count: self.count)
        unsafe self.tape.deallocate()
        unsafe self.tape = larger
        self.capacity *= 2
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
    internal mutating func run() throws(JSONAPIReadError) {
        if self.end >= 3, self.byte(0) == 0xef, self.byte(1) == 0xbb, self.byte(2) == 0xbf {
            throw self.failure(.byteOrderMark)
        }
        self.skipSpace()
        guard self.at < self.end else { throw self.failure(.empty) }
        while true {
            if try self.value() { continue }
            if try self.afterValue() { break }
        }
        self.skipSpace()
        guard self.at == self.end else { throw self.failure(.trailingBytes) }
    }

    /// Reads a scalar, or the opening of a container; `true` when a first child follows.
    @inline(__always) private mutating func value() throws(JSONAPIReadError) -> Bool {
        switch try self.peek() {
        case UInt8(ascii: "\""):
            self.at += 1
            try self.string()
        case UInt8(ascii: "{"):
            try self.push(isObject: true)
            guard try self.peek() == UInt8(ascii: "}") else {
                try self.name()
                return true
            }
            self.at += 1
            self.pop()
        case UInt8(ascii: "["):
            try self.push(isObject: false)
            guard try self.peek() == UInt8(ascii: "]") else { return true }
            self.at += 1
            self.pop()
        case UInt8(ascii: "t"): try self.literal(.true, "true")
        case UInt8(ascii: "f"): try self.literal(.false, "false")
        case UInt8(ascii: "n"): try self.literal(.null, "null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try self.number()
        default: throw self.failure(.unexpectedByte)
        }
        return false
    }

    /// Reads what separates a value from the next one; `true` when the whole text is read.
    @inline(__always) private mutating func afterValue() throws(JSONAPIReadError) -> Bool {
        while true {
            guard self.frame.open >= 0 else { return true }
            self.frame.count += 1
            let byte = try self.peek()
            if byte == UInt8(ascii: ",") {
                self.at += 1
                if self.frame.isObject { try self.name() }
                return false
            }
            guard byte == (self.frame.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw self.failure(.unexpectedByte)
            }
            self.at += 1
            self.pop()
        }
    }

    private mutating func literal(_ tag: JSONEntry.Tag, _ text: StaticString) throws(JSONAPIReadError) {
        let start = self.at
        for offset in 0..<text.utf8CodeUnitCount {
            guard self.at < self.end else { throw self.failure(.unexpectedEnd) }
            guard unsafe text.utf8Start[offset] == self.byte(self.at) else { throw self.failure(.unexpectedByte) }
            self.at += 1
        }
        try self.checkCount()
        self.append(tag, offset: start, number: 0)
    }

    @inline(__always) private mutating func push(isObject: Bool) throws(JSONAPIReadError) {
        guard self.stack.count < self.limits.depth else { throw self.failure(.tooDeep) }
        try self.checkCount()
        self.stack.append(self.frame)
        self.frame = Frame(open: self.count, isObject: isObject)
        self.append(isObject ? .object : .array, offset: self.at, number: 0)
        self.at += 1
    }

    /// Closes the innermost container, whose closing bracket was just consumed.
    @inline(__always) private mutating func pop() {
        if self.frame.needsNameCheck { self.checkNames() }
        self.append(.end, offset: self.at - 1, number: self.frame.count)
        let open = self.entry(self.frame.open)
        let object: JSONEntry.Tag = self.frame.hasDuplicates ? .objectWithDuplicates : .object
        unsafe self.tape[self.frame.open] =
            JSONEntry(self.frame.isObject ? object : .array, offset: open.offset, number: self.count).bits
        self.frame = self.stack.removeLast()
    }

    @inline(__always) internal func checkCount() throws(JSONAPIReadError) {
        // Closing entries count as well: what is bounded is the memory of the tape.
        guard self.count < self.limits.values else { throw self.failure(.tooManyValues) }
    }

    @inline(never) internal func failure(_ reason: JSONAPIReadError.Reason) -> JSONAPIReadError {
        self.failure(reason, at: self.at)
    }
}
