/// A piece of HTML. Text becomes part of one by interpolation only, and is escaped there, so escaping cannot be forgotten.
/// Attributes stand in double quotes.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral text: String) { self.text = text }

    init(stringInterpolation: StringInterpolation) { self.text = stringInterpolation.text }

    static func + (left: HTML, right: HTML) -> HTML { "\(left)\(right)" }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { self.text.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { self.text += literal }

        mutating func appendInterpolation(_ html: HTML) { self.text += html.text }

        mutating func appendInterpolation(_ html: HTML?) { self.text += html?.text ?? "" }

        mutating func appendInterpolation(_ number: some BinaryInteger) { self.text += String(number) }

        mutating func appendInterpolation(_ text: String) {
            for scalar in text.unicodeScalars {
                switch scalar {
                case "&": self.text += "&amp;"
                case "<": self.text += "&lt;"
                case ">": self.text += "&gt;"
                case "\"": self.text += "&quot;"
                case "'": self.text += "&#39;"
                // No document may contain it; and marks that change the direction could make a name look like another one.
                case "\0", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": self.text += "\u{FFFD}"
                default: self.text.unicodeScalars.append(scalar)
                }
            }
        }

        /// A part of a query: percent-encoded.
        mutating func appendInterpolation(query: String) { self.text += query.queryEncoded }
    }
}

extension Sequence {
    /// Pieces of HTML, one for each element.
    func html(_ piece: (Element) -> HTML) -> HTML { self.reduce("") { $0 + piece($1) } }
}

extension String {
    /// Letters and digits as they are, everything else as its bytes.
    var queryEncoded: String {
        self.utf8.reduce(into: "") { text, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += byte < 16 ? "%0\(String(byte, radix: 16))" : "%\(String(byte, radix: 16))"
            }
        }
    }
}
