public import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A request to the webhook URL was answered.
public struct RingWebhookReceived: RingObservation {
    /// `webhook.received`.
    public static let name = "webhook.received"
    /// What became of it.
    public var outcome: RingWebhookOutcome
    /// What happened; `nil` when it was no event.
    public var kind: RingEventKind?
    /// The account it is about.
    public var account: RingAccountID?
    /// The device it happened at.
    public var device: RingDeviceID?
    /// Ring's name for the delivery.
    public var requestID: RingRequestID?
    /// The position of the key that matched: 0 for the present one.
    public var keyIndex: Int?
    /// How long after Ring sent it; negative when a clock is wrong.
    public var skew: Duration?
    /// Why it was refused or quarantined.
    public var reason: RingWebhookError?
    /// From the request to the answer.
    public var duration: Duration

    /// Creates the event.
    ///
    /// - Parameters:
    ///   - answer: What was answered.
    ///   - skew: How long after Ring sent it.
    ///   - duration: From the request to the answer.
    public init(_ answer: RingWebhookAnswer, skew: Duration?, duration: Duration) {
        self.outcome = answer.outcome
        self.kind = answer.event?.kind
        self.account = answer.event?.accountID
        self.device = answer.event?.deviceID
        self.requestID = answer.event?.requestID
        self.keyIndex = answer.verification?.keyIndex
        self.skew = skew
        self.reason = answer.error
        self.duration = duration
    }

    /// A fault of ours is an error, what was not taken for an event a warning, an unknown kind a line.
    public var level: RingObservationLevel {
        switch self.outcome {
        case .accepted, .duplicate: .debug
        case .acceptedUnknown: .info
        case .quarantined, .unsigned, .forged, .wrongMethod, .wrongType, .tooLarge: .warning
        case .storeFailed, .queueFull: .error
        }
    }

    /// Outcome, status, and what is known of the event.
    public var attributes: [(key: String, value: String)] {
        var list = [("outcome", self.outcome.rawValue), ("status", String(self.outcome.status))]
        if let kind { list.append(("kind", kind.rawValue)) }
        if let account { list.append(("account", account.rawValue)) }
        if let device { list.append(("device", device.rawValue)) }
        if let requestID { list.append(("request_id", requestID.rawValue)) }
        if let keyIndex { list.append(("key_index", String(keyIndex))) }
        if let skew { list.append(("skew_ms", String(skew.milliseconds))) }
        if let reason { list.append(("reason", reason.description)) }
        return list + [("ms", String(self.duration.milliseconds))]
    }
}

/// Requests in a row were refused with 4xx.
///
/// Ring may switch an endpoint off at ten. Strangers' requests count here too, since they cannot be told from Ring's.
public struct RingWebhookRefusalsInARow: RingObservation {
    /// `webhook.refusals_in_a_row`.
    public static let name = "webhook.refusals_in_a_row"
    /// How many.
    public var count: Int
    /// What became of the last one.
    public var lastOutcome: RingWebhookOutcome

    /// Creates the event.
    ///
    /// - Parameters:
    ///   - count: How many in a row.
    ///   - lastOutcome: What became of the last one.
    public init(count: Int, lastOutcome: RingWebhookOutcome) {
        self.count = count
        self.lastOutcome = lastOutcome
    }

    /// Somebody should look before it is ten.
    public var level: RingObservationLevel { .error }
    /// The number and the last outcome.
    public var attributes: [(key: String, value: String)] {
        [("count", String(self.count)), ("last_outcome", self.lastOutcome.rawValue)]
    }
}

extension RingWebhookInbox {
    /// Tells what was answered and counts refusals.
    func note(_ answer: RingWebhookAnswer, took duration: Duration) {
        let sentAt = answer.event?.sentAt
        let skew = sentAt.map { Duration.seconds(max(-1e9, min(1e9, self.clock.now().timeIntervalSince($0)))) }
        self.observer.observe(RingWebhookReceived(answer, skew: skew, duration: duration))
        let now = self.clock.uptime()
        let refusals = self.state.withLock { state in
            if answer.status < 300 { state.refusals = 0 }
            guard answer.outcome.isRefusal else { return 0 }
            let isOld = state.lastRefusal.map { now - $0 > .seconds(86_400) } ?? false
            state.refusals = isOld ? 1 : state.refusals + 1
            state.lastRefusal = now
            return state.refusals
        }
        if self.options.refusalWarnings.contains(refusals) {
            self.observer.observe(RingWebhookRefusalsInARow(count: refusals, lastOutcome: answer.outcome))
        }
    }
}
