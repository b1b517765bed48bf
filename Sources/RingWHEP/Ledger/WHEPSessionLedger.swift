public import RingCore
public import RingCrypto
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The live sessions of an application: a stored record for each one that may be open, so that a crash leaves none
/// behind, and the sessions that this process runs now.
///
/// Share one ledger between all clients of a process. A record is leased by the process that runs its session. When that
/// process dies the lease ends, and ``WHEPClient/recover()`` of any process that shares the storage closes the session.
public final class WHEPSessionLedger: Sendable {
    /// How long a lease lasts when its process stops extending it and the engine cannot see that it died.
    static let leaseDuration = Duration.seconds(15)
    /// A record without a URL whose end lies this far back is removed at once. Otherwise programs that run for seconds
    /// would never remove it, since none of them waits until the session has surely ended.
    static let longPast: TimeInterval = 7 * 24 * 3600

    let storage: any RingStorage
    let sealer: RingSealer
    let environment: RingEnvironment
    let heartbeat: RingLeaseHeartbeat
    private let state = Mutex(State())
    private let sessionEnded = RingSignal()

    /// A session that this process starts, runs or closes.
    private struct Entry: Sendable {
        var order: Int
        var lease: RingStorageLease
        var stored: RingStorageRecord
        var closer: WHEPSessionCloser?
        var isLost = false
    }

    private struct State: Sendable {
        var entries: [String: Entry] = [:]
        /// When sessions have surely ended, by the clock's uptime.
        var ends: [String: Duration] = [:]
        /// What a recovery of this process is closing.
        var claimed: Set<String> = []
        var isShuttingDown = false
        var notClosed = 0
        var nextID = 0
    }

    /// Creates a ledger.
    ///
    /// - Parameters:
    ///   - storage: Where the records are kept.
    ///   - sealing: Encrypts the sessions' URLs; `nil` stores them as they are.
    ///   - environment: The clock, and where tasks run.
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
    public func records() async throws -> [WHEPSessionRecord] {
        try await self.storage.records(matching: RingStorageQuery(.live))
            .map { WHEPSessionRecord($0, sealer: self.sealer, longestRun: WHEPConfiguration().longestRun) }
            .sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
    }

    /// The accounts for which ``WHEPClient/recover()`` has something to do, in order. `nil` stands for sessions with a
    /// fixed access token, which name no account.
    ///
    /// - Throws: `RingError` with `storageFailed`.
    public func accountsToRecover() async throws -> [RingAccountID?] {
        let own = self.state.withLock { Set($0.entries.keys) }
        let accounts = try await self.records().filter { !$0.isHeld && !own.contains($0.id) }.map(\.account)
        return Set(accounts).sorted { ($0?.rawValue ?? "") < ($1?.rawValue ?? "") }
    }

    /// The number of sessions that this process starts, runs or closes now.
    public var openSessions: Int { self.state.withLock { $0.entries.count } }

    /// Whether ``closeAll(within:)`` was called.
    public var isShuttingDown: Bool { self.state.withLock { $0.isShuttingDown } }

    // MARK: One session of this process

