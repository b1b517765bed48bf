/// The moment by which a call must have ended, over token, waits, retries and body together.
public struct RingDeadline: Hashable, Comparable, Sendable {
    /// The reading of ``RingClock/uptime()`` at which time is up.
    package var uptime: Duration

    /// Creates a deadline at a reading of the clock.
    package init(uptime: Duration) { self.uptime = uptime }

    /// Creates a deadline some time from now.
    public init(in duration: Duration, clock: some RingClock) { self.uptime = clock.uptime() + duration }

    /// The time left; zero or less when it has passed.
    public func remaining(_ clock: some RingClock) -> Duration { self.uptime - clock.uptime() }

    /// Orders by time: the earlier deadline is the smaller one.
    public static func < (left: Self, right: Self) -> Bool { left.uptime < right.uptime }
}
