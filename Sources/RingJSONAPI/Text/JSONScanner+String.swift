extension JSONScanner {
    /// The rest of a string, on from its first byte of interest: the byte after the closing quote, or where and why it
    /// is no string.
    @inline(never) internal func restOfString(
        from start: Int, at: Int
    ) -> (at: Int, isEscaped: Bool, fault: JSONAPIReadError.Reason?) {
        var at = at
        var (isEscaped, isASCII) = (false, true)
        while true {
            guard at < self.end else { return (at, isEscaped, .unexpectedEnd) }
            switch self.byte(at) {
            case UInt8(ascii: "\""):
                if !isASCII, let fault = self.faultyUTF8(from: start, to: at) {
                    return (fault, isEscaped, .invalidUTF8)
                }
                return (at + 1, isEscaped, nil)
            case UInt8(ascii: "\\"):
                isEscaped = true
                let (next, fault) = self.escape(at)
                if let fault { return (next, isEscaped, fault) }
                // Escapes come in crowds.
                at = self.byte(next) == UInt8(ascii: "\\") ? next : self.string(next)
            case 0x80...0xff:
                isASCII = false
                repeat { at += 1 } while self.byte(at) >= 0x80
                at = self.string(at)
            case 0..<0x20: return (at, isEscaped, .controlCharacter)
            default: at += 1
            }
        }
    }

    /// One escape: the byte after it, or where and why it is none.
    private func escape(_ at: Int) -> (at: Int, fault: JSONAPIReadError.Reason?) {
        guard at + 1 < self.end else { return (self.end, .unexpectedEnd) }
        switch self.byte(at + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return (at + 2, nil)
        case UInt8(ascii: "u"):
            let (unit, next, fault) = self.unit(at + 2)
            if fault != nil || unit & 0xf800 != 0xd800 { return (next, fault) }
            guard unit < 0xdc00 else { return (at, .loneSurrogate) }
            guard at + 7 < self.end || self.end <= at + 6 || self.byte(at + 6) != UInt8(ascii: "\\") else {
                return (self.end, .unexpectedEnd)
            }
            guard self.end > at + 6 else { return (self.end, .unexpectedEnd) }
            guard self.byte(at + 6) == UInt8(ascii: "\\"), self.byte(at + 7) == UInt8(ascii: "u") else {
                return (at, .loneSurrogate)
            }
            let second = self.unit(at + 8)
            if second.fault != nil { return (second.at, second.fault) }
            return second.unit & 0xfc00 == 0xdc00 ? (at + 12, nil) : (at, .loneSurrogate)
        default: return (at, .invalidEscape)
        }
    }

    /// Four hexadecimal digits.
    private func unit(_ at: Int) -> (unit: UInt32, at: Int, fault: JSONAPIReadError.Reason?) {
        var unit: UInt32 = 0
        for index in at..<at + 4 {
            guard index < self.end else { return (0, self.end, .unexpectedEnd) }
            guard let digit = JSONUnescaper.hexadecimal(self.byte(index)) else { return (0, index, .invalidEscape) }
            unit = unit << 4 | digit
        }
        return (unit, at + 4, nil)
    }

    /// The first byte that breaks UTF-8 (RFC 3629): stray or missing continuations, overlong forms, surrogates, beyond
    /// U+10FFFF.
    private func faultyUTF8(from start: Int, to end: Int) -> Int? {
        var at = start
        while at < end {
            let lead = self.byte(at)
            if lead < 0x80 {
                at += 1
                continue
            }
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xbf
            switch lead {
            case 0xc2...0xdf: length = 2
            case 0xe0: (length, second) = (3, 0xa0...0xbf)
            case 0xed: (length, second) = (3, 0x80...0x9f)
            case 0xe1...0xef: length = 3
            case 0xf0: (length, second) = (4, 0x90...0xbf)
            case 0xf4: (length, second) = (4, 0x80...0x8f)
            case 0xf1...0xf3: length = 4
            default: return at
            }
            guard at + length <= end, second.contains(self.byte(at + 1)) else { return at }
            for next in at + 2..<at + max(length, 2) where self.byte(next) & 0xc0 != 0x80 { return at }
            at += length
        }
        return nil
    }
}
