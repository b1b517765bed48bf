public import RingCore
public import RingCrypto
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The live sessions of an application: a stored record for each one that may be open, so that they are closed after a
/// crash, and the sessions that this process runs now.
///
/// Share one ledger between all clients of a process. A record is leased by the process that runs its session. When that
/// process dies, the lease ends, and ``WHEPClient/recover()`` of any process that shares the storage closes the session.
public final class WHEPSessionLedger: Sendable {
    /// How long a lease lasts when its process stops extending it and the storage engine cannot see that it died.
    private static let leaseDuration = Duration.seconds(15)
    /// A record without a URL whose end is this far in the past is removed at once. Otherwise programs that run for seconds
    /// would never remove it, because none of them waits until the session has certainly ended.
    private static let longPast: TimeInterval = 7 * 24 * 3600

    private let storage: any RingStorage
    private let sealer: RingSealer
    private let environment: RingEnvironment
    private let heartbeat: RingLeaseHeartbeat
    private let state = Mutex(WHEPLedgerState())
    /// Signalled when a session of this process has ended.
    private let ended = RingSignal()

    /// Creates a ledger.
    ///
    /// - Parameters:
    ///   - storage: Where the records are kept.
    ///   - sealing: Encrypts the sessions' URLs; `nil` stores them as they are.
    ///   - environment: The clock, and the executor of tasks.
    public init(
        storage: any RingStorage, sealing: RingSealingKeyRing? = nil, environment: RingEnvironment = RingEnvironment()
    ) {
        self.storage = storage
        self.sealer = RingSealer(keys: sealing)
        self.environment = environment
        self.heartbeat = RingLeaseHeartbeat(
            storage: storage, environment: environment, duration: Self.leaseDuration)
    }

    // MARK: Reading

    /// Every record, oldest first.
    ///
    /// - Throws: `RingError` with `storageFailed`.
    package func records() async throws -> [WHEPSessionRecord] {
        try await self.storage.records(matching: RingStorageQuery(.live))
            .map { WHEPSessionRecord($0, sealer: self.sealer, maximumRun: WHEPConfiguration().maximumRun) }
            .sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
    }

    /// The accounts whose sessions ``WHEPClient/recover()`` can close, in order. `nil` stands for sessions with a fixed
    /// access token, which have no account.
    ///
    /// - Throws: `RingError` with `storageFailed`.
    public func accountsToRecover() async throws -> [RingAccountID?] {
        let own = self.state.withLock { $0.openIDs }
        let accounts = try await self.records().filter { !$0.isHeld && !own.contains($0.id) }.map(\.account)
        return Set(accounts).sorted { ($0?.rawValue ?? "") < ($1?.rawValue ?? "") }
    }

    /// The number of sessions that this process starts, runs or closes now.
    package var openSessionCount: Int { self.state.withLock { $0.openCount } }

    /// Whether ``closeAll(within:)`` was called.
    package var isShuttingDown: Bool { self.state.withLock { $0.isShuttingDown } }

    // MARK: One session of this process

