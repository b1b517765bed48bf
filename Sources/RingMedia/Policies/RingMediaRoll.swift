/// How much is shown before and after an event.
public struct RingMediaRoll: Hashable, Sendable {
    /// Before the event's moment.
    public var before: Duration
    /// After the event's end, or after its moment when the end is not known.
    public var after: Duration

    /// Creates a roll. Five seconds show what led to the event; fifteen are about what a camera records after it.
    public init(before: Duration = .seconds(5), after: Duration = .seconds(15)) {
        self.before = max(before, .zero)
        self.after = max(after, .milliseconds(1))
    }
}
