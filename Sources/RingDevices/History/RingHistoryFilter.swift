public import RingCore

/// Which events to request: a type, or a type and a sub type.
///
/// Wire: an entry of the query parameter `event_types`: `motion`, `motion.human`.
public struct RingHistoryFilter: RingOpenString, ExpressibleByStringLiteral {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Wraps a literal: `"motion.human"`.
    public init(stringLiteral value: String) { self.init(rawValue: value) }

    /// Joins a type and a sub type.
    public init(_ kind: RingEventKind, _ subType: RingEventSubType? = nil) {
        self.init(rawValue: kind.historyType + (subType.map { ".\($0.rawValue)" } ?? ""))
    }

    /// Any motion.
    public static let motion = Self(rawValue: "motion")
    /// A press of the doorbell.
    public static let ding = Self(rawValue: "ding")
    /// A live view.
    public static let onDemand = Self(rawValue: "on_demand")
    /// A person.
    public static let human = Self(rawValue: "motion.human")
    /// A vehicle.
    public static let vehicle = Self(rawValue: "motion.vehicle")
    /// An animal.
    public static let animal = Self(rawValue: "motion.animal")
    /// Motion of something else.
    public static let otherMotion = Self(rawValue: "motion.other_motion")

    /// What an event must be.
    package var kind: RingEventKind { RingEventKind(historyType: String(self.rawValue.prefix { $0 != "." })) }
    /// What an event must be more closely; `nil` when that does not matter.
    package var subType: RingEventSubType? {
        guard let dot = self.rawValue.firstIndex(of: ".") else { return nil }
        return RingEventSubType(rawValue: String(self.rawValue[self.rawValue.index(after: dot)...]))
    }

    /// Whether an event passes. Some servers ignore filters, so they are applied here once more.
    ///
    /// History rarely contains sub types: an event without one passes, as the server has filtered it.
    package func matches(_ event: RingHistoryEvent) -> Bool {
        guard event.kind == self.kind else { return false }
        guard let wanted = self.subType, let subType = event.subType else { return true }
        return wanted == subType
    }
}
