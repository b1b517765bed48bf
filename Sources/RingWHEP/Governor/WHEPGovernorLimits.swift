/// What the governor allows.
public struct WHEPGovernorLimits: Hashable, Sendable {
    /// The most sessions at one time over all accounts that share the governor.
    public var maximumSessions: Int
    /// The most live video of one battery device within an hour; devices of unknown power count as battery devices.
    ///
    /// Live video is the most costly thing a battery camera does. `nil` sets no budget.
    public var batteryBudget: Duration?
    /// The shortest session worth opening when the budget is nearly spent.
    public var shortestSession: Duration

    /// Creates limits.
    public init(
        maximumSessions: Int = 100, batteryBudget: Duration? = .seconds(600), shortestSession: Duration = .seconds(10)
    ) {
        self.maximumSessions = max(1, maximumSessions)
        self.batteryBudget = batteryBudget
        self.shortestSession = shortestSession
    }

    /// No budget and no cap beyond what fits into an integer.
    public static let none = Self(maximumSessions: .max, batteryBudget: nil)
}
