/// What powers a device, which decides how long Ring lets a live session run.
///
/// The API does not contain it as such: a device's status may tell, or the application knows it from the model or its user.
public enum RingPowerSource: String, Hashable, Sendable, Codable, CaseIterable {
    /// A battery: live sessions last 30 seconds.
    case battery
    /// Mains: live sessions last 60 seconds.
    case mains
    /// Not known, as usual for cameras: treated as a battery where it matters.
    case unknown
}
