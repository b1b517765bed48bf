public import RingCore

/// An event at a simulated device or account, reported by webhook and, for motion and rings, in the history.
public struct RingSimulatorEvent: Hashable, Sendable {
    package var type: String
    package var device: RingDeviceID?
    package var account: RingAccountID?
    package var subType: String?
    package var componentIDs: [String]
    package var recording: Duration
    package var delay: Duration
    /// When it happened, in simulated epoch milliseconds; `nil` for the moment at which it is made.
    package var moment: Int64?

    /// Creates an event.
    ///
    /// - Parameters:
    ///   - type: The webhook's `data.type`: `motion_detected`, `button_press`, `device_added`, … Any spelling is sent.
    ///   - device: The id of the device, or its name; `nil` for events of the account.
    ///   - account: The account; `nil` for the account of the device, or the first one.
    ///   - subType: The sub type of a motion (`human`) or of a subscription (`paid`, `trial`).
    ///   - componentIDs: The lenses that saw it, on multi-camera devices.
    ///   - recording: The length of its recording.
    ///   - delay: The simulated time between the start and the event; used for the events of a configuration.
    public init(
        type: String, device: RingDeviceID? = nil, account: RingAccountID? = nil, subType: String? = nil,
        componentIDs: [String] = [], recording: Duration = .seconds(25), delay: Duration = .zero
    ) {
        self.type = type
        self.device = device
        self.account = account
        self.subType = subType
        self.componentIDs = componentIDs
        self.recording = recording
        self.delay = delay
    }
}
