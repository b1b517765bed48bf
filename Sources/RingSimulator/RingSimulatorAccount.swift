/// One Ring user who shares devices with the partner.
public struct RingSimulatorAccount: Hashable, Sendable {
    /// Where the integration of an account stands.
    public enum State: String, Hashable, Sendable {
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
    public var id: String
    /// The user's first name.
    public var firstName: String
    /// The user's last name.
    public var lastName: String
    /// The user's e-mail address.
    public var email: String
    /// The user's telephone number; `nil` leaves it out, as the Playground does.
    public var phoneNumber: String?
    /// Where the integration stands at the start.
    public var state: State
    /// What is shared.
    public var devices: [RingSimulatorDevice]
    /// How many paid subscriptions of this app the account has, on its first devices in turn.
    public var subscriptionCount: Int

    /// Creates an account.
    public init(
        id: String = "", firstName: String = "Robin", lastName: String = "Vale",
        email: String = "robin.vale@example.org", phoneNumber: String? = "+12065550143", state: State = .pending,
        devices: [RingSimulatorDevice] = Self.household, subscriptionCount: Int = 1
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
    public static let household: [RingSimulatorDevice] = [
        RingSimulatorDevice(kind: .doorbell, name: "Front Door", isLinePowered: false),
        RingSimulatorDevice(kind: .camera, name: "Garden"),
        RingSimulatorDevice(kind: .elite, name: "Driveway"),
        RingSimulatorDevice(kind: .floodFreeze, name: "Cellar"),
        RingSimulatorDevice(kind: .contact, name: "Back Door"),
        RingSimulatorDevice(kind: .chime, name: "Hall"),
        RingSimulatorDevice(kind: .camera, name: "Shed", isOnline: false),
    ]
}
