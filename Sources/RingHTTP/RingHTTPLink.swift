/// One reference of a `Link` field: RFC 8288 section 3, with commas and semicolons inside quoted values.
package struct RingHTTPLink {
    /// The URL reference between the angle brackets.
    package var target: String
    /// The parameters in order; names are in lower case.
    package var parameters: [(name: String, value: String)]

    /// The first value of a parameter.
    package subscript(name: String) -> String? { self.parameters.first { $0.name == name }?.value }

    /// The relation types in lower case. Wire: `rel`.
    package var relations: [String] { (self["rel"] ?? "").split(separator: " ").map { $0.lowercased() } }

    /// Reads the links of all `Link` fields of a response; each field is read up to 64 KiB.
    package static func links(_ fields: [String]) -> [RingHTTPLink] {
        fields.flatMap { field in
            var reader = Reader(text: Array(field.prefix(64 * 1024).unicodeScalars))
            return reader.links()
        }
    }

    /// One pass, no backtracking.
    private struct Reader {
        let text: [UnicodeScalar]
        var index = 0

        private var next: UnicodeScalar? { self.index < self.text.count ? self.text[self.index] : nil }

        mutating func links() -> [RingHTTPLink] {
            var result: [RingHTTPLink] = []
            while self.index < self.text.count {
                self.skip { $0 == "," || $0.properties.isWhitespace }
                guard self.next == "<" else {
                    // Not a link: go to the next comma.
                    self.skip { $0 != "," }
                    continue
                }
                self.index += 1
                let target = self.take { $0 != ">" }
                guard self.next == ">" else { return result }
                self.index += 1
                result.append(RingHTTPLink(target: target.trimmed, parameters: self.parameters()))
            }
            return result
        }

        private mutating func parameters() -> [(name: String, value: String)] {
            var result: [(name: String, value: String)] = []
            while true {
                self.skip { $0.properties.isWhitespace }
                guard self.next == ";" else { return result }
                self.index += 1
                self.skip { $0.properties.isWhitespace }
                let name = self.take { $0 != "=" && $0 != ";" && $0 != "," }.trimmed.lowercased()
                var value = ""
                if self.next == "=" {
                    self.index += 1
                    self.skip { $0.properties.isWhitespace }
                    value = self.next == "\"" ? self.quoted() : self.take { $0 != ";" && $0 != "," }.trimmed
                }
                if !name.isEmpty { result.append((name, value)) }
            }
        }

        private mutating func quoted() -> String {
            self.index += 1
            var value = String.UnicodeScalarView()
            while let scalar = self.next {
                self.index += 1
                if scalar == "\"" { break }
                if scalar == "\\", let escaped = self.next {
                    value.append(escaped)
                    self.index += 1
                } else {
                    value.append(scalar)
                }
            }
            return String(value)
        }

        private mutating func skip(_ matches: (UnicodeScalar) -> Bool) {
            while let scalar = self.next, matches(scalar) { self.index += 1 }
        }

        private mutating func take(_ matches: (UnicodeScalar) -> Bool) -> String {
            let start = self.index
            self.skip(matches)
            return String(String.UnicodeScalarView(self.text[start..<self.index]))
        }
    }
}
