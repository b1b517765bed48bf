package import RingCore

/// Limits and times of live video, the same for all sessions of a client.
public struct WHEPConfiguration: Hashable, Sendable {
    /// How long Ring lets a session of a battery device run.
    public var maximumBatteryDuration: Duration
    /// How long Ring lets a session of a mains-powered device run.
    public var maximumMainsDuration: Duration
    /// How long a session is assumed to run when the power source is unknown.
    public var maximumUnknownDuration: Duration
    /// How long before Ring's limit a session is closed from this side.
    public var closeMargin: Duration
    /// How long before that closing the updates say that the end is near.
    public var warningInterval: Duration
    /// How often the remaining time is reported.
    public var updateInterval: Duration
    /// The time for a negotiation: the POST, its redirects and the body of the response.
    public var startTimeout: Duration
    /// When a negotiation must have ended at the latest, whatever ``startTimeout`` allows; `nil` for no such moment.
    package var startDeadline: RingDeadline?
    /// The time for closing a session, and for a cancelled start to finish.
    public var closeTimeout: Duration
    /// The maximum length of a response body, in bytes.
    var maximumBodyBytes: Int { 128 * 1024 }
    /// The maximum number of redirects that are followed.
    var maximumRedirectCount: Int { 5 }

    /// Creates a configuration.
    public init(
        maximumBatteryDuration: Duration = .seconds(30), maximumMainsDuration: Duration = .seconds(60),
        maximumUnknownDuration: Duration = .seconds(30), closeMargin: Duration = .seconds(2),
        warningInterval: Duration = .seconds(5), updateInterval: Duration = .seconds(1),
        startTimeout: Duration = .seconds(20), closeTimeout: Duration = .seconds(5)
    ) {
        self.maximumBatteryDuration = maximumBatteryDuration
        self.maximumMainsDuration = maximumMainsDuration
        self.maximumUnknownDuration = maximumUnknownDuration
        self.closeMargin = closeMargin
        self.warningInterval = warningInterval
        self.updateInterval = max(updateInterval, .milliseconds(10))
        self.startTimeout = startTimeout
        self.closeTimeout = closeTimeout
    }

    /// How long Ring is expected to let a session run.
    package func expectedDuration(_ power: RingPowerSource) -> Duration {
        switch power {
        case .battery: self.maximumBatteryDuration
        case .mains: self.maximumMainsDuration
        case .unknown: self.maximumUnknownDuration
        }
    }

    /// The maximum duration of a session with a power source.
    func maximumDuration(_ power: RingPowerSource) -> Duration {
        power == .unknown ? max(self.maximumUnknownDuration, self.maximumMainsDuration) : self.expectedDuration(power)
    }

    /// The maximum duration of any session, counted from before its start is requested.
    var maximumRun: Duration {
        self.startTimeout + self.closeTimeout
            + max(self.maximumBatteryDuration, self.maximumMainsDuration, self.maximumUnknownDuration)
    }
}
