package import RingCore

/// When tokens are refreshed.
public struct RingTokenPolicy: Sendable {
    /// A token that expires within this time is refreshed in the background. Default: 15 minutes.
    public var advisoryMargin: Duration
    /// For a token that expires within this time, callers wait for the refresh. Default: one minute.
    public var mandatoryMargin: Duration
    /// How long the account of a refresh that was under way stays reserved after a crash on another machine or in another
    /// container. On the same machine a crash is noticed at once. Default: 40 seconds; at least ten seconds more than the time
    /// limit of a token request, so that no lease expires while its request is under way.
    public var leaseDuration: Duration
    /// How often the tokens of an unused account are refreshed. Default: 24 hours.
    public var idleInterval: Duration
    /// The fraction of ``idleInterval`` over which the refreshes of unused accounts are spread. Default: a fifth.
    package var idleJitter: Double
    /// A warning is reported when a refresh token expires in this many days or fewer. Default: 10, 5 and 2.
    public var warningDays: [Int]
    /// How often a new pair is written before a failing store is an error; the pair is kept and written again at the next
    /// call. Default: 5.
    package var saveAttempts: Int

    /// Creates the default policy, which is meant for production.
    public init() { self.init(advisoryMargin: .seconds(900)) }

    package init(
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

    /// The pause before attempt number `index`, either to read an account that another process refreshes, or to save.
    package func pause(_ index: Int, _ environment: RingEnvironment) -> Duration {
        let base = Double(min(25 << min(index, 5), 500))
        return .milliseconds(Int64(base * (0.5 + environment.randomUnit() / 2)) + 1)
    }

    /// The pause before the next background refresh, after a number of failures in a row.
    func advisoryPause(failures: Int, _ environment: RingEnvironment) -> Duration {
        let base = Double(min(5 << min(max(failures, 1), 6), 120))
        return .milliseconds(Int64(base * 1_000 * (0.5 + environment.randomUnit() / 2)))
    }

    /// The pause before an account whose idle refresh failed is tried again: ten minutes, doubled each time, at most
    /// ``idleInterval`` and a twentieth of what is left of its refresh token.
    func idlePause(failures: Int, left: Duration, _ environment: RingEnvironment) -> Duration {
        let minimum = Duration.seconds(600)
        let maximum = max(minimum, min(self.idleInterval, left / 20))
        return min(minimum * (1 << min(max(failures - 1, 0), 10)), maximum) * (0.75 + environment.randomUnit() / 4)
    }
}
