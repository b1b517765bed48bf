/// What names a resource: its type and its id.
public struct JSONAPIIdentifier: Hashable, Sendable {
    /// Wire: `type`.
    public var type: String
    /// Wire: `id`. Opaque; unique within its type only.
    public var id: String

    /// Creates an identifier.
    public init(type: String, id: String) {
        self.type = type
        self.id = id
    }
}
