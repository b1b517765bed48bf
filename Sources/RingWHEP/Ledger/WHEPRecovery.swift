/// What a recovery found in the ledger, and what became of it.
///
/// ``unknown``, ``failed`` and ``unreadable`` records stay in the ledger, and their devices stay taken, until the sessions
/// have surely ended; a later recovery looks at them again.
public struct WHEPRecovery: Hashable, Sendable {
    /// Sessions that were closed, or that the server no longer knew.
    public var closed: [WHEPSessionRecord]
    /// Sessions that have surely ended by themselves.
    public var expired: [WHEPSessionRecord]
    /// Starts that were cut off before the server had told the URL: they may run until their time is up.
    public var unknown: [WHEPSessionRecord]
    /// Sessions that could not be closed; the next recovery tries again.
    public var failed: [WHEPSessionRecord]
    /// Sessions whose URL cannot be read: a sealing key is missing, or the record is damaged.
    public var unreadable: [WHEPSessionRecord]

    /// Creates a report.
    public init(
        closed: [WHEPSessionRecord] = [], expired: [WHEPSessionRecord] = [], unknown: [WHEPSessionRecord] = [],
        failed: [WHEPSessionRecord] = [], unreadable: [WHEPSessionRecord] = []
    ) {
        self.closed = closed
        self.expired = expired
        self.unknown = unknown
        self.failed = failed
        self.unreadable = unreadable
    }

    /// Whether nothing is left to do: every session that was found has ended.
    public var isComplete: Bool { self.unknown.isEmpty && self.failed.isEmpty && self.unreadable.isEmpty }

    enum Fate: Sendable {
        case closed, expired, unknown, failed, unreadable
    }

    mutating func add(_ record: WHEPSessionRecord, _ fate: Fate) {
        switch fate {
        case .closed: self.closed.append(record)
        case .expired: self.expired.append(record)
        case .unknown: self.unknown.append(record)
        case .failed: self.failed.append(record)
        case .unreadable: self.unreadable.append(record)
        }
    }
}
