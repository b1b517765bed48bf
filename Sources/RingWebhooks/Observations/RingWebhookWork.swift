public import RingCore
internal import RingJSONAPI

/// A handler's run ended.
public struct RingWebhookHandled: RingObservation {
    /// `webhook.handled`.
    public static let name = "webhook.handled"
    /// What names the event.
    package var key: RingWebhookKey
    /// Which run it was, from 1.
    package var attempt: Int
    /// How it ended.
    public var settlement: RingWebhookSettlement
    /// The code and the message of an error of this package, the type of any other.
    public var failure: String?
    /// How long it took.
    package var duration: Duration
    /// How long the webhook had waited since it arrived, by the wall clock, when this run began: the lag of the service.
    public var lag: Duration
    /// From the moment at which it happened, by Ring's clock, to the end of this run; `nil` when the event says no time.
    ///
    /// With the settlement ``RingWebhookSettlement/done``: how long a user waited for the effect. Ring's part of it is what is more
    /// than ``lag`` and the duration of the run.
    public var eventLag: Duration?

    /// Done is detail, a further run a warning, the quarantine an error.
    public var level: RingObservationLevel {
        switch self.settlement {
        case .done: .debug
        case .givenBack, .postponed: .info
        case .retry: .warning
        case .quarantined: .error
        }
    }

    /// How it ended, which run it was, how long it took, and how long the webhook had waited before.
    public var attributes: [(key: String, value: String)] {
        let word =
            switch self.settlement {
            case .done: "done"
            case .givenBack: "given_back"
            case .postponed: "postponed"
            case .retry: "retry"
            case .quarantined: "quarantined"
            }
        return [("settlement", word), ("attempt", String(self.attempt))] + self.key.attributes
            + [("ms", String(self.duration.milliseconds)), ("lag_ms", String(self.lag.milliseconds))]
            + (self.eventLag.map { [("event_lag_ms", String($0.milliseconds))] } ?? [])
            + (self.failure.map { [("failure", $0)] } ?? [])
    }
}

/// How many webhooks wait, and for how long: once a minute from each process that calls ``RingWebhookInbox/run()``.
///
/// Processes that share a storage report the same, so take the latest or the highest value and no sum.
public struct RingWebhooksWaiting: RingObservation {
    /// `webhook.waiting`.
    public static let name = "webhook.waiting"
    /// How many wait or are being worked on, counted up to ``RingWebhookInboxOptions/maximumWaiting``.
    public var count: Int
    /// How long ago the oldest of them arrived, by the wall clock; zero when there is none.
    public var oldestAge: Duration

    /// Their number, and the age of the oldest one.
    public var attributes: [(key: String, value: String)] {
        [("count", String(self.count)), ("oldest_ms", String(self.oldestAge.milliseconds))]
    }
}

/// The storage failed. While saving, the response was 503 and Ring sends the webhook later; otherwise this process tries once more.
package struct RingWebhookStoreFailed: RingObservation {
    package static let name = "webhook.store_failed"
    /// What it was to do: `save`, `claim`, `settle`, `release`, `reseal`, `purge`, `count`.
    package var action: String
    /// Its error. Somebody else's text: for debugging, not for logs.
    package var failure: any Error

    package var level: RingObservationLevel { .error }
    package var attributes: [(key: String, value: String)] {
        [("action", self.action), ("failure", Self.text(of: self.failure))]
    }

    /// The code and the message of an error of this package, which hold no secret; the type alone of any other, since somebody
    /// else's text may hold anything.
    static func text(of failure: any Error) -> String {
        switch failure {
        case let error as RingError: "\(error.code): \(error.message)"
        case let error as RingWebhookError: error.description
        default: String(describing: type(of: failure))
        }
    }
}

/// Another process took over what this one was still working on, because its lease could not be extended.
package struct RingWebhookLeaseLost: RingObservation {
    package static let name = "webhook.lease_lost"
    /// What names the event. Its handler here was cancelled; it may have had its effect.
    package var key: RingWebhookKey

    package var level: RingObservationLevel { .warning }
    package var attributes: [(key: String, value: String)] { self.key.attributes }
}

/// What was received long ago was deleted.
package struct RingWebhooksPurged: RingObservation {
    package static let name = "webhook.purged"
    package var count: Int

    package var attributes: [(key: String, value: String)] { [("count", String(self.count))] }
}

/// A webhook was sent later than this machine's clock reads: the clock is slow. The webhook was accepted.
package struct RingWebhookClockBehind: RingObservation {
    package static let name = "webhook.clock_behind"
    /// At least how much.
    package var lag: Duration

    /// Somebody should set the clock.
    package var level: RingObservationLevel { .warning }
    package var attributes: [(key: String, value: String)] { [("ms", String(self.lag.milliseconds))] }
}

/// Stored webhooks are sealed with a key that this process does not have. They wait until it has, or another process that
/// has it takes them.
package struct RingWebhookKeyMissing: RingObservation {
    package static let name = "webhook.key_missing"
    /// The key's name, which is no secret.
    package var keyID: String

    /// Somebody should configure the key.
    package var level: RingObservationLevel { .error }
    package var attributes: [(key: String, value: String)] { [("key_id", self.keyID)] }
}

/// A stored body cannot be opened although its key is configured. The webhook was quarantined.
package struct RingWebhookUnreadable: RingObservation {
    package static let name = "webhook.unreadable"
    package var key: RingWebhookKey

    /// The file was damaged, or another key has the same name.
    package var level: RingObservationLevel { .error }
    package var attributes: [(key: String, value: String)] { self.key.attributes }
}

extension RingWebhookKey {
    /// The two names, for a log.
    fileprivate var attributes: [(key: String, value: String)] {
        [
            ("request_id", PrintableText.line(self.requestID.rawValue)),
            ("event_id", PrintableText.line(self.eventID.rawValue)),
        ]
    }
}
