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

    /// Moves behind a byte of the grammar, white space before it included; `false`, and at the first other byte, when
    /// something else stands there.
    @inline(__always) internal func take(_ wanted: UInt8, _ at: inout Int) -> Bool {
        if self.byte(at) != wanted {
            at = self.space(at)
            guard self.byte(at) == wanted else { return false }
        }
        at &+= 1
        return true
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

    /// The first quote, backslash, control character or byte from 0x80; sixteen bytes at a time, and thirty-two when the
    /// first sixteen are past.
    @inline(__always) internal func string(_ at: Int) -> Int {
        guard at &+ 16 <= self.end else { return self.stringNearEnd(at) }
        return self.edges(at).first.map { at &+ $0 } ?? self.longString(at &+ 16)
    }

    @inline(never) private func longString(_ at: Int) -> Int {
        var at = at
        while at &+ 32 <= self.end, self.edges(at).merged(with: self.edges(at &+ 16)).isEmpty { at &+= 32 }
        while at &+ 16 <= self.end {
            if let first = self.edges(at).first { return at &+ first }
            at &+= 16
        }
        return self.stringNearEnd(at)
    }

    @inline(never) private func stringNearEnd(_ at: Int) -> Int {
        var at = at
        while at < self.end, Self.isPlain(unsafe self.base[at]) { at &+= 1 }
        return at
    }

    /// Which of sixteen bytes end the plain part of a string: those of their bytes are not zero.
    private struct Edges {
        var marks: SIMDMask<SIMD16<Int8>>

        @inline(__always) private var halves: SIMD2<UInt64> { unsafe unsafeBitCast(self.marks, to: SIMD2<UInt64>.self) }

        @inline(__always) var isEmpty: Bool { self.halves[0] | self.halves[1] == 0 }

        /// How many bytes stand before the first one.
        @inline(__always) var first: Int? {
            let low = UInt64(littleEndian: self.halves[0])
            if low != 0 { return low.trailingZeroBitCount &>> 3 }
            let high = UInt64(littleEndian: self.halves[1])
            return high != 0 ? 8 &+ high.trailingZeroBitCount &>> 3 : nil
        }

        @inline(__always) func merged(with other: Edges) -> Edges { Edges(marks: self.marks .| other.marks) }
    }

    /// The caller has compared `at + 16` with `end`.
    @inline(__always) private func edges(_ at: Int) -> Edges {
        let block = unsafe UnsafeRawPointer(self.base + at).loadUnaligned(as: SIMD16<Int8>.self)
        // A quote next to the control characters: the second bit swaps it with the space. Bytes from 0x80 are negative.
        let others = (block ^ SIMD16<Int8>(repeating: 2)) .< SIMD16<Int8>(repeating: 0x21)
        let slashes = block .== SIMD16<Int8>(repeating: 0x5c)
        return Edges(marks: slashes .| others)
    }

    @inline(__always) private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Six bits made of a name's length and its first and last byte. Quotes stand around it, so an empty one has both.
    @inline(__always) internal func fingerprint(_ offset: Int, _ length: Int) -> UInt64 {
        let first = UInt64(unsafe self.base[offset])
        let last = UInt64(unsafe self.base[offset &+ length &- 1])
        return (first &* 5 &+ last &* 3 &+ UInt64(truncatingIfNeeded: length) &* 9) & 63
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
