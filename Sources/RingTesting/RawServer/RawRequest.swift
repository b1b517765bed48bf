/// The head of a request as it stood on the wire.
public struct RawRequest: Hashable, Sendable {
    /// The request line without its line end: `GET /v1/devices HTTP/1.1`.
    package var line: String
    /// The header lines in order, spelled as sent.
    package var fields: [(name: String, value: String)] {
        self.lines.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            return (String(line[..<colon]), String(value))
        }
    }
    private var lines: [String]

    init(line: String, lines: [String]) {
        self.line = line
        self.lines = lines
    }

    /// The method.
    package var method: String { self.line.split(separator: " ").first.map(String.init) ?? "" }

    /// Path and query.
    public var target: String {
        let parts = self.line.split(separator: " ")
        return parts.count > 1 ? String(parts[1]) : ""
    }

    /// The first value of a field, found without regard to case.
    package subscript(name: String) -> String? {
        self.fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Every value of a field, found without regard to case.
    package func values(of name: String) -> [String] {
        self.fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
