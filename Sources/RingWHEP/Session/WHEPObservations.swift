public import RingCore

/// A live session was opened.
public struct WHEPSessionOpened: RingObservation {
    /// `live.opened`.
    public static let name = "live.opened"
    /// The device.
    public var device: RingDeviceID
    /// On whose behalf.
    public var account: RingAccountID?
    /// The repairs the answer needed, as words.
    public var repairs: [String]

    /// Worth a line: a camera streams.
    public var level: RingObservationLevel { .info }

    /// Device, account and repairs.
    public var attributes: [(key: String, value: String)] {
        [("device", self.device.rawValue)] + (self.account.map { [("account", $0.rawValue)] } ?? [])
            + (self.repairs.isEmpty ? [] : [("repairs", self.repairs.joined(separator: ","))])
    }
}

/// A live session ended, or could not be ended.
public struct WHEPSessionEnded: RingObservation {
    /// `live.ended`.
    public static let name = "live.ended"
    /// The device.
    public var device: RingDeviceID
    /// On whose behalf.
    public var account: RingAccountID?
    /// Why.
    public var reason: WHEPEndReason
    /// What closing came to: `closed`, `already_ended`, `detached`, or the word of an error.
    public var outcome: String
    /// Whether the camera may go on until Ring's limit.
    public var mayStillRun: Bool

    /// A camera that may go on is worth a warning.
    public var level: RingObservationLevel { self.mayStillRun ? .warning : .info }

    /// Device, account, reason and outcome.
    public var attributes: [(key: String, value: String)] {
        [("device", self.device.rawValue)] + (self.account.map { [("account", $0.rawValue)] } ?? [])
            + [("reason", self.reason.rawValue), ("outcome", self.outcome)]
    }
}

/// The outcome of a start is not known: a camera may stream until Ring's limit, and nobody can close it.
public struct WHEPStartLost: RingObservation {
    /// `live.start_lost`.
    public static let name = "live.start_lost"
    /// The device.
    public var device: RingDeviceID
    /// On whose behalf.
    public var account: RingAccountID?
    /// Why nothing is known: the word of an error.
    public var reason: String

    /// Somebody should know.
    public var level: RingObservationLevel { .warning }

    /// Device, account and reason.
    public var attributes: [(key: String, value: String)] {
        [("device", self.device.rawValue)] + (self.account.map { [("account", $0.rawValue)] } ?? [])
            + [("reason", self.reason)]
    }
}
