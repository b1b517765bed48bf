package import RingCore

/// `media.waits`: media is not ready; the same request will be sent again.
package struct RingMediaWaits: RingObservation {
    package static let name = "media.waits"
    var operation: RingOperation
    package var reason: RingError.Code
    /// The number of this wait, from 1.
    var attempt: Int
    var wait: Duration

    package var level: RingObservationLevel { .info }

    package var attributes: [(key: String, value: String)] {
        [
            ("operation", self.operation.name), ("reason", self.reason.rawValue), ("attempt", String(self.attempt)),
            ("wait_ms", String(self.wait.wholeMilliseconds)),
        ]
    }
}

/// `media.restarts`: a transfer starts again from the first step, because its link expired, or it was interrupted and could not
/// be continued.
package struct RingMediaRestarts: RingObservation {
    package static let name = "media.restarts"
    var operation: RingOperation
    package var reason: RingError.Code
    /// The number of this restart, from 1.
    var attempt: Int

    package var level: RingObservationLevel { .info }

    package var attributes: [(key: String, value: String)] {
        [("operation", self.operation.name), ("reason", self.reason.rawValue), ("attempt", String(self.attempt))]
    }
}

/// `media.resumes`: an interrupted transfer continues where it stopped.
package struct RingMediaResumes: RingObservation {
    package static let name = "media.resumes"
    var operation: RingOperation
    package var reason: RingError.Code
    /// The bytes that had arrived.
    package var bytes: Int64

    package var level: RingObservationLevel { .info }

    package var attributes: [(key: String, value: String)] {
        [("operation", self.operation.name), ("reason", self.reason.rawValue), ("bytes", String(self.bytes))]
    }
}
