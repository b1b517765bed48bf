internal import RingJSONAPI

/// Samples of unexpected content without anything personal: forms, and words that look like a vocabulary's.
internal enum DriftSample {
    /// The form of a value: `number`, `string of 12 bytes`, `object with value, unit`.
    internal static func form(of value: JSONAPIValue) -> String {
        switch value.kind {
        case .null: return "null"
        case .bool: return "boolean"
        case .number: return "number"
        case .string: return "string of \(value.string?.utf8.count ?? 0) bytes"
        case .array: return "array of \(value.count)"
        case .object:
            let names = value.members.prefix(8).map { self.name($0.name) }
            return names.isEmpty ? "empty object" : "object with \(names.joined(separator: ", "))"
        }
    }

    /// A value that should be a word of a vocabulary: itself when it looks like one, else its form.
    internal static func word(_ value: JSONAPIValue) -> String {
        guard let text = value.string, self.isWord(text) else { return self.form(of: value) }
        return text
    }

    /// A member's or type's name when it looks like one; else `*`, since a map may be keyed by anything.
    internal static func name(_ name: String) -> String { self.isWord(name) ? name : "*" }

    /// A JSON pointer whose names look like names.
    internal static func pointer(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).prefix(16).map { part in
            part.isEmpty || part.utf8.allSatisfy { $0 &- 0x30 < 10 } ? String(part.prefix(9)) : self.name(String(part))
        }.joined(separator: "/")
    }

    /// Letters, few digits and `_-:.`, at most 40: `motion_zones`, `16:9`, but no identifier, phone number or address.
    private static func isWord(_ text: String) -> Bool {
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
