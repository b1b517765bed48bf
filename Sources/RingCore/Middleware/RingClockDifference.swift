internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The clock of this process and the `Date` of responses differ by more than a minute: one of them is wrong, or the service was
/// not given the clock of the simulator that it is tested with. Nonces and webhooks have time windows, and tokens end.
package struct RingClockDiffers: RingObservation {
    package static let name = "clock.differs"
    /// The host that sent the date.
    package var host: String
    /// How far its date is ahead of this process's clock; negative when it is behind.
    package var ahead: Duration

    /// Somebody should set a clock.
    package var level: RingObservationLevel { .warning }
    package var attributes: [(key: String, value: String)] {
        [("host", self.host), ("ahead_ms", String(self.ahead.milliseconds))]
    }
}

/// Compares the dates of responses with a clock, and reports a difference at most once in ten minutes.
package final class RingClockComparison: Sendable {
    private static let tolerance = 60.0
    private static let interval = Duration.seconds(600)
    private let reportedAt = Mutex<Duration?>(nil)

    package init() {}

    /// Compares the date of a response that has just arrived.
    func compare(_ response: RingHTTPResponse, to request: RingHTTPRequest, _ environment: RingEnvironment) {
        let now = environment.clock.now()
        // A cache responds with an old date, and says so.
        guard let field = response.headerFields[.date], response.headerFields["Age"] == nil,
            let date = RingHTTPDate.parse(field, now: now), abs(date.timeIntervalSince(now)) > Self.tolerance
        else { return }
        let uptime = environment.clock.uptime()
        let isDue = self.reportedAt.withLock { last in
            guard last.map({ uptime - $0 >= Self.interval }) ?? true else { return false }
            last = uptime
            return true
        }
        guard isDue else { return }
        let ahead = Duration.milliseconds(Int64((date.timeIntervalSince(now) * 1_000).rounded()))
        environment.observer.observe(RingClockDiffers(host: request.url.host() ?? "", ahead: ahead))
    }
}
