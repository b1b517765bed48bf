internal import RingCore
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
            let names = value.members.prefix(8).map { RingPlainName.name($0.name) }
            return names.isEmpty ? "empty object" : "object with \(names.joined(separator: ", "))"
        }
    }

    /// A value that should be a word of a vocabulary: itself when it looks like one, else its form.
    internal static func word(_ value: JSONAPIValue) -> String {
        guard let text = value.string, RingPlainName.isWord(text) else { return self.form(of: value) }
        return text
    }
}
