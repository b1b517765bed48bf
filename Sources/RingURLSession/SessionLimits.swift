internal import RingCore

/// The limits of one exchange, as readings of the clock.
struct SessionLimits: Sendable {
    enum Limit { case answer, silence, total, deadline }

    private let start: Duration
    private let timeouts: RingTimeouts
    private let deadline: RingDeadline?

    init(_ context: RingRequestContext, _ configuration: RingURLSessionConfiguration, start: Duration) {
        self.start = start
        self.timeouts = context.timeouts ?? configuration.timeouts
        self.deadline = context.deadline
    }

    /// The limit that passes next, if nothing more happens.
    func next(hasHead: Bool, isPaused: Bool, lastActivity: Duration) -> (at: Duration, limit: Limit)? {
        var all: [(at: Duration, limit: Limit)] = []
        if let total = self.timeouts.total { all.append((self.start + total, .total)) }
        if let deadline { all.append((deadline.uptime, .deadline)) }
        if hasHead {
            if let silence = self.timeouts.silence, !isPaused { all.append((lastActivity + silence, .silence)) }
        } else if let firstByte = self.timeouts.firstByte {
            all.append((self.start + (self.timeouts.connect ?? .zero) + firstByte, .answer))
        }
        return all.min { $0.at < $1.at }
    }
}
