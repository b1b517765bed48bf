internal import Synchronization

/// The rate budget of one process: an exact window of one second, priorities, and turns between accounts.
///
/// Background work leaves a tenth of each second free, so an interactive call never waits behind background work that filled it. Within one
/// priority the accounts take turns, so one busy account does not starve the others. On 429 everything pauses for as
/// long as Ring asks, a minute at most, and goes on at half the rate, which grows by a tenth of the limit each second.
/// Requests that were refused together halve the rate once.
public final class RingLocalRateBudget: RingRateBudget {
    private let clock: any RingClock
    private let window = Duration.seconds(1)
    private let state: Mutex<RingRateWindow>

    /// Creates a full budget.
    ///
    /// - Parameters:
    ///   - limit: Requests a second.
    ///   - clock: The source of time; `nil` for the machine's own clocks.
    public init(limit: Int = 100, clock: (any RingClock)? = nil) {
        self.clock = clock ?? RingSystemClock()
        self.state = Mutex(RingRateWindow(limit: max(1, limit)))
    }

    /// The number of callers that wait; for metrics.
    package var waiting: Int { self.state.withLock { $0.queue.count } }

    /// Waits for a place in the window.
    ///
    /// - Throws: `RingError` with ``RingError/Code/rateLimited`` when the deadline would pass first;
    ///   `CancellationError` when the task is cancelled.
    public func admit(account: RingAccountID?, priority: RingPriority, deadline: RingDeadline?) async throws {
        try Task.checkCancellation()
        let now = self.clock.uptime()
        let ticket: Int? = self.state.withLock { state in
            // A caller with a higher priority than all waiting callers is admitted at once if there is a place.
            if state.queue.highestPriority.map({ $0 < priority }) ?? true, state.takeSlot(at: now, priority: priority) {
                return nil
            }
            return state.queue.nextTicket()
        }
        guard let ticket else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let entry = self.state.withLock { state in
                    state.enqueue(
                        .init(ticket: ticket, account: account, deadline: deadline, continuation: continuation),
                        priority: priority, at: now)
                }
                switch entry {
                case .waits(let needsPump): if needsPump { self.startPump() }
                case .isCancelled: continuation.resume(throwing: CancellationError())
                case .isTooLate(let wait): continuation.resume(throwing: RingError.rateBudgetTooLate(wait))
                }
            }
        } onCancel: {
            self.state.withLock { $0.queue.cancel(ticket) }?.resume(throwing: CancellationError())
        }
    }

    /// A waiting request is refused when its deadline comes first.
    public var keepsDeadlines: Bool { true }

    /// Learns from a response.
    public func learn(_ decision: RingRateDecision) {
        let now = self.clock.uptime()
        self.state.withLock { $0.learn(decision, at: now) }
    }

    /// One task at a time hands out places while callers wait.
    private func startPump() {
        Task { [weak self] in
            while let self, let wait = self.handOut() {
                do { try await self.clock.sleep(for: wait) } catch {
                    // The next caller starts another task.
                    return self.state.withLock { $0.isPumping = false }
                }
            }
        }
    }

    /// - Returns: The time until there may be another place; `nil` when no caller waits.
    private func handOut() -> Duration? {
        let now = self.clock.uptime()
        let turn = self.state.withLock { $0.handOut(at: now) }
        for waiter in turn.admitted { waiter.continuation.resume() }
        for waiter in turn.refused {
            waiter.continuation.resume(throwing: RingError.rateBudgetTooLate(turn.wait))
        }
        return turn.isLast ? nil : turn.wait
    }
}

extension RingError {
    /// The next free place of a rate budget comes after a caller's deadline.
    package static func rateBudgetTooLate(_ wait: Duration) -> RingError {
        RingError(
            code: .rateLimited,
            message: "the rate limit of the client id is used up for now and the deadline comes first; "
                + "allow more time, or send fewer requests", retryAfter: wait)
    }
}
