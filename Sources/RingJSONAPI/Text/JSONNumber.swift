/// Exact readings of a number's text.
///
/// The text follows the grammar of RFC 8259, or is a string that ``isNumber(_:)`` or ``isWhole(_:)`` let pass.
internal enum JSONNumber {
    /// Whether a string holds decimal digits and nothing else but a minus.
    internal static func isWhole(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let digits = unsafe text.dropFirst(text.first == UInt8(ascii: "-") ? 1 : 0)
        return unsafe !digits.isEmpty && digits.allSatisfy { $0 &- 0x30 < 10 }
    }

    /// Whether a string holds a number in JSON's grammar; leading zeros are let pass.
    internal static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        func digits() -> Bool {
            let count = rest.count
            rest = rest.drop { $0 &- 0x30 < 10 }
            return rest.count < count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        guard digits() else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() else { return false }
        }
        if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard digits() else { return false }
        }
        return rest.isEmpty
    }

    internal static func int64(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        // The usual number: up to 18 digits, nothing else.
        if text.count <= 18, let first = unsafe text.first {
            let isNegative = first == UInt8(ascii: "-")
            var value: Int64 = 0
            var index = isNegative ? 1 : 0
            while index < text.count {
                let digit = unsafe text[index] &- 0x30
                guard digit < 10 else { break }
                value = value &* 10 &+ Int64(digit)
                index += 1
            }
            if index == text.count { return isNegative ? -value : value }
        }
        return unsafe JSONDecimal(Array(text)[...]).int64
    }

    internal static func double(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        // The corners of most zones are 0 and 1.
        if text.count == 1 { return unsafe Double(text[0] &- 0x30) }
        // Exact when the digits fit 53 bits and the power of ten is itself exact (Clinger's fast path).
        if text.count <= 17, let first = unsafe text.first {
            let isNegative = first == UInt8(ascii: "-")
            var digits: UInt64 = 0
            var point = -1
            var index = isNegative ? 1 : 0
            while index < text.count {
                let byte = unsafe text[index]
                if byte &- 0x30 < 10 {
                    digits = digits &* 10 &+ UInt64(byte &- 0x30)
                } else if byte == UInt8(ascii: ".") {
                    point = index
                } else {
                    break
                }
                index += 1
            }
            if index == text.count, digits < 1 << 53 {
                let value = point < 0 ? Double(digits) : Double(digits) / self.powerOfTen(index - point - 1)
                return isNegative ? -value : value
            }
        }
        guard let value = unsafe Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// 10 to the power of 0 to 22; all of them are exact.
    private static func powerOfTen(_ exponent: Int) -> Double {
        switch exponent {
        case 0: 1
        case 1: 1e1
        case 2: 1e2
        case 3: 1e3
        case 4: 1e4
        case 5: 1e5
        case 6: 1e6
        default: (7..<exponent).reduce(1e7) { power, _ in power * 10 }
        }
    }
}

/// A number in the one form that all its spellings share: digits without zeros at either end, and a power of ten.
internal struct JSONDecimal: Hashable {
    internal var isNegative = false
    internal var digits: [UInt8] = []
    internal var exponent: Int64 = 0

    internal init(_ text: ArraySlice<UInt8>) {
        var rest = text
        if rest.first == UInt8(ascii: "-") {
            self.isNegative = true
            rest = rest.dropFirst()
        }
        self.digits.reserveCapacity(rest.count)
        var isFraction = false
        while let byte = rest.first, byte | 0x20 != UInt8(ascii: "e") {
            rest = rest.dropFirst()
            guard byte != UInt8(ascii: ".") else {
                isFraction = true
                continue
            }
            if isFraction { self.exponent -= 1 }
            if byte != UInt8(ascii: "0") || !self.digits.isEmpty { self.digits.append(byte) }
        }
        self.exponent += Self.exponent(rest.dropFirst())
        while self.digits.last == UInt8(ascii: "0") {
            self.digits.removeLast()
            self.exponent += 1
        }
        if self.digits.isEmpty { (self.isNegative, self.exponent) = (false, 0) }
    }

    /// An exponent's digits; absurd ones end at a bound far beyond any text's length.
    private static func exponent(_ text: ArraySlice<UInt8>) -> Int64 {
        let isNegative = text.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in text where byte &- 0x30 < 10 { value = min(value * 10 + Int64(byte &- 0x30), 1 << 40) }
        return isNegative ? -value : value
    }

    internal var int64: Int64? {
        guard self.exponent >= 0, Int64(self.digits.count) + self.exponent <= 19 else { return nil }
        var value: UInt64 = 0
        for digit in self.digits { value = value &* 10 &+ UInt64(digit &- 0x30) }
        for _ in 0..<self.exponent { value = value &* 10 }
        // 19 digits fit into 64 bits without a sign.
        if self.isNegative { return value <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
        return Int64(exactly: value)
    }
}
