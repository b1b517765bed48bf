public import RingCore

/// Media is not ready; the same request will be sent again.
public struct RingMediaWaits: RingObservation {
    /// `media.waits`.
    public static let name = "media.waits"
    /// What was asked for.
    public var operation: RingOperation
    /// Why it is not there.
    public var reason: RingError.Code
    /// The number of this wait, from 1.
    public var attempt: Int
    /// The wait.
    public var wait: Duration

    /// Worth a line.
    public var level: RingObservationLevel { .info }

    /// Operation, reason, attempt and wait.
    public var attributes: [(key: String, value: String)] {
        [
            ("operation", self.operation.name), ("reason", self.reason.rawValue), ("attempt", String(self.attempt)),
            ("wait_ms", String(self.wait.wholeMilliseconds)),
        ]
    }
}

/// A transfer starts again from the first step: its link expired, or it broke and could not be continued.
public struct RingMediaRestarts: RingObservation {
    /// `media.restarts`.
    public static let name = "media.restarts"
    /// What was asked for.
    public var operation: RingOperation
    /// Why.
    public var reason: RingError.Code
    /// The number of this restart, from 1.
    public var attempt: Int

    /// Worth a line.
    public var level: RingObservationLevel { .info }

    /// Operation, reason and attempt.
    public var attributes: [(key: String, value: String)] {
        [("operation", self.operation.name), ("reason", self.reason.rawValue), ("attempt", String(self.attempt))]
    }
}

/// A broken transfer goes on where it stopped.
public struct RingMediaResumes: RingObservation {
    /// `media.resumes`.
    public static let name = "media.resumes"
    /// What was being transferred.
    public var operation: RingOperation
    /// Why it broke.
    public var reason: RingError.Code
    /// The bytes that had arrived.
    public var bytes: Int64

    /// Worth a line.
    public var level: RingObservationLevel { .info }

    /// Operation, reason and bytes.
    public var attributes: [(key: String, value: String)] {
        [("operation", self.operation.name), ("reason", self.reason.rawValue), ("bytes", String(self.bytes))]
    }
}
