/// Names one event. Opaque: its documented patterns do not hold live.
///
/// Wire: `data.id` of a webhook or of a `history-events` resource; the two do not name the same event alike, see
/// ``RingEventKey``.
public struct RingEventID: RingIdentifier {
    /// The identifier as Ring spells it.
    public let rawValue: String
    /// Wraps an identifier as Ring spells it.
    public init(rawValue: String) { self.rawValue = rawValue }
}
