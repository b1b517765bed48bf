/// When a failed handler is called again, and how often.
public struct RingWebhookRetrySchedule: Hashable, Sendable {
    /// The waits after the first, second, … failure; the last one repeats.
    package var delays: [Duration]
    /// How many runs there are before an event is quarantined.
    package var maximumAttempts: Int
    /// By how much a wait may be longer or shorter, so that not everything runs at the same moment: 0.2 is a fifth.
    package var jitter: Double

    /// Creates a schedule.
    ///
    /// - Parameters:
    ///   - delays: The waits, in order.
    ///   - maximumAttempts: How many runs there are.
    ///   - jitter: By how much a wait may vary, from 0 to 1.
    public init(delays: [Duration], maximumAttempts: Int, jitter: Double = 0.2) {
        self.delays = delays
        self.maximumAttempts = maximumAttempts
        self.jitter = jitter
    }

    /// 1 s, 5 s, 30 s, 2 min, 10 min, then every hour; twelve runs in about six hours.
    public static let standard = Self(
        delays: [.seconds(1), .seconds(5), .seconds(30), .seconds(120), .seconds(600), .seconds(3_600)],
        maximumAttempts: 12)

    /// The wait after a failed run, counted from 1; `nil` when there is no further run.
    package func delay(after attempt: Int, random: () -> Double) -> Duration? {
        guard attempt < self.maximumAttempts else { return nil }
        let index = min(max(attempt, 1), self.delays.count) - 1
        guard self.delays.indices.contains(index) else { return .zero }
        return max(self.delays[index], .zero) * (1 + self.variation * (2 * random() - 1))
    }

    /// The longest wait that the schedule can give.
    package var maximumDelay: Duration { max(self.delays.max() ?? .zero, .zero) * (1 + self.variation) }

    private var variation: Double { min(max(self.jitter, 0), 1) }
}
