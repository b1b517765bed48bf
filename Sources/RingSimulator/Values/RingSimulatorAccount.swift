public import RingCore

/// One Ring user who shares devices with the partner.
public struct RingSimulatorAccount: Hashable, Sendable {
    /// The state of the integration of an account.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Installed, not confirmed by the partner.
        case pending
        /// Confirmed, the partner's set-up unfinished.
        case awaiting
        /// Operational.
        case completed
        /// Removed by the user: tokens are dead.
        case removed
    }

    /// The account's id on the wire; empty to have one made.
    public var id: RingAccountID
    /// The user's first name.
    package var firstName: String
    /// The user's last name.
    package var lastName: String
    /// The user's e-mail address.
    package var email: String
    /// The user's telephone number; `nil` leaves it out, as the Playground does.
    package var phoneNumber: String?
    /// The state of the integration.
    public var state: State
    /// The devices that the user shares.
    public var devices: [RingSimulatorDevice]
    /// How many subscriptions of this app the account starts with, on its devices in turn: paid ones and, every second time,
    /// a trial that is over. 0 is an account without a plan.
    package var subscriptionCount: Int

    /// Creates an account.
    public init(
        id: RingAccountID = "", firstName: String = "Robin", lastName: String = "Vale",
        email: String = "robin.vale@example.org", phoneNumber: String? = "+12065550143", state: State = .pending,
        devices: [RingSimulatorDevice] = Self.standardDevices, subscriptionCount: Int = 1
    ) {
        self.id = id
        self.firstName = firstName
        self.lastName = lastName
        self.email = email
        self.phoneNumber = phoneNumber
        self.state = state
        self.devices = devices
        self.subscriptionCount = subscriptionCount
    }

    /// One device of each kind, and a camera that is offline.
    public static let standardDevices: [RingSimulatorDevice] = [
        RingSimulatorDevice(kind: .doorbell, name: "Front Door", isLinePowered: false),
        RingSimulatorDevice(kind: .camera, name: "Garden"),
        RingSimulatorDevice(kind: .elite, name: "Driveway"),
        RingSimulatorDevice(kind: .floodFreeze, name: "Cellar"),
        RingSimulatorDevice(kind: .contact, name: "Back Door"),
        RingSimulatorDevice(kind: .chime, name: "Hall"),
        RingSimulatorDevice(kind: .camera, name: "Shed", isOnline: false),
    ]
}
