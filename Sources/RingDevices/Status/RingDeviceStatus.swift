public import RingCore
@_spi(RingModels) public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How a device is now: whether it can be reached, and what its sensors say.
///
/// Wire: a `device-status` resource. The authority on sensors: events report changes, and some are lost.
public struct RingDeviceStatus: Hashable, Sendable, Codable {
    /// Whether Ring can reach the device. For a sensor it lags: offline is a heartbeat that failed to come.
    ///
    /// Wire: `online`. `nil` when the response has none.
    public var isOnline: Bool?
    /// When the device last reported.
    ///
    /// Wire: `reported_at`. `nil` when the response has none, and when the device never reported:
    /// ``hasNeverReported``.
    public var reportedAt: Date?
    /// Whether Ring says that the device has not reported yet: its `reported_at` is the Unix epoch.
    public var hasNeverReported: Bool
    /// Whether a chime is silenced for a while.
    ///
    /// Wire: `audio.snooze`. `nil` when the response has none; on devices that are no chime its members are.
    public var snooze: RingSnooze?
    /// A contact sensor; triggered means open.
    ///
    /// Wire: `contact_detection.faulted`. `nil` on every other device.
    public var contact: RingDetection?
    /// A flood sensor; triggered means water.
    ///
    /// Wire: `flood_detection.faulted`. `nil` on every other device.
    public var flood: RingDetection?
    /// A freeze sensor; triggered means frost.
    ///
    /// Wire: `freeze_detection.faulted`. `nil` on every other device.
    public var freeze: RingDetection?
    /// The sensor's case; triggered means opened or moved.
    ///
    /// Wire: `tamper_detection.detected`. `nil` on devices that cannot detect it.
    public var tamper: RingDetection?
    /// Every other detection the status speaks of, by its wire name without `_detection`: `smoke`, `glass_break`.
    ///
    /// Wire: other members that hold `faulted` or `detected`. Empty as a rule; no source documents them.
    public var otherDetections: [RingDetectionKind: RingDetection]
    /// Whether the sensor's reports are switched on. Does not mean that it is alive.
    ///
    /// Wire: `sensor_reporting_state.value`; only `active` has been seen, also for a sensor that never reported. `nil` on
    /// devices that are no sensor.
    public var reportingState: String?
    /// The battery.
    ///
    /// Wire: `battery_status.percentage`. `nil` on cameras, and on a sensor until its first check-in.
    public var battery: RingBattery?
    /// How well Ring receives the sensor's radio.
    ///
    /// Wire: `signal_strength.value`. `nil` on devices that are no sensor, and until a sensor's first check-in.
    public var signalStrength: RingSignalStrength?
    /// What the sensor measures, in the order Ring sent it.
    ///
    /// Wire: members such as `temperature` or `humidity`, each a number, `{value}` or `{value, unit}`. Their names and
    /// units are not documented: every member of such a form that has no meaning of its own is here.
    public var readings: [RingReading]
    /// The resource as received; `nil` when the value was made by hand.
    package var raw: JSONAPIValue?

    private enum CodingKeys: String, CodingKey {
        case isOnline, reportedAt, hasNeverReported, snooze, contact, flood, freeze, tamper, otherDetections,
            reportingState
        case battery, signalStrength, readings
    }

    package init(
        isOnline: Bool? = nil, reportedAt: Date? = nil, hasNeverReported: Bool = false, snooze: RingSnooze? = nil,
        contact: RingDetection? = nil, flood: RingDetection? = nil, freeze: RingDetection? = nil,
        tamper: RingDetection? = nil, otherDetections: [RingDetectionKind: RingDetection] = [:],
        reportingState: String? = nil, battery: RingBattery? = nil,
        signalStrength: RingSignalStrength? = nil, readings: [RingReading] = [],
        raw: JSONAPIValue? = nil
    ) {
        self.isOnline = isOnline
        self.reportedAt = reportedAt
        self.hasNeverReported = hasNeverReported
        self.snooze = snooze
        self.contact = contact
        self.flood = flood
        self.freeze = freeze
        self.tamper = tamper
        self.otherDetections = otherDetections
        self.reportingState = reportingState
        self.battery = battery
        self.signalStrength = signalStrength
        self.readings = readings
        self.raw = raw
    }

    /// Every attribute as received, known or not. Wire: `attributes`.
    public var attributes: JSONAPIValue? { self.raw?["attributes"] }

    /// The first reading of a kind.
    public func reading(_ kind: RingReadingKind) -> RingReading? { self.readings.first { $0.kind == kind } }
}

/// How well Ring receives a sensor's radio.
///
/// Wire: `signal_strength.value`. Only `good` has been seen; the other words are guesses.
public struct RingSignalStrength: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Well received.
    public static let good = Self(rawValue: "good")
    /// Received.
    package static let fair = Self(rawValue: "fair")
    /// Hardly received.
    package static let poor = Self(rawValue: "poor")

    internal static let known = JSONAPINames<Self>([.good, .fair, .poor])
}
