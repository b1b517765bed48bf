internal import RingCore
internal import RingJSONAPI

/// A piece of HTML. Text becomes part of one by interpolation only, and is escaped there, so escaping cannot be forgotten:
///
/// ```
/// let item: HTML = "<li title=\"\(name)\">\(name)</li>"
/// ```
///
/// Literals are taken as they are. Attributes stand in double quotes. An address in `href`, `src` or `action` begins with a
/// literal path, or is checked before.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral text: String) { self.text = text }

    init(stringInterpolation: StringInterpolation) { self.text = stringInterpolation.text }

    var bytes: [UInt8] { Array(self.text.utf8) }

    static func + (left: HTML, right: HTML) -> HTML { "\(left)\(right)" }

    static func += (left: inout HTML, right: HTML) { left.text += right.text }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { self.text.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { self.text += literal }

        /// Text to be read: control characters and bidirectional marks, which could hide or reorder what follows, are shown as
        /// their numbers.
        mutating func appendInterpolation(_ text: some StringProtocol) { self.append(text, showsControls: true) }

        /// A value that a form sends back: nothing is replaced in it.
        mutating func appendInterpolation(value: some StringProtocol) { self.append(value, showsControls: false) }

        /// A part of a query, percent-encoded.
        mutating func appendInterpolation(query: String) {
            self.append(RingPercentCoding.encode(query), showsControls: false)
        }

        mutating func appendInterpolation(_ number: some BinaryInteger) { self.text += String(number) }

        mutating func appendInterpolation(_ html: HTML) { self.text += html.text }

        mutating func appendInterpolation(_ html: HTML?) { self.text += html?.text ?? "" }

        mutating func appendInterpolation(_ list: [HTML]) { for html in list { self.text += html.text } }

        private mutating func append(_ text: some StringProtocol, showsControls: Bool) {
            for scalar in text.unicodeScalars {
                switch scalar {
                case "&": self.text += "&amp;"
                case "<": self.text += "&lt;"
                case ">": self.text += "&gt;"
                case "\"": self.text += "&quot;"
                case "'": self.text += "&#39;"
                // Browsers read a carriage return as a line feed unless it is a reference.
                case "\r": self.text += "&#13;"
                case "\n", "\t": self.text.unicodeScalars.append(scalar)
                // No document may contain it.
                case "\0": self.text += "\u{FFFD}"
                case _ where showsControls && PrintableText.isControl(scalar):
                    self.text += "⟨U+\(String(scalar.value, radix: 16, uppercase: true))⟩"
                default: self.text.unicodeScalars.append(scalar)
                }
            }
        }
    }
}

extension Sequence {
    /// Pieces of HTML, one for each element.
    func html(_ piece: (Element) -> HTML) -> HTML {
        var all: HTML = ""
        for element in self { all += piece(element) }
        return all
    }
}
