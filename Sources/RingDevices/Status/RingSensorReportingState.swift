public import RingCore

/// Whether a sensor's reports are switched on.
///
/// Wire: `sensor_reporting_state.value`. `active` also for a sensor that never reported.
public struct RingSensorReportingState: RingOpenString {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Reports are expected.
    public static let active = Self(rawValue: "active")

    internal static let known = Vocabulary<Self>([.active])
}
