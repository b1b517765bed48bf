extension JSONReader {
    /// Reads a string at its opening quote, and appends its entry.
    ///
    /// Sixteen bytes at a time: of interest are quotes, backslashes, control characters and all bytes from 0x80.
    @inline(__always) internal mutating func string() throws(JSONAPIReadError) {
        let start = self.at + 1
        self.at = start
        while self.at + 16 <= self.end {
            let (low, high) = (Self.hits(self.word(self.at)), Self.hits(self.word(self.at + 8)))
            if low | high == 0 {
                self.at += 16
                continue
            }
            self.at += low != 0 ? low.trailingZeroBitCount >> 3 : 8 + high.trailingZeroBitCount >> 3
            break
        }
        if self.at < self.end, self.byte(self.at) == UInt8(ascii: "\"") {
            try self.append(.string, offset: start, number: self.at - start)
            self.at += 1
            return
        }
        let (next, isEscaped) = try self.restOfString(from: start)
        self.at = next
        try self.append(isEscaped ? .escapedString : .string, offset: start, number: next - 1 - start)
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

    /// Reads a string on from its first byte of interest; gives the byte after the closing quote.
    @inline(never) private func restOfString(from start: Int) throws(JSONAPIReadError) -> (Int, isEscaped: Bool) {
        var rest = self
        let isEscaped = try rest.stringBody(from: start)
        return (rest.at, isEscaped)
    }

    /// Moves behind the closing quote; tells whether the string holds escapes.
    ///
    /// Eight bytes at a time. Only the lowest hit of a word counts, since a borrow can fake hits above a true one, never
    /// below.
    private mutating func stringBody(from start: Int) throws(JSONAPIReadError) -> Bool {
        var isEscaped = false
        var high: UInt64 = 0
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        while true {
            while self.at + 8 <= self.end {
                let word = self.word(self.at)
                let quote = word ^ 0x2222_2222_2222_2222
                let slash = word ^ 0x5c5c_5c5c_5c5c_5c5c
                let control = (word &- 0x2020_2020_2020_2020) & ~word
                let hits = (((quote &- ones) & ~quote) | ((slash &- ones) & ~slash) | control) & tops
                if hits == 0 {
                    high |= word
                    self.at += 8
                    continue
                }
                // Of the top bits, those of the bytes before the hit.
                high |= word & ((hits & (0 &- hits)) &- 1)
                self.at += hits.trailingZeroBitCount >> 3
                break
            }
            guard self.at < self.end else { throw self.failure(.unexpectedEnd) }
            let byte = self.byte(self.at)
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                try self.escape()
            } else {
                guard byte >= 0x20 else { throw self.failure(.controlCharacter) }
                high |= UInt64(byte)
                self.at += 1
            }
        }
        if high & tops != 0 { try self.checkUTF8(from: start, to: self.at) }
        self.at += 1
        return isEscaped
    }

    /// Checks one escape and moves behind it.
    private mutating func escape() throws(JSONAPIReadError) {
        guard self.at + 1 < self.end else { throw self.failure(.unexpectedEnd, at: self.end) }
        switch self.byte(self.at + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            self.at += 2
        case UInt8(ascii: "u"):
            let unit = try self.hexadecimal(self.at + 2)
            if unit & 0xf800 == 0xd800 {
                guard unit < 0xdc00 else { throw self.failure(.loneSurrogate) }
                for (index, expected) in [(self.at + 6, UInt8(ascii: "\\")), (self.at + 7, UInt8(ascii: "u"))] {
                    guard index < self.end else { throw self.failure(.unexpectedEnd, at: self.end) }
                    guard self.byte(index) == expected else { throw self.failure(.loneSurrogate) }
                }
                guard try self.hexadecimal(self.at + 8) & 0xfc00 == 0xdc00 else { throw self.failure(.loneSurrogate) }
                self.at += 6
            }
            self.at += 6
        default: throw self.failure(.invalidEscape)
        }
    }

    private func hexadecimal(_ index: Int) throws(JSONAPIReadError) -> UInt32 {
        var value: UInt32 = 0
        for index in index..<index + 4 {
            guard index < self.end else { throw self.failure(.unexpectedEnd, at: self.end) }
            guard let digit = JSONUnescaper.hexadecimal(self.byte(index)) else {
                throw self.failure(.invalidEscape, at: index)
            }
            value = value << 4 | digit
        }
        return value
    }

    /// Refuses what is not UTF-8 (RFC 3629): stray or missing continuations, overlong forms, surrogates, beyond
    /// U+10FFFF.
    @inline(never) private func checkUTF8(from start: Int, to end: Int) throws(JSONAPIReadError) {
        var index = start
        while index < end {
            let lead = self.byte(index)
            if lead < 0x80 {
                index += 1
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
            default: throw self.failure(.invalidUTF8, at: index)
            }
            guard index + length <= end, second.contains(self.byte(index + 1)) else {
                throw self.failure(.invalidUTF8, at: index)
            }
            for next in index + 2..<index + max(length, 2) where self.byte(next) & 0xc0 != 0x80 {
                throw self.failure(.invalidUTF8, at: index)
            }
            index += length
        }
    }
}
