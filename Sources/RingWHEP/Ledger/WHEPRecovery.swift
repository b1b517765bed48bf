/// The result of a recovery.
///
/// Sessions that could not be closed stay in the ledger, and their devices stay reserved, until the sessions have certainly
/// ended. A later recovery processes them again.
public struct WHEPRecovery: Hashable, Sendable, CustomStringConvertible {
    /// Sessions that were closed, or that the server no longer knew.
    package private(set) var closed: [WHEPSessionRecord] = []
    /// Sessions that have certainly ended by themselves.
    package private(set) var expired: [WHEPSessionRecord] = []
    /// Starts that were interrupted before the server had sent the URL. They may run until their time is over.
    package private(set) var unknown: [WHEPSessionRecord] = []
    /// Sessions that could not be closed.
    package private(set) var failed: [WHEPSessionRecord] = []
    /// Sessions whose URL cannot be read: a sealing key is missing, or the record is damaged.
    package private(set) var unreadable: [WHEPSessionRecord] = []

    package init() {}

    /// Whether every session that was found has ended. Otherwise call ``WHEPClient/recover()`` again later.
    public var isComplete: Bool { self.unknown.isEmpty && self.failed.isEmpty && self.unreadable.isEmpty }

    /// The number of sessions with each result.
    public var description: String {
        "closed \(self.closed.count), expired \(self.expired.count), unknown \(self.unknown.count), "
            + "failed \(self.failed.count), unreadable \(self.unreadable.count)"
    }

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
