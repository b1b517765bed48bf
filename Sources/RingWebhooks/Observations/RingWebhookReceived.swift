public import RingCore
internal import RingJSONAPI
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A request to the webhook URL has its response.
public struct RingWebhookReceived: RingObservation {
    /// `webhook.received`.
    public static let name = "webhook.received"
    /// What became of it.
    public var outcome: RingWebhookOutcome
    /// What happened; `nil` when it was not an event.
    package var kind: RingEventKind?
    /// The account it is about.
    package var account: RingAccountID?
    /// The device it happened at.
    package var device: RingDeviceID?
    /// Ring's name for the delivery.
    package var requestID: RingRequestID?
    /// The position of the key that matched: 0 for the present one.
    package var keyIndex: Int?
    /// How long after Ring sent it; negative when a clock is wrong.
    package var skew: Duration?
    /// Why it was refused or quarantined.
    package var reason: RingWebhookError?
    /// From the request to the response.
    package var duration: Duration

    /// Creates the event.
    package init(_ response: RingWebhookResponse, skew: Duration?, duration: Duration) {
        self.outcome = response.outcome
        self.kind = response.event?.kind
        self.account = response.event?.accountID
        self.device = response.event?.deviceID
        self.requestID = response.event?.requestID
        self.keyIndex = response.verification?.keyIndex
        self.skew = skew
        self.reason = response.error
        self.duration = duration
    }

    /// A fault of ours is an error, what was not taken for an event a warning, an unknown kind a line.
    public var level: RingObservationLevel {
        switch self.outcome {
        case .accepted, .duplicate: .debug
        case .acceptedUnknown, .stopped: .info
        case .quarantined, .unsigned, .forged, .wrongMethod, .tooLarge, .incomplete: .warning
        case .storeFailed, .queueFull: .error
        }
    }

    /// Outcome, status, and what is known of the event.
    public var attributes: [(key: String, value: String)] {
        var list = [("outcome", self.outcome.rawValue), ("status", String(self.outcome.status))]
        if let kind { list.append(("kind", PrintableText.line(kind.rawValue))) }
        if let account { list.append(("account", PrintableText.line(account.rawValue))) }
        if let device { list.append(("device", PrintableText.line(device.rawValue))) }
        if let requestID { list.append(("request_id", PrintableText.line(requestID.rawValue))) }
        if let keyIndex { list.append(("key_index", String(keyIndex))) }
        if let skew { list.append(("skew_ms", String(skew.milliseconds))) }
        if let reason { list.append(("reason", reason.description)) }
        return list + [("ms", String(self.duration.milliseconds))]
    }
}

/// Requests in a row were refused with 4xx.
///
/// Ring may switch an endpoint off at ten. Strangers' requests count here too, since they cannot be distinguished from Ring's.
package struct RingWebhookRefusalsInARow: RingObservation {
    package static let name = "webhook.refusals_in_a_row"
    package var count: Int
    package var lastOutcome: RingWebhookOutcome

    /// Somebody should look before it is ten.
    package var level: RingObservationLevel { .error }
    package var attributes: [(key: String, value: String)] {
        [("count", String(self.count)), ("last_outcome", self.lastOutcome.rawValue)]
    }
}
