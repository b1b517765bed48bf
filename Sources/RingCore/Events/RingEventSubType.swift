/// What an event is about, more closely: who moved, or how a plan is paid.
///
/// Wire: `attributes.sub_type`, in older webhooks `data.subType`; in history only as the second half of a filter.
public struct RingEventSubType: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Motion whose cause is not known. Without Smart Alerts, and a plan that includes them, every motion has this subtype.
    public static let motion = Self(rawValue: "motion")
    /// A person.
    public static let human = Self(rawValue: "human")
    /// A vehicle.
    public static let vehicle = Self(rawValue: "vehicle")
    /// An animal.
    public static let animal = Self(rawValue: "animal")
    /// Movement of something else.
    public static let otherMotion = Self(rawValue: "other_motion")
    /// A package.
    public static let package = Self(rawValue: "package")
    /// A package that was brought.
    public static let packageDelivery = Self(rawValue: "package_delivery")

    /// A subscription that is paid for.
    public static let paid = Self(rawValue: "paid")
    /// A trial.
    public static let trial = Self(rawValue: "trial")
}
