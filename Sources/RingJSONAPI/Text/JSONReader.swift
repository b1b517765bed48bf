/// Reads a JSON text in one pass, without recursion, and builds the index over it.
///
/// `@safe` although it holds pointers: it exists only inside ``JSONText/init(reading:limits:)``, which keeps the bytes
/// alive around it, and every access is behind a comparison with `end` or a capacity.
@safe
internal struct JSONReader {
    /// An array or object that is still open. Small: one is written and read back for every container.
    internal struct Frame {
        /// One bit for each fingerprint of a name seen: a first, cheap test for duplicates.
        internal var fingerprints: UInt64 = 0
        internal var open: Int32
        internal var count: Int32 = 0
        /// The bracket that ends it; 0 for the whole text.
        internal var closing: UInt8
        /// Names of this object must be compared in meaning once it is complete.
        internal var needsNameCheck = false
        internal var hasDuplicates = false

        @inline(__always) internal var isObject: Bool { self.closing == UInt8(ascii: "}") }
    }

    internal let base: UnsafePointer<UInt8>
    internal let end: Int
    internal let limits: JSONAPILimits
    internal var tape: UnsafeMutablePointer<UInt64>
    internal var capacity: Int
    internal var count = 0
    /// The open containers; the first frame stands for the whole text.
    internal var stack: UnsafeMutablePointer<Frame>
    internal var stackCapacity: Int
    internal var depth = 0
    internal var duplicates: [Int] = []
    internal var undecodable: [Int] = []

    /// Entries that may be appended after one look at the capacity: a name and its value.
    private static let slack = 2

    internal init(base: UnsafePointer<UInt8>, count: Int, limits: JSONAPILimits) {
        unsafe self.base = base
        self.end = count
        self.limits = limits
        // Space for the usual share of entries in a document. Denser ones make the tape grow.
        self.capacity = max(min(count / 11 + 16, limits.values), 0)
        unsafe self.tape = .allocate(capacity: self.capacity + Self.slack)
        self.stackCapacity = max(min(16, limits.depth), 0)
        unsafe self.stack = .allocate(capacity: self.stackCapacity + 1)
        unsafe self.stack.initialize(to: Frame(open: -1, closing: 0))
    }

    /// Ends the reader after a fault.
    internal mutating func abandon() {
        unsafe self.tape.deallocate()
        unsafe self.stack.deallocate()
    }

    /// Ends the reader, and gives the tape with its memory away.
    internal mutating func finish() -> UnsafeBufferPointer<UInt64> {
        unsafe self.stack.deallocate()
        // Few values for so many bytes: long strings. The text may live long, so give back what it did not need.
        let tape =
            unsafe self.count < self.capacity / 2
            ? Self.moved(self.tape, count: self.count, to: self.count) : self.tape
        return unsafe UnsafeBufferPointer(start: tape, count: self.count)
    }

    @inline(__always) internal func byte(_ index: Int) -> UInt8 { unsafe self.base[index] }

    @inline(__always) internal func entry(_ index: Int) -> JSONEntry { JSONEntry(bits: unsafe self.tape[index]) }

