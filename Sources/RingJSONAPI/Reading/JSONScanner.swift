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

    /// The first byte that is not white space.
    @inline(__always) internal func space(_ at: Int) -> Int {
        var at = at
        while at < self.end {
            let byte = unsafe self.base[at]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return at }
            at += 1
        }
        return at
    }

    /// The first quote, backslash, control character or byte from 0x80; sixteen bytes at a time.
    @inline(__always) internal func string(_ at: Int) -> Int {
        var at = at
        while at + 16 <= self.end {
            let (low, high) = (Self.hits(self.word(at)), Self.hits(self.word(at + 8)))
            if low | high == 0 {
                at += 16
                continue
            }
            return at + (low != 0 ? low.trailingZeroBitCount >> 3 : 8 + high.trailingZeroBitCount >> 3)
        }
        // Near the end of the text: the caller goes on byte by byte, unless the string ends here.
        while at < self.end, unsafe Self.hits(UInt64(self.base[at]) | 0x4141_4141_4141_4100) == 0 { at += 1 }
        return at
    }

    /// Sets the top bit of each byte of interest. Only the lowest hit counts, since a borrow can fake hits above a true
    /// one, never below.
    @inline(__always) private static func hits(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = (word ^ 0x2222_2222_2222_2222) &- ones
        let slash = (word ^ 0x5c5c_5c5c_5c5c_5c5c) &- ones
        let control = word &- 0x2020_2020_2020_2020
        return (quote | slash | control | word) & 0x8080_8080_8080_8080
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