    /// A name for a record.
    func newName() -> String {
        [self.environment.random(), self.environment.random()].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Notes a session before it is asked for.
    ///
    /// - Throws: `RingError` with `storageFailed` or `liveShutDown`; then no session is asked for.
    func insert(_ record: WHEPSessionRecord) async throws {
        let stored = try record.stored(version: self.environment.randomToken(), sealer: self.sealer)
        let lease = RingStorageLease(id: stored.id, token: self.environment.randomToken())
        try self.state.withLock { state in
            guard !state.isShuttingDown else { throw RingError.liveShutDown() }
            state.nextID += 1
            state.entries[record.id] = Entry(order: state.nextID, lease: lease, stored: stored)
        }
        let start = self.environment.clock.uptime()
        do {
            let isNew = try await self.commit(
                .put(stored, replacing: nil, lease: .take(token: lease.token, for: Self.leaseDuration)))
            guard isNew else {
                throw RingError(code: .storageFailed, message: "live session: its record's name exists already")
            }
        } catch {
            // The record may have been written, but no session will be asked for.
            self.state.withLock { $0.ends[record.id] = self.environment.clock.uptime() }
            self.ended(record.id, mayStillRun: false)
            throw error
        }
        self.heartbeat.hold(lease, since: start) { [weak self] in self?.lost(record.id) }
        guard self.isShuttingDown else { return }
        await self.remove(record.id)
        self.ended(record.id, mayStillRun: false)
        throw RingError.liveShutDown()
    }

    /// Notes where a session can be closed, as soon as the server has said so.
    ///
    /// - Throws: `RingError` with `storageFailed`; then the session is closed at once.
    func update(_ id: String, sessionURL: URL, mayRunUntil: Date, longestRun: Duration) async throws {
        guard let old = self.state.withLock({ $0.entries[id]?.stored }) else { throw Self.takenOver }
        var record = WHEPSessionRecord(old, sealer: self.sealer, longestRun: longestRun)
        record.sessionURL = sessionURL
        record.mayRunUntil = mayRunUntil
        record.longestRun = longestRun
        let new = try record.stored(version: old.version + 1, sealer: self.sealer)
        guard try await self.commit(.put(new, replacing: old.version)) else { throw Self.takenOver }
        self.state.withLock { $0.entries[id]?.stored = new }
    }

    /// Names who closes the session.
    ///
    /// - Returns: Why it must be closed at once; `nil` when it may go on.
    func attach(_ closer: WHEPSessionCloser, to id: String) -> WHEPEndReason? {
        self.state.withLock { state in
            state.entries[id]?.closer = closer
            if state.isShuttingDown { return .shutdown }
            return state.entries[id]?.isLost == false ? nil : .takenOver
        }
    }

    /// Who closes the session with this URL, when this process runs it.
    func closer(of url: URL) -> WHEPSessionCloser? {
        self.state.withLock { state in state.entries.values.compactMap(\.closer) }.first { $0.url == url }
    }

    /// Deletes the record of a session that is over, or that never was.
    func remove(_ id: String) async {
        let entry = self.state.withLock { $0.entries[id] }
        if let entry { self.heartbeat.drop(entry.lease) }
        do {
            if let entry, try await self.commit(.delete(entry.stored.id, version: entry.stored.version)) { return }
            // Somebody else wrote it, or it is a record of an earlier attempt to close.
            for _ in 0..<4 {
                guard let stored = try await self.storage.record(RingStorageID(.live, id)) else { break }
                if try await self.commit(.delete(stored.id, version: stored.version)) { break }
            }
            self.state.withLock { _ = $0.ends.removeValue(forKey: id) }
        } catch {
            // A later recovery deletes it.
            self.state.withLock { $0.ends[id] = self.environment.clock.uptime() }
        }
    }

    /// Leaves the record of a session that may still run to later recoveries, of this process and of others.
    func keep(_ id: String, for longest: Duration) async {
        let end = self.environment.clock.uptime() + longest
        let entry = self.state.withLock { state in
            if state.ends[id] == nil { state.ends[id] = end }
            return state.entries[id]
        }
        guard let entry else { return }
        self.heartbeat.drop(entry.lease)
        var free = entry.stored
        free.version &+= 1
        // On failure the lease ends by itself, since nobody extends it.
        _ = try? await self.commit(.put(free, replacing: entry.stored.version, lease: .release))
    }

    /// Ends the process's part in a session.
    func ended(_ id: String, mayStillRun: Bool) {
        self.state.withLock { state in
            if state.entries.removeValue(forKey: id) != nil, mayStillRun { state.notClosed += 1 }
        }
        self.sessionEnded.signal()
    }

    /// Another process has taken the record over, or deleted it.
    private func lost(_ id: String) {
        let closer = self.state.withLock { state in
            state.entries[id]?.isLost = true
            return state.entries[id]?.closer
        }
        guard let closer else { return }
        self.environment.detach { _ = await closer.close(.takenOver) }
    }

    // MARK: Shutdown

    /// Closes every session that this process runs, all at once, and admits no further ones.
    ///
    /// Starts under way are seen through and closed. What could not be closed in time stays in the storage: close that
    /// afterwards, and a recovery of another process, or of the next one, goes on.
    ///
    /// - Parameter limit: How long to wait.
    /// - Returns: How many sessions were closed, and how many may still run.
    @discardableResult
    public func closeAll(within limit: Duration) async -> WHEPCloseReport {
        let (all, closers, before) = self.state.withLock { state in
            state.isShuttingDown = true
            let entries = state.entries.values.sorted { $0.order < $1.order }
            return (entries.count, entries.compactMap(\.closer), state.notClosed)
        }
        for closer in closers { self.environment.detach { _ = await closer.close(.shutdown) } }
        // Waits also when the caller is cancelled, as when the process is told to end.
        _ = await self.environment.detach {
            await self.sessionEnded.wait(
                until: { self.state.withLock { $0.entries.isEmpty } }, atMost: limit, in: self.environment)
        }.value
        return self.state.withLock { state in
            let left = state.entries.count + state.notClosed - before
            return WHEPCloseReport(closed: max(all - left, 0), notClosed: left)
        }
    }

    // MARK: Recovery

    /// The free records of an account, ordered by name, and when their sessions have surely ended.
    ///
    /// A session runs no longer than its longest run after its record was found for the first time, or after this process
    /// wrote it. That is measured by the uptime of this process: the wall clock may have stepped since the record was
    /// written.
    func found(account: RingAccountID?, longestRun: Duration) async throws -> [WHEPFoundSession] {
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
        let records = stored.map { ($0, WHEPSessionRecord($0, sealer: self.sealer, longestRun: longestRun)) }
            .filter { $0.1.account == account }
        return self.state.withLock { state in
            if state.ends.count > 4_096 { state.ends = state.ends.filter { $0.value > uptime - .seconds(3600) } }
            return records.compactMap { stored, record -> WHEPFoundSession? in
                // What this process works on it never claims, even when a lease has ended.
                guard state.entries[record.id] == nil, !state.claimed.contains(record.id) else { return nil }
                // A record cannot ask for more than any configuration would.
                let longest = min(record.longestRun, max(longestRun, .seconds(3600)))
                let end = state.ends[record.id] ?? uptime + longest
                state.ends[record.id] = end
                return WHEPFoundSession(
                    stored: stored, record: record, end: end,
                    isLongPast: now.timeIntervalSince(record.mayRunUntil) > Self.longPast)
            }
        }
    }

    /// Takes a free record, so that no other process closes the same session.
    ///
    /// - Returns: `nil` when another process was faster.
    func claim(_ found: WHEPFoundSession) async throws -> WHEPSessionClaim? {
        let isFree = self.state.withLock { $0.claimed.insert(found.record.id).inserted }
        guard isFree else { return nil }
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
                self.forgetClaim(found.record.id)
                return nil
            }
        } catch {
            self.forgetClaim(found.record.id)
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
            self.state.withLock { _ = $0.ends.removeValue(forKey: claim.stored.id.name) }
        } catch {
            self.state.withLock { $0.ends[claim.stored.id.name] = self.environment.clock.uptime() }
        }
        self.forgetClaim(claim.stored.id.name)
    }

    /// Gives a claimed session back that could not be closed.
    func giveBack(_ claim: WHEPSessionClaim) async {
        self.heartbeat.drop(claim.lease)
        var free = claim.stored
        free.version &+= 1
        _ = try? await self.commit(.put(free, replacing: claim.stored.version, lease: .release))
        self.forgetClaim(claim.stored.id.name)
    }

    /// Deletes a free record whose session has surely ended.
    ///
    /// - Returns: Whether it was deleted here.
    /// - Throws: `RingError` with `storageFailed`.
    func deleteExpired(_ found: WHEPFoundSession) async throws -> Bool {
        guard try await self.commit(.delete(found.stored.id, version: found.stored.version)) else { return false }
        self.state.withLock { _ = $0.ends.removeValue(forKey: found.record.id) }
        return true
    }

    /// Deletes the records of sessions with a fixed access token that have surely ended: nobody else closes them.
    ///
    /// - Throws: `RingError` with `storageFailed`.
    package func removeEnded() async throws {
        let sessions = try await self.found(account: nil, longestRun: WHEPConfiguration().longestRun)
        let uptime = self.environment.clock.uptime()
        for session in sessions where session.end <= uptime { _ = try await self.deleteExpired(session) }
    }

    private func forgetClaim(_ id: String) { self.state.withLock { _ = $0.claimed.remove(id) } }

    // MARK: Writing

    private static let takenOver = RingError(
        code: .storageFailed,
        message: "live session: another process has taken its record over, because this one did not extend its lease")

    /// Makes one change. When the engine cannot say whether it was made, the record tells.
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
    /// When the session has surely ended, by the clock's uptime.
    var end: Duration
    /// Whether the session's end lies so far back that even a clock that stepped leaves no doubt.
    var isLongPast: Bool
}

/// A record that a recovery of this process has taken.
struct WHEPSessionClaim: Sendable {
    var stored: RingStorageRecord
    var lease: RingStorageLease
}
