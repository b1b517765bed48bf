/// Reads a JSON text in one pass, without recursion, and builds the index over it.
///
/// `@safe` although it holds pointers: it exists only inside ``JSONText/init(reading:limits:)``, which keeps the bytes
/// alive around it, and every access is behind a comparison with `end` or a capacity.
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
    }

    internal let base: UnsafePointer<UInt8>
    internal let end: Int
    internal let limits: JSONAPILimits
    internal var tape: UnsafeMutablePointer<UInt64>
    internal var capacity: Int
    internal var count = 0
    /// The containers around the innermost one, which is `frame`.
    internal var stack: UnsafeMutablePointer<Frame>
    internal var stackCapacity: Int
    internal var depth = 0
    internal var frame = Frame(open: -1, isObject: false)
    internal var duplicates: [Int] = []

    /// Entries that may be appended after one look at the capacity: a name and its value.
    private static let slack = 2

    internal init(base: UnsafePointer<UInt8>, count: Int, limits: JSONAPILimits) {
        unsafe self.base = base
        self.end = count
        self.limits = limits
        // A guess for dense documents; the tape grows when it is wrong.
        self.capacity = max(min(count / 8 + 16, limits.values), 0)
        unsafe self.tape = .allocate(capacity: self.capacity + Self.slack)
        self.stackCapacity = max(min(16, limits.depth), 0)
        unsafe self.stack = .allocate(capacity: self.stackCapacity)
    }

    internal func deallocate() {
        unsafe self.tape.deallocate()
        unsafe self.stack.deallocate()
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
        var depth = 0
        var frame = self.frame
        var fault = JSONAPIReadError.Reason.unexpectedByte
        var at = 0
        if scanner.startsWithByteOrderMark { throw self.failure(.byteOrderMark, at: 0) }
        at = scanner.space(at)
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
                if frame.isObject {
                    guard scanner.next(&at) == UInt8(ascii: "\"") else { break faulty }
                    let start = at + 1
                    at = scanner.string(start)
                    if scanner.byte(at) == UInt8(ascii: "\"") {
                        unsafe tape[count] = JSONEntry(.string, offset: start, number: at - start).bits
                        let bit = 1 as UInt64 &<< scanner.fingerprint(start, at - start)
                        if frame.fingerprints & bit != 0 { self.compareNames(with: count, in: &frame) }
                        frame.fingerprints |= bit
                        at += 1
                    } else {
                        let rest = scanner.restOfString(from: start, at: at)
                        at = rest.at
                        if let reason = rest.fault {
                            fault = reason
                            break faulty
                        }
                        let tag: JSONEntry.Tag = rest.isEscaped ? .escapedString : .string
                        unsafe tape[count] = JSONEntry(tag, offset: start, number: at - 1 - start).bits
                        // Rare enough to compare in meaning, once the object is complete.
                        frame.needsNameCheck = true
                    }
                    frame.lastName = count
                    count += 1
                    guard scanner.next(&at) == UInt8(ascii: ":") else { break faulty }
                    at += 1
                }
                let byte = scanner.next(&at)
                switch byte {
                case UInt8(ascii: "\""):
                    let start = at + 1
                    at = scanner.string(start)
                    if scanner.byte(at) == UInt8(ascii: "\"") {
                        unsafe tape[count] = JSONEntry(.string, offset: start, number: at - start).bits
                        at += 1
                    } else {
                        let rest = scanner.restOfString(from: start, at: at)
                        at = rest.at
                        if let reason = rest.fault {
                            fault = reason
                            break faulty
                        }
                        let tag: JSONEntry.Tag = rest.isEscaped ? .escapedString : .string
                        unsafe tape[count] = JSONEntry(tag, offset: start, number: at - 1 - start).bits
                    }
                    count += 1
                    frame.count += 1
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    if depth == self.stackCapacity {
                        self.depth = depth
                        guard self.growStack() else {
                            fault = .tooDeep
                            break faulty
                        }
                    }
                    unsafe (self.stack + depth).initialize(to: frame)
                    depth += 1
                    frame = Frame(open: count, isObject: byte == UInt8(ascii: "{"))
                    unsafe tape[count] = JSONEntry(frame.isObject ? .object : .array, offset: at, number: 0).bits
                    count += 1
                    at += 1
                    // The brackets of JSON are two apart. An empty container is closed below, like any other.
                    if scanner.next(&at) != byte + 2 { continue reading }
                case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
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
                    unsafe tape[count] = JSONEntry(tag, offset: start, number: at - start).bits
                    count += 1
                    frame.count += 1
                case UInt8(ascii: "t"), UInt8(ascii: "n"), UInt8(ascii: "f"):
                    let word = scanner.literal(at, byte)
                    guard word.length > 0 else {
                        at = scanner.literalFault(at, byte)
                        break faulty
                    }
                    unsafe tape[count] = JSONEntry(word.tag, offset: at, number: 0).bits
                    at += word.length
                    count += 1
                    frame.count += 1
                default: break faulty
                }
                // What separates a value from the next one, or ends its container.
                while depth > 0 {
                    let byte = scanner.next(&at)
                    if byte == UInt8(ascii: ",") {
                        at += 1
                        continue reading
                    }
                    guard byte == (frame.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { break faulty }
                    if count >= capacity {
                        self.count = count
                        guard self.growTape() else {
                            fault = .tooManyValues
                            break faulty
                        }
                        unsafe tape = self.tape
                        capacity = self.capacity
                    }
                    if frame.needsNameCheck { frame.hasDuplicates = self.checkNames(of: frame, until: count) }
                    unsafe tape[count] = JSONEntry(.end, offset: at, number: frame.count).bits
                    count += 1
                    let object: JSONEntry.Tag = frame.hasDuplicates ? .objectWithDuplicates : .object
                    let offset = JSONEntry(bits: unsafe tape[frame.open]).offset
                    unsafe tape[frame.open] =
                        JSONEntry(frame.isObject ? object : .array, offset: offset, number: count).bits
                    at += 1
                    depth -= 1
                    frame = unsafe self.stack[depth]
                    frame.count += 1
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
        (self.count, self.depth, self.frame) = (count, depth, frame)
        throw self.failure(fault, at: at)
    }

    /// Doubles the tape; `false` when the limit is reached.
    @inline(never) private mutating func growTape() -> Bool {
        guard self.count < self.limits.values else { return false }
        self.capacity = min(self.capacity * 2, self.limits.values)
        unsafe self.tape = Self.grown(self.tape, count: self.count, to: self.capacity + Self.slack)
        return true
    }

    /// Doubles the stack; `false` when the limit is reached.
    @inline(never) private mutating func growStack() -> Bool {
        guard self.depth < self.limits.depth else { return false }
        self.stackCapacity = min(self.stackCapacity * 2, self.limits.depth)
        unsafe self.stack = Self.grown(self.stack, count: self.depth, to: self.stackCapacity)
        return true
    }

    private static func grown<Element>(
        _ memory: UnsafeMutablePointer<Element>, count: Int, to capacity: Int
    ) -> UnsafeMutablePointer<Element> {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        unsafe larger.moveInitialize(from: memory, count: count)
        unsafe memory.deallocate()
        return unsafe larger
    }
}
