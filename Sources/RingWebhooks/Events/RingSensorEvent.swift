public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A sensor raised or cleared an alarm (Early Access).
public struct RingSensorEvent: Hashable, Sendable {
    /// What is sensed.
    public struct Quantity: RingOpenString {
        /// The spelling on the wire.
        public let rawValue: String
        /// Wraps any spelling, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A door or window: raised means opened.
        public static let contact = Self(rawValue: "contact_sensor")
        /// Tampering with the sensor.
        public static let tamper = Self(rawValue: "tamper")
        /// Water.
        public static let flood = Self(rawValue: "flood")
        /// Frost.
        public static let freeze = Self(rawValue: "freeze")
        /// Temperature beyond its threshold.
        public static let temperature = Self(rawValue: "temperature")
        /// Humidity beyond its threshold.
        public static let humidity = Self(rawValue: "humidity")
        /// Fine dust beyond its threshold.
        public static let pm25 = Self(rawValue: "pm25")
        /// Carbon monoxide beyond its threshold.
        public static let carbonMonoxide = Self(rawValue: "co")
    }

    /// The sensor.
    public var device: RingDeviceID
    /// What it senses.
    public var quantity: Quantity
    /// Whether the alarm was raised (`_faulted`, `_detected`, `_exceeded`) or cleared (`_cleared`).
    public var isRaised: Bool
    /// When it happened.
    public var occurredAt: Date?
    /// Every number among the attributes that belongs to no other event. Ring has not documented how it names readings, so
    /// look for the wire's name here.
    public var readings: [String: Double]
}
