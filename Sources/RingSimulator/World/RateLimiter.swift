/// Counts the requests of the simulated app.
struct RateLimiter {
    private var second: Int64 = 0
    private var count = 0
    /// The times of the requests in the last second, oldest first, from `first` on.
    private var times: [Int64] = []
    private var first = 0

    /// Counts a request.
    ///
    /// - Returns: How many more are allowed now; `nil` when this one is too many. A refused request does not count.
    mutating func take(at now: Int64, limit: Int, _ window: RingSimulatorSwitches.RateWindow) -> Int? {
        switch window {
        case .fixed:
            if now / 1000 != self.second { (self.second, self.count) = (now / 1000, 0) }
            guard self.count < limit else { return nil }
            self.count += 1
            return limit - self.count
        case .sliding:
            while self.first < self.times.count, self.times[self.first] <= now - 1000 { self.first += 1 }
            if self.first > 1000, self.first * 2 > self.times.count {
                self.times.removeFirst(self.first)
                self.first = 0
            }
            guard self.times.count - self.first < limit else { return nil }
            self.times.append(now)
            return limit - (self.times.count - self.first)
        }
    }
}

/// The refusals of webhooks in a row. Ten within 24 hours switch the endpoint off, until its URL is set again.
struct WebhookRefusals: Codable {
    private var times: [Int64] = []
    private(set) var isOff = false

    /// Follows the response to an attempt.
    mutating func follow(_ status: Int, at now: Int64, limit: Int) {
        // A response that is not final, or none, says nothing about refusals in a row.
        guard (200..<500).contains(status) else { return }
        guard status >= 400 else { return self.times = [] }
        // No more times are kept than anybody counts.
        let limit = min(limit, 1000)
        guard limit > 0 else { return }
        self.times = self.times.filter { $0 > now - 86_400_000 }.suffix(limit - 1) + [now]
        if self.times.count >= limit { self.isOff = true }
    }
}
