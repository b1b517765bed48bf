internal import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A ledger that forgets when the process ends: for tests, and where a crash may leave a camera on until its limit.
public final class WHEPSessionMemoryLedger: WHEPSessionLedger {
    private let state = Mutex<[WHEPSessionRecord]>([])

    /// Creates an empty ledger.
    public init() {}

    /// Notes a session.
    ///
    /// - Throws: Nothing; the protocol lets other ledgers throw.
    public func insert(_ record: WHEPSessionRecord) async throws {
        self.state.withLock { records in
            records.removeAll { $0.id == record.id }
            records.append(record)
        }
    }

    /// Notes where it can be closed.
    ///
    /// - Throws: Nothing; the protocol lets other ledgers throw.
    public func update(_ id: WHEPSessionRecord.ID, sessionURL: URL, mayRunUntil: Date) async throws {
        self.state.withLock { records in
            guard let index = records.firstIndex(where: { $0.id == id }) else { return }
            records[index].sessionURL = sessionURL
            records[index].mayRunUntil = mayRunUntil
        }
    }

    /// Forgets it.
    ///
    /// - Throws: Nothing; the protocol lets other ledgers throw.
    public func remove(_ id: WHEPSessionRecord.ID) async throws {
        self.state.withLock { $0.removeAll { $0.id == id } }
    }

    /// Every record, oldest first.
    ///
    /// - Throws: Nothing; the protocol lets other ledgers throw.
    public func records() async throws -> [WHEPSessionRecord] {
        self.state.withLock { $0.sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) } }
    }
}
