package import RingCore

/// When tokens are refreshed and how patiently.
public struct RingTokenPolicy: Sendable {
    /// From here to its end a token is refreshed behind the callers' backs. Default: 15 minutes.
    public var advisoryMargin: Duration
    /// From here to its end callers wait for the refresh. Default: one minute.
    public var mandatoryMargin: Duration
    /// How long after a crash on another machine, or in another container, the account of a refresh that was under way stays
    /// reserved. On the same machine a crash is noticed at once. Default: 40 seconds, and never less than ten seconds more
    /// than a token request may last: no lease ends while its request is on the way.
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

    /// Creates a policy; without arguments, the one for production.
    public init(
        advisoryMargin: Duration = .seconds(900), mandatoryMargin: Duration = .seconds(60),
        leaseDuration: Duration = .seconds(40), idleInterval: Duration = .seconds(86_400), idleJitter: Double = 0.2,
        warningDays: [Int] = [10, 5, 2], saveAttempts: Int = 5
    ) {
        self.advisoryMargin = advisoryMargin
        self.mandatoryMargin = mandatoryMargin
        self.leaseDuration = max(leaseDuration, .seconds(1))
        self.idleInterval = idleInterval
        self.idleJitter = min(max(idleJitter, 0), 1)
        self.warningDays = warningDays
        self.saveAttempts = max(saveAttempts, 1)
    }

    /// The pause before look number `index` at an account somebody else refreshes, or before the next attempt to save.
    package func pause(_ index: Int, _ environment: RingEnvironment) -> Duration {
        let base = Double(min(25 << min(index, 5), 500))
        return .milliseconds(Int64(base * (0.5 + environment.randomUnit() / 2)) + 1)
    }

    /// The pause before the next refresh that nobody waits for, after failures in a row.
    func advisoryPause(failures: Int, _ environment: RingEnvironment) -> Duration {
        let base = Double(min(5 << min(max(failures, 1), 6), 120))
        return .milliseconds(Int64(base * 1_000 * (0.5 + environment.randomUnit() / 2)))
    }

    /// The pause before an account whose idle refresh failed is tried again: ten minutes, doubled each time, at most
    /// ``idleInterval`` and a twentieth of what is left of its refresh token.
    func idlePause(failures: Int, left: Duration, _ environment: RingEnvironment) -> Duration {
        let shortest = Duration.seconds(600)
        let longest = max(shortest, min(self.idleInterval, left / 20))
        return min(shortest * (1 << min(max(failures - 1, 0), 10)), longest) * (0.75 + environment.randomUnit() / 4)
    }
}
