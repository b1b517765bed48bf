public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// Whether a sensor's reports are switched on.
///
/// Wire: `sensor_reporting_state.value`. `active` also for a sensor that never reported.
public struct RingSensorReportingState: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Reports are expected.
    public static let active = Self(rawValue: "active")

    internal static let known = JSONAPINames<Self>([.active])
}
