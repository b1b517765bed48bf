public import RingCore

/// What names one event across repeated deliveries: Ring's name for the delivery and for the event.
///
/// Both count, since some deliveries have a shortened request id. An application that must do its effect exactly once
/// keeps this key with the effect, in one transaction.
public struct RingWebhookKey: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Ring's name for the delivery. Wire: `meta.request_id`. A body without one has `event:` and the name of its
    /// event here, or its own SHA-256 if it lacks both.
    public var requestID: RingRequestID
    /// Ring's name for the event. Wire: `data.id`.
    public var eventID: RingEventID

    /// Creates a key.
    ///
    /// - Parameters:
    ///   - requestID: Ring's name for the delivery.
    ///   - eventID: Ring's name for the event.
    public init(requestID: RingRequestID, eventID: RingEventID) {
        self.requestID = requestID
        self.eventID = eventID
    }

    /// Both names as one text, which no other pair of names has: fit to be an idempotency key.
    public var description: String {
        "\(self.requestID.rawValue.utf8.count):\(self.requestID.rawValue):\(self.eventID.rawValue)"
    }
}
