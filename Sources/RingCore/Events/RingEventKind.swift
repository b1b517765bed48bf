/// What happened at a device or to an account: one vocabulary for webhooks and event history.
///
/// Wire: `data.type` of a webhook, and `attributes.event_type` of a history entry by its own spelling. A
/// spelling newer than this library still decodes, compares and encodes unchanged.
public struct RingEventKind: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The kind of a history entry, which spells two of them otherwise: `motion` and `ding`.
    ///
    /// - Parameter historyType: The entry's `event_type`; a filter such as `motion.human` counts as `motion`.
    package init(historyType: String) {
        let type = historyType.prefix { $0 != "." }
        switch type {
        case "motion": self = .motionDetected
        case "ding": self = .buttonPress
        default: self.init(rawValue: historyType)
        }
    }

    /// How event history spells this kind: `motion`, `ding`, or the webhook's spelling.
    package var historyType: String {
        switch self {
        case .motionDetected: "motion"
        case .buttonPress: "ding"
        default: self.rawValue
        }
    }

    /// Whether this library knows the kind. An unknown kind is normal: Ring adds kinds.
    package var isKnown: Bool { Self.known.contains(self) }

    /// Every kind this library knows.
    package static let known: Set<Self> = Set(Self.core + Self.sensors + [.onDemand])

    /// The ten webhook kinds of the documentation.
    package static let core: [Self] = [
        .motionDetected, .buttonPress, .deviceAdded, .deviceRemoved, .deviceOnline, .deviceOffline,
        .appIntegrationAdded, .appIntegrationRemoved, .subscriptionActivated, .subscriptionDeactivated,
    ]

    /// The sixteen sensor kinds of Early Access.
    package static let sensors: [Self] = [
        .contactSensorFaulted, .contactSensorCleared, .tamperDetected, .tamperCleared, .floodDetected, .floodCleared,
        .freezeDetected, .freezeCleared, .temperatureExceeded, .temperatureCleared, .humidityExceeded,
        .humidityCleared, .pm25Exceeded, .pm25Cleared, .coExceeded, .coCleared,
    ]
}

extension RingEventKind {
    /// A camera saw movement inside one of its motion zones. History: `motion`.
    public static let motionDetected = Self(rawValue: "motion_detected")
    /// Somebody pressed the doorbell. History: `ding`.
    public static let buttonPress = Self(rawValue: "button_press")
    /// A live view was opened. History only.
    public static let onDemand = Self(rawValue: "on_demand")

    /// A device was shared with the app, or its permission came back.
    public static let deviceAdded = Self(rawValue: "device_added")
    /// The app lost its access to a device.
    public static let deviceRemoved = Self(rawValue: "device_removed")
    /// A device can be reached again.
    public static let deviceOnline = Self(rawValue: "device_online")
    /// A device cannot be reached.
    public static let deviceOffline = Self(rawValue: "device_offline")

    /// The account's link is complete.
    public static let appIntegrationAdded = Self(rawValue: "app_integration_added")
    /// The user removed the app: its tokens are revoked.
    public static let appIntegrationRemoved = Self(rawValue: "app_integration_removed")
    /// A paid plan or trial of the app began or was renewed.
    public static let subscriptionActivated = Self(rawValue: "subscription_activated")
    /// A paid plan or trial of the app ended.
    public static let subscriptionDeactivated = Self(rawValue: "subscription_deactivated")

    /// A door or window was opened.
    public static let contactSensorFaulted = Self(rawValue: "contact_sensor_faulted")
    /// A door or window was closed.
    public static let contactSensorCleared = Self(rawValue: "contact_sensor_cleared")
    /// Somebody tampers with a sensor.
    public static let tamperDetected = Self(rawValue: "tamper_detected")
    /// A sensor is whole again.
    public static let tamperCleared = Self(rawValue: "tamper_cleared")
    /// A sensor stands in water.
    public static let floodDetected = Self(rawValue: "flood_detected")
    /// A sensor is dry again.
    public static let floodCleared = Self(rawValue: "flood_cleared")
    /// A sensor is near freezing.
    public static let freezeDetected = Self(rawValue: "freeze_detected")
    /// A sensor is warm again.
    public static let freezeCleared = Self(rawValue: "freeze_cleared")
    /// A temperature left its range.
    public static let temperatureExceeded = Self(rawValue: "temperature_exceeded")
    /// A temperature is in its range again.
    public static let temperatureCleared = Self(rawValue: "temperature_cleared")
    /// A humidity left its range.
    public static let humidityExceeded = Self(rawValue: "humidity_exceeded")
    /// A humidity is in its range again.
    public static let humidityCleared = Self(rawValue: "humidity_cleared")
    /// Fine dust left its range.
    public static let pm25Exceeded = Self(rawValue: "pm25_exceeded")
    /// Fine dust is in its range again.
    public static let pm25Cleared = Self(rawValue: "pm25_cleared")
    /// Carbon monoxide left its range.
    public static let coExceeded = Self(rawValue: "co_exceeded")
    /// Carbon monoxide is in its range again.
    public static let coCleared = Self(rawValue: "co_cleared")
}
