package import RingCore

/// `live.opened`: a live session was opened.
package struct WHEPSessionOpened: RingObservation {
    package static let name = "live.opened"
    var device: RingDeviceID
    var account: RingAccountID?
    /// The repairs of the answer, as words.
    var repairs: [String]

    package var level: RingObservationLevel { .info }

    package var attributes: [(key: String, value: String)] {
        [("device", self.device.rawValue)] + (self.account.map { [("account", $0.rawValue)] } ?? [])
            + (self.repairs.isEmpty ? [] : [("repairs", self.repairs.joined(separator: ","))])
    }
}

/// `live.ended`: a live session ended, or could not be closed.
package struct WHEPSessionEnded: RingObservation {
    package static let name = "live.ended"
    var device: RingDeviceID
    var account: RingAccountID?
    package var reason: WHEPEndReason
    /// `closed`, `already_ended`, `detached`, or the code of an error.
    var outcome: String
    /// Whether the camera may stream until Ring's limit.
    package var mayStillRun: Bool

    package var level: RingObservationLevel { self.mayStillRun ? .warning : .info }

    package var attributes: [(key: String, value: String)] {
        [("device", self.device.rawValue)] + (self.account.map { [("account", $0.rawValue)] } ?? [])
            + [("reason", self.reason.rawValue), ("outcome", self.outcome)]
    }
}

/// `live.start_lost`: the outcome of a start is unknown. A camera may stream until Ring's limit, and nobody can close the
/// session.
package struct WHEPStartLost: RingObservation {
    package static let name = "live.start_lost"
    var device: RingDeviceID
    var account: RingAccountID?
    /// The code of an error.
    var reason: String

    package var level: RingObservationLevel { .warning }

    package var attributes: [(key: String, value: String)] {
        [("device", self.device.rawValue)] + (self.account.map { [("account", $0.rawValue)] } ?? [])
            + [("reason", self.reason)]
    }
}
