internal import RingCore
internal import Synchronization

/// The requests of one second that all processes of a service share, whatever machine they run on.
///
/// The database holds a window of one second. A process takes places in it for the callers that wait: as many as there are,
/// at most ``maximumBatch`` at once, in the order of their priorities, with turns between accounts. Nothing is taken in advance, so
/// a process that crashes leaves no unused place behind. A pause after 429 is stored in the same row, which every process reads
/// with its next request. While the database cannot be reached, each process goes on with its share: the limit divided by the processes that
/// were last known. The other processes do not use that share.
final class PostgresRateBudget: RingRateBudget {
    /// The result of one request to the database.
    private struct Grant: Sendable {
        var count: Int
        var wait: Duration
        var members: Int
    }

    private struct State {
        var queue = RingRateQueue()
        var tickets = 0
        var cancelledEarly: Set<Int> = []
        var isPumping = false
        var members = 1
        /// When the database could not be reached any more, and the places that were taken since without it.
        var lostAt: Duration?
        var usedAlone = 0
        /// When places were taken in the last second without the database.
        var aloneAt: [Duration] = []
        /// When a caller last wanted a place, and whether a task reports this process to the database.
        var wantedAt = Duration.zero
        var isSaying = false
        var lastLearned: Duration?
        var isClosed = false
    }

    private let pool: PostgresPool
    private let sql: PostgresSQL
    private let process: Int64
    private let limit: Int
    private let environment = RingEnvironment()
    private let state = Mutex(State())
    /// Tells the database that this process is alive, and which processes of its machine have ended.
    private let noteProcesses: @Sendable () async -> Void
    private static let name = "api"
    private static let maximumBatch = 20
    /// How long a call waits for the database before this process uses its own share.
    private static let patience = Duration.milliseconds(500)

    init(
        _ pool: PostgresPool, _ sql: PostgresSQL, process: Int64, limit: Int,
        noteProcesses: @escaping @Sendable () async -> Void
    ) {
        self.noteProcesses = noteProcesses
        self.pool = pool
        self.sql = sql
        self.process = process
        self.limit = max(limit, 1)
    }

    /// The pipeline limits the time of every call itself.
    var keepsDeadlines: Bool { false }

