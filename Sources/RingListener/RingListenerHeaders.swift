/// The header fields of a message, in the order of the wire, repeated names kept.
///
/// Names compare without regard to ASCII case, as HTTP asks; their spelling is kept.
public struct RingListenerHeaders: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// One header field.
    public struct Field: Hashable, Sendable {
        /// The field's name as it was spelled.
        public var name: String
        /// The field's value, without the white space around it.
        public var value: String

        /// Creates a field.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Every field, in the order of the wire.
    public var fields: [Field]

    /// Creates a list of fields.
    public init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// Creates a list from names and values written down in order; a name may appear twice.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value of a name; setting it replaces every field of that name, and `nil` removes them.
    public subscript(name: String) -> String? {
        get { self.fields.first { isSameASCII($0.name, name) }?.value }
        set {
            self.fields.removeAll { isSameASCII($0.name, name) }
            if let newValue { self.fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// Every value of a name, in the order of the wire.
    public func values(for name: String) -> [String] {
        self.fields.lazy.filter { isSameASCII($0.name, name) }.map(\.value)
    }

    /// Adds a field behind the others, also when its name is there already.
    public mutating func append(name: String, value: String) {
        self.fields.append(Field(name: name, value: value))
    }
}

/// Compares two names without regard to ASCII case.
func isSameASCII(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8) { lowered($0) == lowered($1) }
}

private func lowered(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}
