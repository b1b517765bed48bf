/// One request that reached the simulator.
public struct RingSimulatorJournalEntry: Hashable, Sendable {
    /// Which of the origins: `api`, `oauth`, `media`.
    public var origin: String
    /// The method.
    public var method: String
    /// The path, without the query of a pre-signed URL.
    public var path: String
    /// Whether an `Authorization` field came with it.
    public var hadAuthorization: Bool
    /// The status of the answer.
    public var status: Int
}
