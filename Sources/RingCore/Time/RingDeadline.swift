/// The moment by which a call must have ended, over token, waits, retries and body together.
public struct RingDeadline: Hashable, Comparable, Sendable {
    /// The reading of ``RingClock/uptime()`` at which time is up.
    public var uptime: Duration

    /// Creates a deadline at a reading of the clock.
    public init(uptime: Duration) { self.uptime = uptime }

    /// Creates a deadline some time from now.
    public init(in duration: Duration, clock: some RingClock) { self.uptime = clock.uptime() + duration }

    /// The time left; zero or less when it has passed.
    public func remaining(_ clock: some RingClock) -> Duration { self.uptime - clock.uptime() }

    /// Orders by time: the earlier deadline is the smaller one.
    public static func < (left: Self, right: Self) -> Bool { left.uptime < right.uptime }
}

extension RingDeadline {
    /// Runs `operation` and cancels it when the deadline passes.
    ///
    /// - Throws: `RingError` with ``RingError/Code/deadlineExceeded`` when the time is up first; what `operation` throws.
    public func run<Value: Sendable>(
        _ clock: some RingClock, of operation: RingOperation,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let left = self.remaining(clock)
        guard left > .zero else { throw RingError.deadlineExceeded(operation) }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await clock.sleep(for: left)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else {
                throw RingError.deadlineExceeded(operation)
            }
            return value
        }
    }
}
