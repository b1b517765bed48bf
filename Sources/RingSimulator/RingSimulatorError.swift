/// Why the simulator did not do what it was asked.
public struct RingSimulatorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong and where, in one sentence.
    public var message: String

    /// Creates an error.
    public init(message: String) { self.message = message }

    /// The message.
    public var description: String { self.message }
}
