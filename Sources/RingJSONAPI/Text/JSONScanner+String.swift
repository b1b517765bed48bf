extension JSONScanner {
    /// The rest of a string, on from its first byte of interest: the byte after the closing quote and the kind of string, or
    /// where and why it is none.
    ///
    /// A control character, half of a surrogate pair or bytes that are not UTF-8 spoil the string alone: it ends at its quote.
    @inline(never) internal func restOfString(
        from start: Int, at: Int
    ) -> (at: Int, tag: JSONEntry.Tag, fault: JSONAPIReadError.Reason?) {
        var at = at
        var (isEscaped, isASCII, isDecodable) = (false, true, true)
        while true {
            guard at < self.end else { return (at, .string, .unexpectedEnd) }
            switch self.byte(at) {
            case UInt8(ascii: "\""):
                if !isASCII, self.faultyUTF8(from: start, to: at) != nil { isDecodable = false }
                return (at + 1, isDecodable ? isEscaped ? .escapedString : .string : .undecodableString, nil)
            case UInt8(ascii: "\\"):
                isEscaped = true
                let (next, isHalf, fault) = self.escape(at)
                if let fault { return (next, .string, fault) }
                if isHalf { isDecodable = false }
                // Escapes come in crowds.
                at = self.byte(next) == UInt8(ascii: "\\") ? next : self.string(next)
            case 0x80...0xff:
                isASCII = false
                repeat { at += 1 } while self.byte(at) >= 0x80
                at = self.string(at)
            case 0..<0x20:
                isDecodable = false
                at += 1
            default: at += 1
            }
        }
    }

    /// One escape: the byte after it and whether it is half of a surrogate pair, or where and why it is none.
    private func escape(_ at: Int) -> (at: Int, isHalf: Bool, fault: JSONAPIReadError.Reason?) {
        guard at + 1 < self.end else { return (self.end, false, .unexpectedEnd) }
        switch self.byte(at + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return (at + 2, false, nil)
        case UInt8(ascii: "u"):
            let (unit, next, fault) = self.unit(at + 2)
            if fault != nil || unit & 0xf800 != 0xd800 { return (next, false, fault) }
            // The other half follows at once; what else follows is read by itself.
            guard unit < 0xdc00, self.byte(next) == UInt8(ascii: "\\"), self.byte(next + 1) == UInt8(ascii: "u")
            else { return (next, true, nil) }
            let second = self.unit(next + 2)
            guard second.fault == nil, second.unit & 0xfc00 == 0xdc00 else { return (next, true, nil) }
            return (second.at, false, nil)
        default: return (at, false, .invalidEscape)
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