    /// Reads the whole text.
    ///
    /// One function on purpose, with its state in local variables and one exit for all faults: in parts, with the state
    /// in the struct, it takes more than twice as long (`read.devices` in `Benchmarks/`).
    internal mutating func read() throws(JSONAPIReadError) {
        let scanner = unsafe JSONScanner(base: self.base, end: self.end)
        var tape = unsafe self.tape
        var capacity = self.capacity
        var count = 0
        // The frames stay in memory: as local variables they leave too few registers for the rest.
        var frame = unsafe self.stack
        var deepest = unsafe frame + self.stackCapacity
        var fault = JSONAPIReadError.Reason.unexpectedByte
        // RFC 8259 section 8.1: a parser may ignore a byte order mark.
        var at = scanner.space(scanner.startsWithByteOrderMark ? 3 : 0)
        if at == scanner.end { throw self.failure(.empty, at: at) }

        faulty: do {
            reading: while true {
                if count >= capacity {
                    self.count = count
                    guard self.growTape() else {
                        fault = .tooManyValues
                        break faulty
                    }
                    unsafe tape = self.tape
                    capacity = self.capacity
                }
                if unsafe frame.pointee.isObject {
                    guard scanner.take(UInt8(ascii: "\""), &at) else { break faulty }
                    let start = at
                    at = scanner.string(start)
                    if scanner.byte(at) == UInt8(ascii: "\"") {
                        unsafe tape[count] = JSONEntry(.string, offset: start, number: at &- start).bits
                        let bit = 1 as UInt64 &<< scanner.fingerprint(start, at &- start)
                        if unsafe frame.pointee.fingerprints & bit != 0 {
                            unsafe self.compareNames(with: count, in: frame)
                        }
                        unsafe frame.pointee.fingerprints |= bit
                        at &+= 1
                    } else {
                        let rest = scanner.restOfString(from: start, at: at)
                        at = rest.at
                        if let reason = rest.fault {
                            fault = reason
                            break faulty
                        }
                        unsafe tape[count] = JSONEntry(rest.tag, offset: start, number: at &- 1 &- start).bits
                        if rest.tag == .undecodableString { self.noteUndecodable(count &+ 1) }
                        // Rare enough to compare in meaning, once the object is complete.
                        unsafe frame.pointee.needsNameCheck = true
                    }
                    count &+= 1
                    guard scanner.take(UInt8(ascii: ":"), &at) else { break faulty }
                }
                let byte = scanner.next(&at)
                if byte == UInt8(ascii: "\"") {
                    let start = at &+ 1
                    at = scanner.string(start)
                    if scanner.byte(at) == UInt8(ascii: "\"") {
                        unsafe tape[count] = JSONEntry(.string, offset: start, number: at &- start).bits
                        at &+= 1
                    } else {
                        let rest = scanner.restOfString(from: start, at: at)
                        at = rest.at
                        if let reason = rest.fault {
                            fault = reason
                            break faulty
                        }
                        unsafe tape[count] = JSONEntry(rest.tag, offset: start, number: at &- 1 &- start).bits
                        if rest.tag == .undecodableString { self.noteUndecodable(count) }
                    }
                    count &+= 1
                    unsafe frame.pointee.count &+= 1
                } else if byte | 0x20 == UInt8(ascii: "{") {
                    // A brace, or the bracket that is one bit away from it.
                    if unsafe frame == deepest {
                        unsafe self.depth = frame - self.stack
                        guard self.growStack() else {
                            fault = .tooDeep
                            break faulty
                        }
                        unsafe frame = self.stack + self.depth
                        unsafe deepest = self.stack + self.stackCapacity
                    }
                    unsafe frame += 1
                    // The brackets of JSON are two apart.
                    let closing = byte &+ 2
                    unsafe frame.initialize(to: Frame(open: Int32(truncatingIfNeeded: count), closing: closing))
                    let tag: JSONEntry.Tag = byte == UInt8(ascii: "{") ? .object : .array
                    unsafe tape[count] = JSONEntry(tag, offset: at, number: 0).bits
                    count &+= 1
                    at &+= 1
                    // An empty container is closed below, like any other.
                    if scanner.next(&at) != closing { continue reading }
                } else if byte &- 0x30 < 10 || byte == UInt8(ascii: "-") {
                    let start = at
                    var tag = JSONEntry.Tag.integer
                    at = scanner.integer(at)
                    if at < 0 || scanner.continuesNumber(at) {
                        let rest = scanner.number(start)
                        at = rest.at
                        if let reason = rest.fault {
                            fault = reason
                            break faulty
                        }
                        tag = .decimal
                    }
                    unsafe tape[count] = JSONEntry(tag, offset: start, number: at &- start).bits
                    count &+= 1
                    unsafe frame.pointee.count &+= 1
                } else {
                    let word = scanner.literal(at, byte)
                    guard word.length > 0 else {
                        at = scanner.literalFault(at, byte)
                        break faulty
                    }
                    unsafe tape[count] = JSONEntry(word.tag, offset: at, number: 0).bits
                    at &+= word.length
                    count &+= 1
                    unsafe frame.pointee.count &+= 1
                }
                // What separates a value from the next one, or ends its container.
                while unsafe frame.pointee.open >= 0 {
                    let byte = scanner.next(&at)
                    if byte == UInt8(ascii: ",") {
                        at &+= 1
                        continue reading
                    }
                    guard unsafe byte == frame.pointee.closing else { break faulty }
                    if count >= capacity {
                        self.count = count
                        guard self.growTape() else {
                            fault = .tooManyValues
                            break faulty
                        }
                        unsafe tape = self.tape
                        capacity = self.capacity
                    }
                    if unsafe frame.pointee.needsNameCheck { unsafe self.checkNames(of: frame, until: count) }
                    unsafe tape[count] = JSONEntry(.end, offset: at, number: Int(frame.pointee.count)).bits
                    count &+= 1
                    let open = unsafe Int(frame.pointee.open)
                    unsafe tape[open] =
                        JSONEntry(bits: tape[open]).closed(next: count, frame.pointee.hasDuplicates).bits
                    at &+= 1
                    unsafe frame -= 1
                    unsafe frame.pointee.count &+= 1
                }
                break
            }
            at = scanner.space(at)
            if at == scanner.end {
                self.count = count
                return
            }
            fault = .trailingBytes
        }
        self.count = count
        unsafe self.depth = frame - self.stack
        throw self.failure(fault, at: at)
    }

    /// Doubles the tape; `false` when the limit is reached.
    @inline(never) private mutating func growTape() -> Bool {
        guard self.count < self.limits.values else { return false }
        self.capacity = min(max(self.capacity * 2, 16), self.limits.values)
        unsafe self.tape = Self.moved(self.tape, count: self.count, to: self.capacity + Self.slack)
        return true
    }

    /// Doubles the stack; `false` when the limit is reached.
    @inline(never) private mutating func growStack() -> Bool {
        guard self.depth < self.limits.depth else { return false }
        self.stackCapacity = min(self.stackCapacity * 2, self.limits.depth)
        unsafe self.stack = Self.moved(self.stack, count: self.depth + 1, to: self.stackCapacity + 1)
        return true
    }

    private static func moved<Element>(
        _ memory: UnsafeMutablePointer<Element>, count: Int, to capacity: Int
    ) -> UnsafeMutablePointer<Element> {
        let other = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        unsafe other.moveInitialize(from: memory, count: count)
        unsafe memory.deallocate()
        return unsafe other
    }
}
