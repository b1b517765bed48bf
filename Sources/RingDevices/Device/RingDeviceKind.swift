/// What a device most probably is: a conclusion, since Ring names no kind.
public enum RingDeviceKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A camera; also a doorbell that has not been pressed yet, for nothing tells them apart.
    case camera
    /// A camera with a button that has been pressed.
    case doorbell
    /// A device with several lenses, such as Ring Elite.
    case multiCamera
    /// A chime, which plays sounds on request.
    case chime
    /// A sensor on a door or window.
    case contactSensor
    /// A sensor for water and frost.
    case floodFreezeSensor
    /// A sensor for temperature and humidity.
    case climateSensor
    /// A monitor for carbon monoxide or fine dust.
    case airQualityMonitor
    /// A sensor of another kind.
    case sensor
    /// There is no evidence, as a rule because neither capabilities nor status were included.
    case unknown
}
