/// What a start found in the ledger, and what became of it.
public struct WHEPRecovery: Hashable, Sendable {
    /// Sessions that were closed, or that the server no longer knew.
    public var closed: [WHEPSessionRecord]
    /// Sessions that have surely ended by themselves.
    public var expired: [WHEPSessionRecord]
    /// Starts that were cut off before the server had told the URL: they may run until their time is up.
    public var unknown: [WHEPSessionRecord]
    /// Sessions that could not be closed; they stay in the ledger.
    public var failed: [WHEPSessionRecord]

    /// Creates a report.
    public init(
        closed: [WHEPSessionRecord] = [], expired: [WHEPSessionRecord] = [], unknown: [WHEPSessionRecord] = [],
        failed: [WHEPSessionRecord] = []
    ) {
        self.closed = closed
        self.expired = expired
        self.unknown = unknown
        self.failed = failed
    }

    enum Fate: Sendable {
        case closed, expired, unknown, failed
    }

    mutating func add(_ record: WHEPSessionRecord, _ fate: Fate) {
        switch fate {
        case .closed: self.closed.append(record)
        case .expired: self.expired.append(record)
        case .unknown: self.unknown.append(record)
        case .failed: self.failed.append(record)
        }
    }
}
