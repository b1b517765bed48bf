/// Names of a document for an event: only those that look like names, since a map may be keyed by anything.
package enum RingPlainName {
    /// A member's or type's name when it looks like one; else `*`.
    package static func name(_ name: String) -> String { self.isWord(name) ? name : "*" }

    /// A JSON pointer whose names look like names.
    package static func pointer(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).prefix(16).map { part in
            part.isEmpty || part.utf8.allSatisfy { $0 &- 0x30 < 10 } ? String(part.prefix(9)) : self.name(String(part))
        }.joined(separator: "/")
    }

    /// Letters, few digits and `_-:.`, at most 40: `motion_zones`, `16:9`, but no identifier, phone number or address.
    package static func isWord(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 40, !text.hasPrefix("ava1.") else { return false }
        var digits = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "."):
                break
            default: return false
            }
        }
        return digits <= 4
    }
}
