/// How far a transfer has come.
public struct RingMediaProgress: Hashable, Sendable {
    /// The bytes that have arrived. Goes back to zero when a transfer starts again.
    public var bytes: Int64
    /// The bytes there will be, when that is announced.
    public var total: Int64?
    /// The present rate, in bytes a second.
    public var rate: Double
    /// The time left at that rate, when the total is known.
    public var timeLeft: Duration?

    /// Creates a value by hand, for tests and previews.
    public init(bytes: Int64, total: Int64? = nil, rate: Double = 0, timeLeft: Duration? = nil) {
        self.bytes = bytes
        self.total = total
        self.rate = rate
        self.timeLeft = timeLeft
    }

    /// How much has arrived, 0 to 1, when the total is known.
    public var fraction: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, Double(self.bytes) / Double(total))
    }
}
