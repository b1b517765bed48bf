internal import Foundation
internal import RingCrypto
internal import RingJSONAPI
internal import Synchronization

/// Everything the simulated service knows. One lock, no waiting inside.
final class SimulatorWorld: Sendable {
    struct Grant: Sendable {
        var access: String
        var refresh: String
        var expires: Date
    }
    struct Ticket: Sendable {
        var path: String
        var timestamp: Int64
        var kind: String
    }
    struct Session: Sendable {
        var id: String
        var device: String
        var isOpen = true
    }
    struct Event: Sendable {
        var id: String
        var device: String
        var type: String
        var subType: String?
        var start: Int64
    }
    struct State: Sendable {
        var switches: RingSimulatorSwitches
        var codes: [String: Date] = [:]
        var grants: [Grant] = []
        var revoked: Set<String> = []
        var integration = "PENDING"
        var identifier: String?
        var offeredNonces: [String: Int64] = [:]
        var devices: [SimulatedDevice]
        var events: [Event] = []
        var tickets: [String: Ticket] = [:]
        var sessions: [Session] = []
        var journal: [RingSimulatorJournalEntry] = []
        var counter: UInt64
        var isAccountRemoved = false
    }

    let configuration: RingSimulatorConfiguration
    let account = "ava1.ring.account.SIMULATEDUSER0001"
    let key: RingHMACKey
    let state: Mutex<State>
    let origins = Mutex<(api: String, oauth: String, media: String, control: String)>(("", "", "", ""))

    init(_ configuration: RingSimulatorConfiguration) throws {
        self.configuration = configuration
        self.key = try RingHMACKey(configuration.hmacKey)
        self.state = Mutex(
            State(
                switches: configuration.switches, devices: SimulatedDevice.household(seed: configuration.seed),
                counter: configuration.seed))
    }

    var now: Date { Date() }
    var nowMilliseconds: Int64 { Int64((self.now.timeIntervalSince1970 * 1_000).rounded()) }

    /// The next name nobody has had.
    func unique(_ prefix: String) -> String {
        self.state.withLock { state in
            state.counter &+= 1
            var value = state.counter &* 0xD129_0DDB_53C4_3E49
            value ^= value >> 29
            return "\(prefix)-\(String(value, radix: 36))\(state.counter)"
        }
    }

    /// Whether a bearer is good now.
    func isGood(bearer: String?) -> Bool {
        guard let bearer, bearer.hasPrefix("Bearer ") else { return false }
        let token = bearer.dropFirst(7)
        let now = self.now
        return self.state.withLock { state in
            !state.isAccountRemoved && state.grants.contains { $0.access == token && $0.expires > now }
        }
    }

    func device(_ id: String) -> SimulatedDevice? {
        self.state.withLock { $0.devices.first { $0.id == id && !$0.isRemoved } }
    }
}
