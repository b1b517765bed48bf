public import RingCore

/// One simulated device.
public struct RingSimulatorDevice: Hashable, Sendable {
    /// A kind of device. Ring's API has no such field; the kinds differ in their capabilities and status.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A doorbell with one lens.
        case doorbell
        /// A camera with one lens.
        case camera
        /// A camera with two lenses, components `1` and `2`.
        case elite
        /// A flood and freeze sensor.
        case floodFreeze = "flood_freeze"
        /// A contact sensor.
        case contact
        /// A sensor of temperature and humidity.
        case temperatureHumidity = "temperature_humidity"
        /// An air quality monitor.
        case airQuality = "air_quality"
        /// A chime with two application slots.
        case chime

        var hasVideo: Bool { self == .doorbell || self == .camera || self == .elite }
    }

    /// The device's id on the wire; empty to have one made, of about 110 characters that need percent-encoding.
    public var id: RingDeviceID
    /// The kind of device that it simulates.
    public var kind: Kind
    /// The name its user gave it.
    public var name: String
    /// Whether it is reachable.
    public var isOnline: Bool
    /// Whether it runs on line power: live sessions last 60 s instead of 30.
    public var isLinePowered: Bool

    /// Where motion counts; `nil` for the zones of a new device of its kind.
    package var motionZones: [Zone]?
    /// What is never shown; `nil` for the zones of a new device of its kind.
    package var privacyZones: [Zone]?

    /// A corner of a zone, in parts of the picture's width and height, from its upper left corner.
    package struct Vertex: Hashable, Sendable {
        package var x: Double
        package var y: Double
    }

    /// An area of the picture.
    package struct Zone: Hashable, Sendable {
        /// A UUID; empty to have one made.
        package var id = ""
        package var vertices: [Vertex]
    }

    /// Creates a device.
    public init(id: RingDeviceID = "", kind: Kind, name: String, isOnline: Bool = true, isLinePowered: Bool = true) {
        self.id = id
        self.kind = kind
        self.name = name
        self.isOnline = isOnline
        self.isLinePowered = isLinePowered
    }
}
