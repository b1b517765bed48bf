#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The one source of time: dates to compare with a server's, a monotonic reading for limits, and waiting.
///
/// Everything in this package that waits or compares takes one, so a test runs days of token life in milliseconds. The machine's
/// own clocks are `RingEnvironment().clock`.
public protocol RingClock: Sendable {
    /// The wall clock, for comparing with a server's dates.
    func now() -> Date

    /// A reading that never goes backwards, since an arbitrary start; for deadlines and measured durations.
    func uptime() -> Duration

    /// Waits.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own clocks.
package struct RingSystemClock: RingClock {
    private static let start = ContinuousClock.now

    /// How far the date is ahead, in seconds, for tests of machines whose clocks differ.
    private let offset: Double

    /// Creates the clock; all of them read the same.
    package init(ahead offset: Double = 0) { self.offset = offset }

    /// The machine's date.
    package func now() -> Date { Date() + self.offset }

    /// The time since the first reading in this process.
    package func uptime() -> Duration { ContinuousClock.now - Self.start }

    /// Suspends the task.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    package func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
