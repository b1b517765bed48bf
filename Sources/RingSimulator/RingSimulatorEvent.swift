/// Something that happens in the simulated household, reported by webhook and, for motion and rings, in the history.
public struct RingSimulatorEvent: Hashable, Sendable {
    /// The webhook's `data.type`: `motion_detected`, `button_press`, `device_added`, … Any spelling is sent.
    public var type: String
    /// The id or the name of the device; `nil` for events of the account.
    public var device: String?
    /// The id of the account; `nil` for the account of the device, or the first one.
    public var account: String?
    /// The sub type of a motion (`human`) or of a subscription (`paid`, `trial`).
    public var subType: String?
    /// The lenses that saw it, on multi-camera devices.
    public var componentIDs: [String]
    /// How long a recording of it is, in milliseconds.
    public var recordingMilliseconds: Int64
    /// When it happens, in simulated milliseconds after the start; used for the events of a scenario.
    public var afterMilliseconds: Int64

    /// Creates an event.
    public init(
        type: String, device: String? = nil, account: String? = nil, subType: String? = nil,
        componentIDs: [String] = [], recordingMilliseconds: Int64 = 25_000, afterMilliseconds: Int64 = 0
    ) {
        self.type = type
        self.device = device
        self.account = account
        self.subType = subType
        self.componentIDs = componentIDs
        self.recordingMilliseconds = recordingMilliseconds
        self.afterMilliseconds = afterMilliseconds
    }
}
