public import RingCore

/// Limits and times of live video, the same for all sessions of a client.
public struct WHEPConfiguration: Hashable, Sendable {
    /// How long Ring lets a session of a battery device run.
    public var batteryLimit: Duration
    /// How long Ring lets a session of a line-powered device run.
    public var lineLimit: Duration
    /// How long a session is assumed to run when the power class is unknown.
    public var unknownLimit: Duration
    /// How long before Ring's limit a session is closed from this side.
    public var margin: Duration
    /// How long before that closing updates say that the end is near.
    public var warning: Duration
    /// How often the remaining time is reported.
    public var updateInterval: Duration
    /// The time for a negotiation: the POST, its redirects and the answer's body.
    public var startTimeout: Duration
    /// The time for a closing, and for a start that has been cancelled to come to an end.
    public var closeTimeout: Duration
    /// The longest answer that is read, in bytes.
    public var maximumAnswerBytes: Int
    /// The most redirects that are followed.
    public var maximumRedirects: Int

    /// Creates a configuration.
    public init(
        batteryLimit: Duration = .seconds(30), lineLimit: Duration = .seconds(60),
        unknownLimit: Duration = .seconds(30), margin: Duration = .seconds(2), warning: Duration = .seconds(5),
        updateInterval: Duration = .seconds(1), startTimeout: Duration = .seconds(20),
        closeTimeout: Duration = .seconds(5), maximumAnswerBytes: Int = 128 * 1024, maximumRedirects: Int = 5
    ) {
        self.batteryLimit = batteryLimit
        self.lineLimit = lineLimit
        self.unknownLimit = unknownLimit
        self.margin = margin
        self.warning = warning
        self.updateInterval = max(updateInterval, .milliseconds(10))
        self.startTimeout = startTimeout
        self.closeTimeout = closeTimeout
        self.maximumAnswerBytes = maximumAnswerBytes
        self.maximumRedirects = max(0, maximumRedirects)
    }

    /// How long Ring is expected to let a session run.
    public func limit(_ power: RingPowerSource) -> Duration {
        switch power {
        case .battery: self.batteryLimit
        case .mains: self.lineLimit
        case .unknown: self.unknownLimit
        }
    }

    /// How long any session may run at worst, from the moment before it is asked for.
    var longestRun: Duration {
        self.startTimeout + self.closeTimeout + max(self.batteryLimit, self.lineLimit, self.unknownLimit)
    }

    /// How long a session may run at worst.
    func longestLimit(_ power: RingPowerSource) -> Duration {
        power == .unknown ? max(self.unknownLimit, self.lineLimit) : self.limit(power)
    }
}
