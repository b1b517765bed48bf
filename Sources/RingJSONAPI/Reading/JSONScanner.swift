/// Finds where the parts of a JSON text end. Pure functions over the bytes: they take a position and give one.
///
/// `@safe` although it holds a pointer: every access is behind a comparison with `end`.
@safe
internal struct JSONScanner {
    internal let base: UnsafePointer<UInt8>
    internal let end: Int

    /// A byte; 0, which can stand nowhere outside of strings, behind the end.
    @inline(__always) internal func byte(_ at: Int) -> UInt8 { at < self.end ? unsafe self.base[at] : 0 }

    /// Eight bytes, the first one lowest. The caller has compared `at + 8` with `end`.
    @inline(__always) private func word(_ at: Int) -> UInt64 {
        let raw = unsafe UnsafeRawPointer(self.base + at).loadUnaligned(as: UInt64.self)
        return UInt64(littleEndian: raw)
    }

    internal var startsWithByteOrderMark: Bool {
        self.byte(0) == 0xef && self.byte(1) == 0xbb && self.byte(2) == 0xbf
    }

    /// Moves to the first byte that is not white space, and gives it; 0 at the end.
    @inline(__always) internal func next(_ at: inout Int) -> UInt8 {
        let byte = self.byte(at)
        if byte > 0x20 { return byte }
        at = self.space(at)
        return self.byte(at)
    }

    /// The first byte that is not white space.
    @inline(never) internal func space(_ at: Int) -> Int {
        var at = at
        while at < self.end {
            let byte = unsafe self.base[at]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return at }
            at += 1
        }
        return at
    }

    /// The first quote, backslash, control character or byte from 0x80; sixteen bytes at a time.
    @inline(__always) internal func string(_ at: Int) -> Int {
        var at = at
        while at + 16 <= self.end {
            let block = unsafe UnsafeRawPointer(self.base + at).loadUnaligned(as: SIMD16<Int8>.self)
            // Control characters, and as negative numbers all bytes from 0x80.
            let edges = block .< SIMD16<Int8>(repeating: 0x20)
            let quotes = block .== SIMD16<Int8>(repeating: 0x22)
            let slashes = block .== SIMD16<Int8>(repeating: 0x5c)
            let halves = unsafe unsafeBitCast(quotes .| slashes .| edges, to: SIMD2<UInt64>.self)
            let (low, high) = (UInt64(littleEndian: halves[0]), UInt64(littleEndian: halves[1]))
            if low | high == 0 {
                at += 16
                continue
            }
            return at + (low != 0 ? low.trailingZeroBitCount >> 3 : 8 + high.trailingZeroBitCount >> 3)
        }
        // Near the end of the text.
        while at < self.end, Self.isPlain(unsafe self.base[at]) { at += 1 }
        return at
    }

    @inline(__always) private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Six bits made of a name's length and its first and last bytes.
    @inline(__always) internal func fingerprint(_ offset: Int, _ length: Int) -> UInt64 {
        var head = UInt64(truncatingIfNeeded: length)
        if offset + 8 <= self.end {
            let word = self.word(offset)
            head ^= length < 8 ? word & (1 &<< UInt64(length * 8) &- 1) : word
            if length > 8 { head = head &+ self.word(offset + length - 8) &* 31 }
        }
        return (head &* 0x9e37_79b9_7f4a_7c15) &>> 58
    }

    /// The byte after a whole number; negative when it is none.
    @inline(__always) internal func integer(_ at: Int) -> Int {
        let start = self.byte(at) == UInt8(ascii: "-") ? at + 1 : at
        var at = start
        while self.isDigit(at) { at += 1 }
        guard at > start, at == start + 1 || self.byte(start) != UInt8(ascii: "0") else { return -1 }
        return at
    }

    @inline(__always) internal func isDigit(_ at: Int) -> Bool { self.byte(at) &- 0x30 < 10 }

    @inline(__always) internal func continuesNumber(_ at: Int) -> Bool {
        let byte = self.byte(at)
        return byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
    }

    /// A number by the grammar of RFC 8259 section 6: the byte after it, or where and why it is none.
    @inline(never) internal func number(_ at: Int) -> (at: Int, fault: JSONAPIReadError.Reason?) {
        var at = self.byte(at) == UInt8(ascii: "-") ? at + 1 : at
        func digits() -> JSONAPIReadError.Reason? {
            guard at < self.end else { return .unexpectedEnd }
            guard self.isDigit(at) else { return .invalidNumber }
            while self.isDigit(at) { at += 1 }
            return nil
        }
        if self.byte(at) == UInt8(ascii: "0") {
            at += 1
            if self.isDigit(at) { return (at, .invalidNumber) }
        } else if let fault = digits() {
            return (at, fault)
        }
        if self.byte(at) == UInt8(ascii: ".") {
            at += 1
            if let fault = digits() { return (at, fault) }
        }
        if self.byte(at) | 0x20 == UInt8(ascii: "e") {
            at += 1
            if self.byte(at) == UInt8(ascii: "+") || self.byte(at) == UInt8(ascii: "-") { at += 1 }
            if let fault = digits() { return (at, fault) }
        }
        return (at, nil)
    }

    private static func letters(_ first: UInt8) -> (letters: UInt64, length: Int, tag: JSONEntry.Tag) {
        switch first {
        case UInt8(ascii: "t"): (0x6575_7274, 4, .true)
        case UInt8(ascii: "f"): (0x65_736c_6166, 5, .false)
        default: (0x6c6c_756e, 4, .null)
        }
    }

    /// The word that begins here, `true`, `false` or `null`; its length is 0 when it is none.
    @inline(__always) internal func literal(_ at: Int, _ first: UInt8) -> (tag: JSONEntry.Tag, length: Int) {
        let (letters, length, tag) = Self.letters(first)
        guard at + 8 <= self.end else {
            return (tag, self.literalFault(at, first) == at + length ? length : 0)
        }
        return (tag, self.word(at) & (1 &<< UInt64(length * 8) &- 1) == letters ? length : 0)
    }

    /// Where a word goes wrong; behind it when it does not.
    @inline(never) internal func literalFault(_ at: Int, _ first: UInt8) -> Int {
        let (letters, length, _) = Self.letters(first)
        for index in 0..<length where self.byte(at + index) != UInt8(letters >> UInt64(index * 8) & 0xff) {
            return at + index
        }
        return at + length
    }
}
