/// Header fields in their order on the wire, repeated names kept.
public struct RingHTTPFields: Hashable, Sendable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
    private var fields: [RingHTTPField]

    /// Creates an empty list.
    public init() { self.fields = [] }

    /// Creates a list in order.
    public init(_ fields: some Sequence<RingHTTPField>) { self.fields = Array(fields) }

    /// Creates a list from a literal, in the order written.
    public init(dictionaryLiteral elements: (RingHTTPField.Name, String)...) {
        self.fields = elements.map { RingHTTPField(name: $0.0, value: $0.1) }
    }

    /// The first position.
    public var startIndex: Int { self.fields.startIndex }
    /// The position after the last field.
    public var endIndex: Int { self.fields.endIndex }
    /// The field at a position.
    public subscript(position: Int) -> RingHTTPField { self.fields[position] }

    /// The value of a field: `nil` when absent; repeated fields joined with a comma, as RFC 9110 section 5.3 allows.
    ///
    /// Setting replaces every field of that name; setting `nil` removes them.
    public subscript(name: RingHTTPField.Name) -> String? {
        get {
            var found: String?
            for field in self.fields where field.name == name {
                found = found.map { "\($0), \(field.value)" } ?? field.value
            }
            return found
        }
        set {
            self.fields.removeAll { $0.name == name }
            if let newValue { self.fields.append(RingHTTPField(name: name, value: newValue)) }
        }
    }

    /// Every value of a repeated field, in order.
    public subscript(values name: RingHTTPField.Name) -> [String] {
        self.fields.filter { $0.name == name }.map(\.value)
    }

    /// Appends a field, whether or not one of that name is present.
    public mutating func append(_ field: RingHTTPField) { self.fields.append(field) }
}
