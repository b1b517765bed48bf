package import RingCore
internal import Synchronization

/// The requests of one second that all processes of a service share, whatever machine they run on.
///
/// The database holds a window of one second. A process takes places in it for the callers that wait: as many as there are,
/// at most ``maximumBatch`` at once, in the order of their priorities, with turns between accounts. Nothing is taken in advance, so
/// a process that crashes leaves no unused place behind. A pause after 429 is stored in the same row, which every process reads
/// with its next request.
///
/// While the database cannot be reached, each process goes on with its share: what the database gave it last. All shares together
/// never exceed the limit. It begins when the others leave that share to it: they do when they have not heard of it for three
/// seconds, or when one of its calls that reaches the database says so. A process that they do not know has no share, and a new one
/// has none until the others know of theirs.
package final class PostgresRateBudget: RingRateBudget {
    private struct State {
        var queue = RingRateQueue()
        var isPumping = false
        /// Whether the database is to be told that this process is alive, although no caller may be waiting.
        var isReportDue = false
        /// The requests a second that the others leave to this process while it is cut off; 0 while they do not know it.
        var share = 0
        /// When a call of this process was last known to have failed that did not say it uses its own share; `nil` while the database
        /// can be reached.
        var lostAt: Duration?
        /// When places of this process's own share were taken in the last second.
        var aloneAt: [Duration] = []
        /// The requests that are only counted, and that the database was not informed of.
        var counted = 0
        /// The end of a pause that this process heard of itself.
        var pausedUntil = Duration.zero
        /// When a caller last wanted a place, and whether a task reports this process to the database.
        var wantedAt = Duration.zero
        var isSaying = false
        var lastLearned: Duration?
        var isClosed = false
    }

    private let window: any PostgresRateWindow
    private let limit: Int
    private let onlyCounts: Bool
    private let environment: RingEnvironment
    private let state = Mutex(State())
    /// Tells the database that this process is alive, and which processes of its machine have ended.
    private let noteProcesses: @Sendable () async -> Void
    private static let maximumBatch = 20
    /// How long a call waits for the database before this process uses its own share.
    package static let patience = Duration.milliseconds(500)
    /// How long the others use the whole limit after they have last heard of a process. The statement has the same number.
    package static let silence = Duration.seconds(3)
    /// A second of Ring's, and the twentieth by which the database divides it.
    private static let second = Duration.milliseconds(1_050)

    package init(
        _ window: any PostgresRateWindow, limit: Int, onlyCounts: Bool = false, environment: RingEnvironment,
        noteProcesses: @escaping @Sendable () async -> Void = {}
    ) {
        self.window = window
        self.limit = max(limit, 1)
        self.onlyCounts = onlyCounts
        self.environment = environment
        self.noteProcesses = noteProcesses
    }

    /// The pipeline limits the time of every call itself.
    package var keepsDeadlines: Bool { false }

    package func admit(account: RingAccountID?, priority: RingPriority, deadline: RingDeadline?) async throws {
        try Task.checkCancellation()
        if self.onlyCounts { return self.count() }
        let ticket = self.state.withLock { $0.queue.nextTicket() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let now = self.environment.clock.uptime()
                let (isCancelled, starts, says) = self.state.withLock { state in
                    if state.queue.wasCancelled(ticket) { return (true, false, false) }
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
            self.state.withLock { $0.queue.cancel(ticket) }?.resume(throwing: CancellationError())
        }
    }

    /// Counts a request that does not wait; the database is informed within a second.
    private func count() {
        let now = self.environment.clock.uptime()
        let says = self.state.withLock { state in
            state.counted += 1
            state.wantedAt = now
            defer { state.isSaying = true }
            return !state.isSaying
        }
        if says { self.keepSaying() }
    }

    package func learn(_ decision: RingRateDecision) {
        if self.onlyCounts { return }
        let (now, window) = (self.environment.clock.uptime(), self.window)
        // When a report is lost, the next response has the same information; what fails for good fails in `take` too.
        if decision.isLimited {
            let pause = min(max(decision.retryAfter ?? .seconds(1), .zero), .seconds(60))
            self.state.withLock { $0.pausedUntil = max($0.pausedUntil, now + pause) }
            self.environment.detach { try? await window.pause(for: pause) }
        } else if let remaining = decision.remaining, remaining >= 0, remaining < self.limit / 5 {
            // Ten times a second is enough to learn of other services that use the same client id.
            let isDue = self.state.withLock { state in
                guard state.lastLearned.map({ now - $0 >= .milliseconds(100) }) ?? true else { return false }
                state.lastLearned = now
                return true
            }
            if isDue { self.environment.detach { try? await window.noteRemaining(remaining) } }
        }
    }

    // MARK: Handing out places

    /// One task at a time hands out places while anybody waits. Its calls follow each other, so that the database knows which share
    /// this process may go by.
    private func pump() async {
        while true {
            let wanted = self.state.withLock { state -> (count: Int, isBackground: Bool)? in
                let priority = state.queue.highestPriority
                guard priority != nil || state.isReportDue else {
                    state.isPumping = false
                    return nil
                }
                state.isReportDue = false
                let count = priority.map { state.queue.count($0) } ?? 0
                return (min(count, Self.maximumBatch), priority == .background)
            }
            guard let wanted else { return }
            let wait = await self.handOut(wanted.count, isBackground: wanted.isBackground)
            // Nobody cancels this task; a sleep that ends early is one more look.
            if wait > .zero { try? await self.environment.clock.sleep(for: min(wait, .milliseconds(100))) }
        }
    }

    /// - Returns: How long until there may be another place.
    private func handOut(_ wanted: Int, isBackground: Bool) async -> Duration {
        switch await self.grant(wanted, isBackground: isBackground) {
        case .success(let grant)?:
            self.admit(grant.count)
            self.refuseLate(grant.wait)
            return grant.count < wanted ? grant.wait : .zero
        case .failure(let error as RingError)?:
            // Waiting would not help.
            self.refuse(with: error) { _ in true }
            return .zero
        case .failure?, nil: return self.handOutAlone()
        }
    }

    private func admit(_ count: Int) {
        let admitted = self.state.withLock { state in (0..<count).compactMap { _ in state.queue.popFirst() } }
        for waiter in admitted { waiter.continuation.resume() }
    }

    /// Refuses those whose deadline comes before the next free place.
    private func refuseLate(_ wait: Duration, with error: RingError? = nil) {
        let now = self.environment.clock.uptime()
        self.refuse(with: error ?? .rateBudgetTooLate(wait)) { waiter in
            waiter.deadline.map { $0.uptime <= now + wait } ?? false
        }
    }

    private func refuse(with error: RingError, where isRefused: (RingRateQueue.Waiter) -> Bool) {
        let refused = self.state.withLock { $0.queue.removeAll(where: isRefused) }
        for waiter in refused { waiter.continuation.resume(throwing: error) }
    }

    /// Takes places in the database.
    ///
    /// - Returns: `nil` when it cannot be reached in time; `RingError` when that will not change by itself.
    private func grant(_ wanted: Int, isBackground: Bool) async -> Result<PostgresRateGrant, any Error>? {
        let start = self.environment.clock.uptime()
        // Taken out, so that two looks at once do not count the same requests.
        let (counted, alone, isAlone, share) = self.state.withLock { state in
            defer { (state.counted, state.aloneAt) = (0, []) }
            return (state.counted, state.aloneAt.filter { $0 > start - Self.second }, state.lostAt != nil, state.share)
        }
        let request = PostgresRateRequest(
            wanted: isAlone ? 0 : wanted, reserve: isBackground ? self.limit / 10 : 0, used: counted + alone.count,
            isAlone: isAlone, share: share)
        let window = self.window
        let outcome = await RingFirstResult<Result<PostgresRateGrant, any Error>>.wait(
            atMost: Self.patience, in: self.environment
        ) {
            do { return .success(try await window.take(request)) } catch { return .failure(error) }
        }
        let now = self.environment.clock.uptime()
        self.state.withLock { state in
            if case .success(let grant)? = outcome {
                (state.lostAt, state.share) = (nil, grant.share)
            } else {
                // What it says may still arrive, and keep this process known to the others for a while.
                if !isAlone { state.lostAt = now }
                (state.counted, state.aloneAt) = (state.counted + counted, alone + state.aloneAt)
            }
        }
        return outcome
    }

    // MARK: Without the database

    /// Hands out places of this process's own share.
    private func handOutAlone() -> Duration {
        let now = self.environment.clock.uptime()
        let (lostAt, pausedUntil, share) = self.state.withLock { ($0.lostAt ?? now, $0.pausedUntil, $0.share) }
        // What the others took of the whole limit counts at Ring for one more second.
        let start = max(lostAt + Self.silence + Self.second, pausedUntil) - now
        guard share > 0, start <= .zero else {
            // The database may be back before.
            let wait = min(share == 0 ? .seconds(1) : start, .milliseconds(100))
            self.refuseLate(wait, with: Self.unreachable)
            return wait
        }
        let count = self.state.withLock { state in
            state.aloneAt.removeAll { $0 <= now - Self.second }
            let count = max(min(share - state.aloneAt.count, state.queue.count, Self.maximumBatch), 0)
            state.aloneAt += repeatElement(now, count: count)
            return count
        }
        self.admit(count)
        self.refuseLate(.milliseconds(20))
        return count == 0 ? .milliseconds(20) : .zero
    }

    private static let unreachable = RingError(
        code: .storageFailed,
        message: "rate budget: the database does not respond, and this process cannot go on without it yet; check that "
            + "the server runs and can be reached; nothing was sent")

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
        let (isUsed, starts) = self.state.withLock { state in
            state.isSaying = !state.isClosed && now - state.wantedAt < .seconds(60)
            guard state.isSaying else { return (false, false) }
            defer { (state.isReportDue, state.isPumping) = (true, true) }
            return (true, !state.isPumping)
        }
        guard isUsed else {
            await self.leave()
            return false
        }
        if starts { self.environment.detach { await self.pump() } }
        await self.noteProcesses()
        return true
    }

    package func close() async {
        let isKnown = self.state.withLock { state in
            state.isClosed = true
            return state.isSaying
        }
        if isKnown { await self.leave() }
    }

    private func leave() async {
        self.state.withLock { $0.share = 0 }
        // When it fails, this process is forgotten after half a minute.
        try? await self.window.leave()
        // A caller may have come in between, and the others have forgotten what it was given.
        self.state.withLock { $0.share = 0 }
    }
}
