/// What a device most probably is. A minor release may add kinds, so a `switch` needs a `default`.
public struct RingDeviceKind: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String {
        case camera, doorbell, multiCamera, chime, contactSensor, floodFreezeSensor, climateSensor, airQualityMonitor
        case sensor, unknown
    }
    private let value: Value
    private init(_ value: Value) { self.value = value }

    /// The kind in one word.
    public var description: String { self.value.rawValue }

    /// A camera; also a doorbell that has not been pressed yet, for nothing tells them apart.
    public static let camera = Self(.camera)
    /// A camera with a button that has been pressed.
    public static let doorbell = Self(.doorbell)
    /// A device with several lenses, such as Ring Elite.
    public static let multiCamera = Self(.multiCamera)
    /// A chime, which plays sounds on request.
    public static let chime = Self(.chime)
    /// A sensor on a door or window.
    public static let contactSensor = Self(.contactSensor)
    /// A sensor for water and frost.
    public static let floodFreezeSensor = Self(.floodFreezeSensor)
    /// A sensor for temperature and humidity.
    public static let climateSensor = Self(.climateSensor)
    /// A monitor for carbon monoxide or fine dust.
    public static let airQualityMonitor = Self(.airQualityMonitor)
    /// A sensor of another kind.
    public static let sensor = Self(.sensor)
    /// There is no evidence, as a rule because neither capabilities nor status were included.
    public static let unknown = Self(.unknown)
}
