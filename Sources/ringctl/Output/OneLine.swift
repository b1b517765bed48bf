import RingJSONAPI

extension JSONAPILiteral {
    /// The JSON text on one line: values that were received keep their spelling, but not their white space.
    var line: String {
        var isString = false
        var isEscaped = false
        // Inside strings RFC 8259 allows no line end, so white space outside them is all there is to remove.
        let bytes = self.bytes.filter { byte in
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
                return true
            }
            if byte == UInt8(ascii: "\"") { isString = true }
            return byte > 0x20
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