    /// A name for a record.
    func newName() -> String {
        [self.environment.random(), self.environment.random()].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Stores a session before its start is requested.
    ///
    /// - Throws: `RingError` with `storageFailed` or `liveShutDown`; then no start is requested.
    func insert(_ record: WHEPSessionRecord) async throws {
        let stored = try record.stored(version: self.environment.randomToken(), sealer: self.sealer)
        let lease = RingStorageLease(id: stored.id, token: self.environment.randomToken())
        guard self.state.withLock({ $0.add(record.id, lease, stored) }) else { throw RingError.liveShutDown() }
        let start = self.environment.clock.uptime()
        do {
            let isNew = try await self.commit(
                .put(stored, replacing: nil, lease: .take(token: lease.token, for: Self.leaseDuration)))
            guard isNew else {
                throw RingError(code: .storageFailed, message: "live session: its record's name exists already")
            }
        } catch {
            // The record may have been written, but no start will be requested.
            self.state.withLock { $0.setEnd(of: record.id, at: self.environment.clock.uptime()) }
            self.finish(record.id, mayStillRun: false)
            throw error
        }
        self.heartbeat.hold(lease, since: start) { [weak self] in self?.lost(record.id) }
        guard self.isShuttingDown else { return }
        await self.remove(record.id)
        self.finish(record.id, mayStillRun: false)
        throw RingError.liveShutDown()
    }

    /// Stores where a session is closed, as soon as the server has responded.
    ///
    /// - Throws: `RingError` with `storageFailed`; then the session is closed at once.
    func update(
        _ id: String, sessionURL: URL, ringTime: Date?, mayRunUntil: Date, maximumRun: Duration
    ) async throws {
        guard let old = self.state.withLock({ $0.entry(id)?.stored }) else { throw Self.takenOver }
        var record = WHEPSessionRecord(old, sealer: self.sealer, maximumRun: maximumRun)
        record.sessionURL = sessionURL
        record.ringTime = ringTime
        record.mayRunUntil = mayRunUntil
        record.maximumRun = maximumRun
        let new = try record.stored(version: old.version + 1, sealer: self.sealer)
        guard try await self.commit(.put(new, replacing: old.version)) else { throw Self.takenOver }
        self.state.withLock { $0.replace(id, with: new) }
    }

    /// Sets how the session is closed.
    ///
    /// - Returns: Why it must be closed at once; `nil` when it may go on.
    func attach(_ handle: WHEPSessionHandle, to id: String) -> WHEPEndReason? {
        self.state.withLock { $0.attach(handle, to: id) }
    }

    /// How the session with this URL is closed, when this process runs it.
    func handle(of url: URL) -> WHEPSessionHandle? { self.state.withLock { $0.handle(of: url) } }

    /// Deletes the record of a session that is over, or that was never opened.
    func remove(_ id: String) async {
        let entry = self.state.withLock { $0.entry(id) }
        if let entry { self.heartbeat.drop(entry.lease) }
        do {
            if let entry, try await self.commit(.delete(entry.stored.id, version: entry.stored.version)) { return }
            // Another process wrote it, or it is the record of an earlier attempt to close.
            for _ in 0..<4 {
                guard let stored = try await self.storage.record(RingStorageID(.live, id)) else { break }
                if try await self.commit(.delete(stored.id, version: stored.version)) { break }
            }
            self.state.withLock { $0.forgetEnd(of: id) }
        } catch {
            // A later recovery deletes it.
            self.state.withLock { $0.setEnd(of: id, at: self.environment.clock.uptime()) }
        }
    }

    /// Keeps the record of a session that may still run for later recoveries, of this process and of others.
    func keep(_ id: String, for maximumRun: Duration) async {
        let end = self.environment.clock.uptime() + maximumRun
        let entry = self.state.withLock { state in
            state.noteEnd(of: id, at: end)
            return state.entry(id)
        }
        guard let entry else { return }
        self.heartbeat.drop(entry.lease)
        var free = entry.stored
        free.version &+= 1
        // After a failure the lease ends by itself, because nothing extends it.
        _ = try? await self.commit(.put(free, replacing: entry.stored.version, lease: .release))
    }

    /// Removes a session of this process. Its record is deleted or kept before.
    func finish(_ id: String, mayStillRun: Bool) {
        self.state.withLock { $0.remove(id, mayStillRun: mayStillRun) }
        self.ended.signal()
    }

    /// Closes a session whose record another process has taken over or deleted.
    private func lost(_ id: String) {
        guard let handle = self.state.withLock({ $0.lose(id) }) else { return }
        self.environment.detach { _ = await handle.close(.takenOver) }
    }

    // MARK: Shutdown

    /// Closes every session that this process runs, all at once, and admits no further ones.
    ///
    /// Starts under way are completed and closed. The records of sessions that could not be closed in time stay in the
    /// storage: close the storage afterwards, and a recovery of another process, or of the next one, closes them.
    ///
    /// - Parameter limit: How long to wait.
    /// - Returns: How many sessions were closed, and how many may still run.
    @discardableResult
    public func closeAll(within limit: Duration) async -> WHEPCloseReport {
        let (count, handles, before) = self.state.withLock { state in
            (state.openCount, state.shutDown(), state.notClosedCount)
        }
        for handle in handles { self.environment.detach { _ = await handle.close(.shutdown) } }
        // In a task of its own, because a cancelled caller waits too.
        await self.environment.detach {
            _ = await self.ended.wait(
                until: { self.openSessionCount == 0 }, atMost: limit, in: self.environment)
        }.value
        return self.state.withLock { state in
            let remaining = state.openCount + state.notClosedCount - before
            return WHEPCloseReport(closedCount: max(count - remaining, 0), notClosedCount: remaining)
        }
    }

    // MARK: Recovery

    /// The free records of an account, ordered by name, and when their sessions have certainly ended.
    ///
    /// A session has ended when its maximum duration has passed since its record was found for the first time, or since this
    /// process wrote it. This is measured by the uptime of this process, because the wall clock may have stepped since the
    /// record was written.
    func found(account: RingAccountID?, maximumRun: Duration) async throws -> [WHEPFoundSession] {
        let query: RingStorageQuery
        if let account {
            let key = RingStorageKey.text(account.rawValue)
            query = RingStorageQuery(
                .live, index: WHEPSessionRecord.Index.account, from: key, through: key, isFree: true)
        } else {
            query = RingStorageQuery(.live, isFree: true)
        }
        let stored = try await self.storage.records(matching: query)
        let (now, uptime) = (self.environment.clock.now(), self.environment.clock.uptime())
        let records = stored.map { ($0, WHEPSessionRecord($0, sealer: self.sealer, maximumRun: maximumRun)) }
            .filter { $0.1.account == account }
        return self.state.withLock { state in
            state.prune(now: uptime)
            return records.compactMap { stored, record -> WHEPFoundSession? in
                // A record cannot extend the time beyond any configuration.
                let maximumRun = min(record.maximumRun, max(maximumRun, .seconds(3600)))
                return state.find(record.id, maximumRun: maximumRun, now: uptime).map {
                    WHEPFoundSession(
                        stored: stored, record: record, end: $0,
                        isLongPast: now.timeIntervalSince(record.mayRunUntil) > Self.longPast)
                }
            }
        }
    }

    /// Claims a free record, so that no other process closes the same session.
    ///
    /// - Returns: `nil` when another process was first.
    func claim(_ found: WHEPFoundSession) async throws -> WHEPSessionClaim? {
        guard self.state.withLock({ $0.claim(found.record.id) }) else { return nil }
        let lease = RingStorageLease(id: found.stored.id, token: self.environment.randomToken())
        var stored = found.stored
        stored.version &+= 1
        let start = self.environment.clock.uptime()
        do {
            let isTaken = try await self.commit(
                .put(
                    stored, replacing: found.stored.version,
                    lease: .take(token: lease.token, for: Self.leaseDuration)))
            guard isTaken else {
                self.unclaim(found.record.id)
                return nil
            }
        } catch {
            self.unclaim(found.record.id)
            throw error
        }
        self.heartbeat.hold(lease, since: start)
        return WHEPSessionClaim(stored: stored, lease: lease)
    }

    /// Deletes the record of a claimed session that is over.
    func finish(_ claim: WHEPSessionClaim) async {
        self.heartbeat.drop(claim.lease)
        do {
            _ = try await self.commit(.delete(claim.stored.id, version: claim.stored.version))
            self.state.withLock { $0.forgetEnd(of: claim.stored.id.name) }
        } catch {
            self.state.withLock { $0.setEnd(of: claim.stored.id.name, at: self.environment.clock.uptime()) }
        }
        self.unclaim(claim.stored.id.name)
    }

    /// Releases the claim of a session that could not be closed.
    func giveBack(_ claim: WHEPSessionClaim) async {
        self.heartbeat.drop(claim.lease)
        var free = claim.stored
        free.version &+= 1
        _ = try? await self.commit(.put(free, replacing: claim.stored.version, lease: .release))
        self.unclaim(claim.stored.id.name)
    }

    /// Deletes a free record whose session has certainly ended.
    ///
    /// - Returns: Whether it was deleted here.
    /// - Throws: `RingError` with `storageFailed`.
    func deleteExpired(_ found: WHEPFoundSession) async throws -> Bool {
        guard try await self.commit(.delete(found.stored.id, version: found.stored.version)) else { return false }
        self.state.withLock { $0.forgetEnd(of: found.record.id) }
        return true
    }

    /// Deletes the records of sessions with a fixed access token that have certainly ended, because nothing else removes them.
    ///
    /// - Throws: `RingError` with `storageFailed`.
    package func removeEnded() async throws {
        let sessions = try await self.found(account: nil, maximumRun: WHEPConfiguration().maximumRun)
        let uptime = self.environment.clock.uptime()
        for session in sessions where session.end <= uptime { _ = try await self.deleteExpired(session) }
    }

    private func unclaim(_ id: String) { self.state.withLock { $0.unclaim(id) } }

    // MARK: Writing

    private static let takenOver = RingError(
        code: .storageFailed,
        message: "live session: another process has taken over its record, because this one did not extend its lease")

    /// Makes one change. When the engine cannot say whether it was made, the record is read to find out.
    private func commit(_ change: RingStorageChange) async throws -> Bool {
        do {
            return try await self.storage.commit([change])
        } catch {
            let stored = try? await self.storage.records([change.id])
            guard let stored else { throw error }
            switch change {
            case .delete where stored.isEmpty: return true
            case .put(let record, _, let lease):
                guard let found = stored.first, found.version == record.version, found.payload == record.payload else {
                    throw error
                }
                if case .take(let token, _) = lease, found.leaseToken != token { throw error }
                return true
            default: throw error
            }
        }
    }
}

/// A free record, and what is known of its session's end.
struct WHEPFoundSession: Sendable {
    var stored: RingStorageRecord
    var record: WHEPSessionRecord
    /// When the session has certainly ended, by the clock's uptime.
    var end: Duration
    /// Whether the session's end is so far in the past that a clock step does not matter.
    var isLongPast: Bool
}

/// A record that a recovery of this process has taken.
struct WHEPSessionClaim: Sendable {
    var stored: RingStorageRecord
    var lease: RingStorageLease
}
