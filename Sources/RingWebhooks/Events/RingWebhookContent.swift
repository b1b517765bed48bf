/// An event as a value of its shape.
///
/// What Ring adds arrives as ``unknown(_:)`` until a release knows it. A minor release may add cases, so a `switch`
/// needs a `default`.
public enum RingWebhookContent: Hashable, Sendable {
    /// A camera saw movement.
    case motion(RingMotionEvent)
    /// Somebody pressed the doorbell.
    case buttonPress(RingButtonPressEvent)
    /// A device came, went, or changed its reachability.
    case device(RingDeviceChangeEvent)
    /// A sensor raised or cleared an alarm (Early Access).
    case sensor(RingSensorEvent)
    /// The app was linked or removed.
    case integration(RingIntegrationEvent)
    /// A paid plan or trial of the app began or ended.
    case subscription(RingSubscriptionEvent)
    /// A kind this library does not know, or a known one without what it needs.
    case unknown(RingUnknownEvent)
}
