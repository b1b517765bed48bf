/// The state behind ``RingLocalRateBudget``: who took a slot in the last second, and who waits.
struct RingRateWindow {
    /// The result of one check of the queue.
    struct Turn {
        var admitted: [RingRateQueue.Waiter]
        var refused: [RingRateQueue.Waiter] = []
        /// The time to the next free slot.
        var wait = Duration.zero
        /// Whether no caller is waiting any more.
        var isLast = false
    }

    /// The outcome for a caller that has to wait.
    enum Entry {
        case waits(needsPump: Bool)
        case isCancelled
        /// The deadline comes before the next free slot, in this time.
        case isTooLate(Duration)
    }

    private let fullLimit: Int
    private var limit: Int
    private var taken: [Duration] = []
    private var takenStart = 0
    private var pausedUntil: Duration = .zero
    private var lastHalving: Duration?
    private var lastRecovery: Duration = .zero
    var queue = RingRateQueue()
    var isPumping = false

    init(limit: Int) {
        self.fullLimit = limit
        self.limit = limit
    }

    mutating func enqueue(_ waiter: RingRateQueue.Waiter, priority: RingPriority, at now: Duration) -> Entry {
        if self.queue.wasCancelled(waiter.ticket) { return .isCancelled }
        // The queue is not checked before the next free slot, which may be a minute away during a pause.
        let wait = self.timeToSlot(at: now)
        if self.isPumping, let deadline = waiter.deadline, deadline.uptime <= now + wait { return .isTooLate(wait) }
        self.queue.append(waiter, priority: priority)
        defer { self.isPumping = true }
        return .waits(needsPump: !self.isPumping)
    }

    /// Takes a slot when one is free for this priority.
    mutating func takeSlot(at now: Duration, priority: RingPriority) -> Bool {
        self.expire(at: now)
        guard now >= self.pausedUntil, self.inUse < self.allowance(priority) else { return false }
        self.taken.append(now)
        return true
    }

    mutating func handOut(at now: Duration) -> Turn {
        var admitted: [RingRateQueue.Waiter] = []
        while let priority = self.queue.highestPriority, self.takeSlot(at: now, priority: priority),
            let waiter = self.queue.popFirst()
        { admitted.append(waiter) }
        guard !self.queue.isEmpty else {
            self.isPumping = false
            return Turn(admitted: admitted, isLast: true)
        }
        let wait = self.timeToSlot(at: now)
        let refused = self.queue.removeAll { waiter in
            waiter.deadline.map { $0.uptime <= now + wait } ?? false
        }
        guard !self.queue.isEmpty else {
            self.isPumping = false
            return Turn(admitted: admitted, refused: refused, wait: wait, isLast: true)
        }
        return Turn(admitted: admitted, refused: refused, wait: wait)
    }

    mutating func learn(_ decision: RingRateDecision, at now: Duration) {
        self.expire(at: now)
        if decision.isLimited {
            let pause = min(max(decision.retryAfter ?? .seconds(1), .zero), .seconds(60))
            // Requests that were under way together are refused together, which tells one thing and not as many.
            if now >= self.pausedUntil, self.lastHalving.map({ now - $0 >= .seconds(1) }) ?? true {
                self.limit = max(1, self.limit / 2)
                self.lastHalving = now
            }
            self.pausedUntil = max(self.pausedUntil, now + pause)
            self.lastRecovery = self.pausedUntil
        }
        // Others share the client id: what they took counts as taken now.
        if let remaining = decision.remaining, remaining >= 0, remaining < self.fullLimit - self.inUse {
            let missing = self.fullLimit - self.inUse - remaining
            self.taken.append(contentsOf: repeatElement(now, count: missing))
        }
    }

    private var inUse: Int { self.taken.count - self.takenStart }

    private func allowance(_ priority: RingPriority) -> Int {
        priority == .background ? max(1, self.limit - self.limit / 10) : self.limit
    }

    private mutating func expire(at now: Duration) {
        while self.takenStart < self.taken.count, self.taken[self.takenStart] <= now - .seconds(1) {
            self.takenStart += 1
        }
        if self.takenStart > 1_024 {
            self.taken.removeFirst(self.takenStart)
            self.takenStart = 0
        }
        while self.limit < self.fullLimit, now - self.lastRecovery >= .seconds(1) {
            self.limit = min(self.fullLimit, self.limit + max(1, self.fullLimit / 10))
            self.lastRecovery += .seconds(1)
        }
    }

    private func timeToSlot(at now: Duration) -> Duration {
        let pause = self.pausedUntil - now
        let oldest = self.takenStart < self.taken.count ? self.taken[self.takenStart] + .seconds(1) - now : .zero
        return max(pause, oldest, .milliseconds(1))
    }
}
