/// Who goes first when the rate budget is short.
public enum RingPriority: Int, Comparable, Hashable, Sendable, CaseIterable {
    /// A sweep that nobody waits for.
    case background = 0
    /// Work that follows an event, without a person watching.
    case normal = 1
    /// A person, or a doorbell, is waiting.
    case interactive = 2

    /// Orders by urgency.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
