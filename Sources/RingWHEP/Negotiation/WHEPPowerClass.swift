/// How a camera is powered, which decides how long Ring lets a session run.
///
/// The API does not say; the application may know it, from the model or from its user.
public enum WHEPPowerClass: String, Hashable, Sendable, CaseIterable {
    /// A battery: 30 seconds.
    case battery
    /// A power line: 60 seconds.
    case line
    /// Not known: treated as a battery until the application knows better.
    case unknown
}