    func admit(account: RingAccountID?, priority: RingPriority, deadline: RingDeadline?) async throws {
        try Task.checkCancellation()
        if self.pool.options.onlyCountsRequests { return self.count() }
        let ticket = self.state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let now = self.environment.clock.uptime()
                let (isCancelled, starts, says) = self.state.withLock { state in
                    if state.cancelledEarly.remove(ticket) != nil { return (true, false, false) }
                    state.wantedAt = now
                    state.queue.append(
                        RingRateQueue.Waiter(
                            ticket: ticket, account: account, deadline: deadline, continuation: continuation),
                        priority: priority)
                    defer { (state.isPumping, state.isSaying) = (true, true) }
                    return (false, !state.isPumping, !state.isSaying)
                }
                if says { self.keepSaying() }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                if starts { self.environment.detach { await self.pump() } }
            }
        } onCancel: {
            let waiter = self.state.withLock { state in
                let waiter = state.queue.remove(ticket)
                // Cancelled before it was queued, or after it was admitted; only the former comes back for this mark.
                if waiter == nil, state.cancelledEarly.count < 10_000 { state.cancelledEarly.insert(ticket) }
                return waiter
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
        self.state.withLock { _ = $0.cancelledEarly.remove(ticket) }
    }

    /// Counts a request that does not wait; the database is informed within a second.
    private func count() {
        let now = self.environment.clock.uptime()
        let says = self.state.withLock { state in
            state.usedAlone += 1
            state.wantedAt = now
            defer { state.isSaying = true }
            return !state.isSaying
        }
        if says { self.keepSaying() }
    }

    func learn(_ decision: RingRateDecision) {
        if self.pool.options.onlyCountsRequests { return }
        if decision.isLimited {
            let pause = min(max(decision.retryAfter ?? .seconds(1), .zero), .seconds(60))
            let (seconds, attoseconds) = pause.components
            let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
            self.tell(self.sql.limited, milliseconds)
        } else if let remaining = decision.remaining, remaining >= 0, remaining < self.limit / 5 {
            // Ten times a second is enough to learn of other services that use the same client id.
            let now = self.environment.clock.uptime()
            let isDue = self.state.withLock { state in
                guard state.lastLearned.map({ now - $0 >= .milliseconds(100) }) ?? true else { return false }
                state.lastLearned = now
                return true
            }
            if isDue { self.tell(self.sql.remaining, Int64(remaining)) }
        }
    }

    private func tell(_ sql: String, _ value: Int64) {
        let call = PostgresCall(
            sql: sql, values: [.text(Self.name), .integer(Int64(self.limit)), .integer(value)])
        // When it is lost, the next response has the same information.
        self.environment.detach { _ = try? await self.pool.run([call], isWrite: false) { $0.count } }
    }

    // MARK: Handing out places

    /// One task at a time hands out places while anybody waits.
    private func pump() async {
        while true {
            let wanted = self.state.withLock { state -> (count: Int, isBackground: Bool)? in
                guard let priority = state.queue.highestPriority else {
                    state.isPumping = false
                    return nil
                }
                return (min(state.queue.count(priority), Self.maximumBatch), priority == .background)
            }
            guard let wanted else { return }
            let wait = await self.handOut(wanted.count, isBackground: wanted.isBackground)
            // Nobody cancels this task; a sleep that ends early is one more look.
            if wait > .zero { try? await self.environment.clock.sleep(for: min(wait, .milliseconds(100))) }
        }
    }

    /// - Returns: How long until there may be another place.
    private func handOut(_ wanted: Int, isBackground: Bool) async -> Duration {
        guard let grant = await self.grant(wanted, isBackground: isBackground) else {
            return self.handOutAlone()
        }
        self.admit(grant.count)
        self.refuseLate(grant.wait)
        return grant.count < wanted ? grant.wait : .zero
    }

    private func admit(_ count: Int) {
        let admitted = self.state.withLock { state in (0..<count).compactMap { _ in state.queue.popFirst() } }
        for waiter in admitted { waiter.continuation.resume() }
    }

    /// Refuses those whose deadline comes before the next free place.
    private func refuseLate(_ wait: Duration) {
        let now = self.environment.clock.uptime()
        let late = self.state.withLock { state in
            state.queue.removeAll { $0.deadline.map { $0.uptime <= now + wait } ?? false }
        }
        for waiter in late { waiter.continuation.resume(throwing: RingError.rateBudgetTooLate(wait)) }
    }

    /// Takes places in the database.
    ///
    /// - Returns: `nil` when it cannot be reached in time.
    private func grant(_ wanted: Int, isBackground: Bool) async -> Grant? {
        // Taken out, so that two looks at once do not count the same requests.
        let used = self.state.withLock { state in
            defer { state.usedAlone = 0 }
            return state.usedAlone
        }
        let call = PostgresCall(
            sql: self.sql.admit,
            values: [
                .text(Self.name), .integer(self.process), .integer(Int64(wanted)), .integer(Int64(self.limit)),
                .integer(isBackground ? Int64(self.limit / 10) : 0), .integer(Int64(used)),
            ])
        let pool = self.pool
        let found: Grant?? = await RingFirstResult<Grant?>.wait(atMost: Self.patience, in: self.environment) {
            // `nil` has this process go on with its share; the store's own calls report the failure.
            try? await pool.run([call], isWrite: false) { results -> Grant? in
                guard let row = results.first, row.count == 1 else { return nil }
                return Grant(
                    count: Int(row.integer(0, 0)), wait: .milliseconds(row.integer(0, 1)),
                    members: Int(row.integer(0, 2)))
            }
        }
        let now = self.environment.clock.uptime()
        guard let grant = found.flatMap(\.self) else {
            self.state.withLock { state in
                if state.lostAt == nil { state.lostAt = now }
                state.usedAlone += used
            }
            return nil
        }
        self.state.withLock { ($0.lostAt, $0.members) = (nil, grant.members) }
        return grant
    }

    // MARK: Without the database

    /// Hands out places of this process's own share.
    private func handOutAlone() -> Duration {
        let now = self.environment.clock.uptime()
        let (since, members) = self.state.withLock { ($0.lostAt ?? now, max($0.members, 1)) }
        // What the fleet took in the last second through the database still counts at Ring.
        let start = since + .milliseconds(1_050) - now
        guard start <= .zero else {
            self.refuseLate(start)
            return start
        }
        let count = self.state.withLock { state in
            state.aloneAt.removeAll { $0 <= now - .milliseconds(1_050) }
            let free = max(self.limit / members, 1) - state.aloneAt.count
            let count = max(min(free, state.queue.count, Self.maximumBatch), 0)
            state.aloneAt += repeatElement(now, count: count)
            state.usedAlone += count
            return count
        }
        self.admit(count)
        self.refuseLate(.milliseconds(20))
        return count == 0 ? .milliseconds(20) : .zero
    }

    /// Reports once a second that this process is alive, so that the others use the whole limit, until no caller has wanted
    /// a place for a minute.
    private func keepSaying() {
        self.environment.detach { [weak self, environment] in
            while (try? await environment.clock.sleep(for: .seconds(1))) != nil {
                guard let self, await self.say() else { return }
            }
        }
    }

    /// - Returns: `false` when it was the last time.
    private func say() async -> Bool {
        let now = self.environment.clock.uptime()
        let isUsed = self.state.withLock { state in
            state.isSaying = !state.isClosed && now - state.wantedAt < .seconds(60)
            return state.isSaying
        }
        guard isUsed else {
            await self.leave()
            return false
        }
        _ = await self.grant(0, isBackground: false)
        await self.noteProcesses()
        return true
    }

    func close() async {
        let isKnown = self.state.withLock { state in
            state.isClosed = true
            return state.isSaying
        }
        if isKnown { await self.leave() }
    }

    private func leave() async {
        let call = PostgresCall(sql: self.sql.leave, values: [.text(Self.name), .integer(self.process)])
        // Otherwise it is forgotten after half a minute.
        _ = try? await self.pool.run([call], isWrite: false) { $0.count }
    }
}
