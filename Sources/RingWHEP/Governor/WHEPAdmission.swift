internal import RingCore

/// A place that the governor has given to one session.
public struct WHEPAdmission: Hashable, Sendable {
    /// Names the place.
    let id: Int
    /// The device.
    let device: RingDeviceID
    /// The longest the session may run for the battery's sake; `nil` without a budget.
    public let allowance: Duration?
}
