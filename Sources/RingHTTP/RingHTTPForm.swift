/// The pairs of an `application/x-www-form-urlencoded` text: a query or a body.
public struct RingHTTPForm: Hashable, Sendable {
    /// One `name=value` pair, decoded.
    package struct Item: Hashable, Sendable {
        /// The name.
        package var name: String
        /// The value; empty for a name without `=`.
        package var value: String

        /// Creates a pair.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The pairs in order, repeated names kept.
    package var items: [Item]

    /// Creates a form from pairs.
    package init(_ items: [Item] = []) { self.items = items }

    /// Reads a body or a query: percent-decoded, `+` is a space. It cannot fail; what is no escape stays as it is.
    public init(parsing bytes: some Sequence<UInt8>) {
        self.items = Array(bytes).split(separator: UInt8(ascii: "&")).map { pair in
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            return Item(
                name: RingPercentCoding.decode(name, plusIsSpace: true),
                value: RingPercentCoding.decode(pair.dropFirst(name.count + 1), plusIsSpace: true))
        }
    }

    /// The first value of a name; `nil` when the name is missing.
    public subscript(name: String) -> String? { self.items.first { $0.name == name }?.value }

    /// The value of a name that occurs once; `nil` when the name is missing or repeated.
    package func only(_ name: String) -> String? {
        let values = self.items.filter { $0.name == name }
        return values.count == 1 ? values.first?.value : nil
    }

    /// The form as text, percent-encoded.
    package var encoded: String {
        self.items.map { "\(RingPercentCoding.encode($0.name))=\(RingPercentCoding.encode($0.value))" }
            .joined(separator: "&")
    }
}
