/// When tokens are refreshed and how patiently.
public struct RingTokenPolicy: Sendable {
    /// From here to its end a token is refreshed behind the callers' backs. Default: 15 minutes.
    public var advisoryMargin: Duration
    /// From here to its end callers wait for the refresh. Default: one minute.
    public var mandatoryMargin: Duration
    /// How long one keeper has an account to itself; longer than a token request can last. Default: one minute.
    public var leaseDuration: Duration
    /// An account that nobody uses is refreshed this often. Default: 24 hours.
    public var idleInterval: Duration
    /// The share of ``idleInterval`` by which accounts are spread out. Default: a fifth.
    public var idleJitter: Double
    /// Warnings come when this many days, or fewer, are left of a refresh token. Default: 10, 5 and 2.
    public var warningDays: [Int]
    /// How often a new pair is written before a failing store is reported; the pair is kept and written again at the next
    /// call. Default: 5.
    public var saveAttempts: Int
    /// A random number in 0..<1; tests pass their own.
    public var random: @Sendable () -> Double

    /// Creates a policy; without arguments, the one for production.
    public init(
        advisoryMargin: Duration = .seconds(900), mandatoryMargin: Duration = .seconds(60),
        leaseDuration: Duration = .seconds(60), idleInterval: Duration = .seconds(86_400), idleJitter: Double = 0.2,
        warningDays: [Int] = [10, 5, 2], saveAttempts: Int = 5,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.advisoryMargin = advisoryMargin
        self.mandatoryMargin = mandatoryMargin
        self.leaseDuration = leaseDuration
        self.idleInterval = idleInterval
        self.idleJitter = min(max(idleJitter, 0), 1)
        self.warningDays = warningDays
        self.saveAttempts = max(saveAttempts, 1)
        self.random = random
    }

    /// How long after its purchase a pair is due again, spread by ``idleJitter``.
    func idleDelay() -> Duration { self.idleInterval * (1 - self.idleJitter * self.random()) }

    /// The pause before look number `index` at an account somebody else refreshes, or before the next attempt to save.
    package func pause(_ index: Int) -> Duration {
        let base = Double(min(25 << min(index, 5), 500))
        return .milliseconds(Int64(base * (0.5 + self.random() / 2)) + 1)
    }

    /// The pause before the next refresh behind the callers' backs, after failures in a row.
    func advisoryPause(failures: Int) -> Duration {
        let base = Double(min(5 << min(max(failures, 1), 6), 120))
        return .milliseconds(Int64(base * 1_000 * (0.5 + self.random() / 2)))
    }
}
