/// Why the raw server, or one of its connections, could not go on.
public struct RawServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done.
    public var action: String
    /// The system's error number; 0 when the client simply went away or sent no HTTP.
    public var number: Int32

    /// Creates an error.
    public init(_ action: String, _ number: Int32 = 0) {
        self.action = action
        self.number = number
    }

    /// Action and error number.
    public var description: String { self.number == 0 ? self.action : "\(self.action): error \(self.number)" }
}
