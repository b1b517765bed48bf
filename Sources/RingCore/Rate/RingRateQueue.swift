/// Callers that wait for a place, by priority. Within one priority the accounts take turns, and one account's waiters keep
/// their order.
package struct RingRateQueue {
    package struct Waiter {
        package var ticket: Int
        package var account: RingAccountID?
        package var deadline: RingDeadline?
        package var continuation: CheckedContinuation<Void, any Error>

        package init(
            ticket: Int, account: RingAccountID?, deadline: RingDeadline?,
            continuation: CheckedContinuation<Void, any Error>
        ) {
            self.ticket = ticket
            self.account = account
            self.deadline = deadline
            self.continuation = continuation
        }
    }

    private struct Lane {
        var turns: [RingAccountID?] = []
        var turn = 0
        var waiters: [RingAccountID?: [Waiter]] = [:]
        var count = 0
    }

    private var lanes: [RingPriority: Lane] = [:]
    package private(set) var count = 0
    private var tickets = 0
    /// The tickets of callers that were cancelled before they were queued.
    private var cancelledEarly: Set<Int> = []

    package init() {}

    /// Names a caller that is about to be queued, for its cancellation.
    package mutating func nextTicket() -> Int {
        self.tickets += 1
        return self.tickets
    }

    /// Whether a caller was cancelled between drawing its ticket and being queued.
    package mutating func wasCancelled(_ ticket: Int) -> Bool { self.cancelledEarly.remove(ticket) != nil }

    /// Removes a caller.
    ///
    /// - Returns: What it waits for; `nil` when it is not queued yet, or not any more.
    package mutating func cancel(_ ticket: Int) -> CheckedContinuation<Void, any Error>? {
        if let waiter = self.remove(ticket) { return waiter.continuation }
        // Cancelled before it was queued, or after it was admitted; only the former reads this mark.
        if ticket > self.tickets - 10_000 { self.cancelledEarly.insert(ticket) }
        if self.cancelledEarly.count > 10_000 { self.cancelledEarly.removeAll() }
        return nil
    }

    package var isEmpty: Bool { self.count == 0 }

    package var highestPriority: RingPriority? {
        self.lanes.filter { $0.value.count > 0 }.keys.max()
    }

    /// How many wait with a priority.
    package func count(_ priority: RingPriority) -> Int { self.lanes[priority]?.count ?? 0 }

    package mutating func append(_ waiter: Waiter, priority: RingPriority) {
        var lane = self.lanes.removeValue(forKey: priority) ?? Lane()
        if lane.waiters[waiter.account]?.append(waiter) == nil {
            lane.waiters[waiter.account] = [waiter]
            lane.turns.append(waiter.account)
        }
        lane.count += 1
        self.count += 1
        self.lanes[priority] = lane
    }

    package mutating func popFirst() -> Waiter? {
        guard let priority = self.highestPriority, var lane = self.lanes.removeValue(forKey: priority) else {
            return nil
        }
        defer { self.lanes[priority] = lane }
        if lane.turn >= lane.turns.count { lane.turn = 0 }
        guard lane.turn < lane.turns.count, var waiters = lane.waiters.removeValue(forKey: lane.turns[lane.turn]),
            !waiters.isEmpty
        else { return nil }
        let waiter = waiters.removeFirst()
        if waiters.isEmpty {
            lane.turns.remove(at: lane.turn)
        } else {
            lane.waiters[waiter.account] = waiters
            lane.turn += 1
        }
        lane.count -= 1
        self.count -= 1
        return waiter
    }

    package mutating func remove(_ ticket: Int) -> Waiter? {
        self.removeAll { $0.ticket == ticket }.first
    }

    package mutating func removeAll(where matches: (Waiter) -> Bool) -> [Waiter] {
        var removed: [Waiter] = []
        for (priority, lane) in self.lanes {
            var kept = Lane()
            for account in lane.turns[min(lane.turn, lane.turns.count)...]
                + lane.turns[..<min(lane.turn, lane.turns.count)]
            {
                let waiters = lane.waiters[account] ?? []
                let staying = waiters.filter { !matches($0) }
                removed += waiters.filter(matches)
                guard !staying.isEmpty else { continue }
                kept.turns.append(account)
                kept.waiters[account] = staying
                kept.count += staying.count
            }
            self.lanes[priority] = kept
        }
        self.count -= removed.count
        return removed
    }
}
