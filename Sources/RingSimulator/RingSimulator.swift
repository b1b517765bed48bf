internal import Foundation
internal import RingCrypto
internal import RingJSONAPI
internal import RingListener
internal import Synchronization

/// The Ring Partner API on loopback: OAuth, REST, live video and a separate media origin.
///
/// Ports are the system's choice. Nothing of the client rooms knows it; give its URLs to `--api-url` and `--oauth-url`.
public final class RingSimulator: Sendable {
    /// The API's origin.
    public let apiURL: String
    /// The token endpoint's origin.
    public let oauthURL: String
    /// The origin of pre-signed media.
    public let mediaURL: String
    /// The origin where other programs read the journal and make things happen.
    public let controlURL: String
    private let world: SimulatorWorld
    private let listeners: [RingListener]

    private init(_ world: SimulatorWorld, _ listeners: [RingListener]) {
        self.world = world
        self.listeners = listeners
        self.apiURL = listeners[0].origin
        self.oauthURL = listeners[1].origin
        self.mediaURL = listeners[2].origin
        self.controlURL = listeners[3].origin
    }

    /// Starts the service.
    ///
    /// - Throws: `RingListenerError` when a port cannot be had; `RingCryptoError` when the HMAC key is empty.
    public static func start(_ configuration: RingSimulatorConfiguration = RingSimulatorConfiguration()) async throws
        -> RingSimulator
    {
        let world = try SimulatorWorld(configuration)
        func listen(
            _ origin: String, _ port: Int,
            _ handler: @escaping @Sendable (RingListenerRequest) async -> RingListenerResponse
        )
            async throws -> RingListener
        {
            try await RingListener.start(port: port) { request in
                let response = await handler(request)
                world.note(origin, request, response)
                return response
            }
        }
        let api = try await listen("api", configuration.port) { await world.api($0) }
        let oauth = try await listen("oauth", 0) { world.token($0) }
        let media = try await listen("media", 0) { world.media($0) }
        let control = try await RingListener.start { await world.control($0) }
        world.origins.withLock { $0 = (api.origin, oauth.origin, media.origin, control.origin) }
        return RingSimulator(world, [api, oauth, media, control])
    }

    /// Ends the service.
    public func stop() async { for listener in self.listeners { await listener.stop() } }

    /// The simulated user's account.
    public var accountID: String { self.world.account }

    /// The ids of the simulated user's devices, with their names, the doorbell first.
    public var devices: [(id: String, name: String)] {
        self.world.state.withLock { $0.devices.filter { !$0.isRemoved }.map { ($0.id, $0.name) } }
    }

    /// What is disputed or goes wrong, now.
    public var switches: RingSimulatorSwitches {
        get { self.world.state.withLock { $0.switches } }
        set { self.world.state.withLock { $0.switches = newValue } }
    }

    /// Every request so far.
    public var journal: [RingSimulatorJournalEntry] { self.world.state.withLock { $0.journal } }

    /// Whether a bearer ever reached the media origin. It must not.
    public var mediaSawAuthorization: Bool { self.journal.contains { $0.origin == "media" && $0.hadAuthorization } }

    /// The number of live sessions that are open.
    public var openSessions: Int { self.world.state.withLock { $0.sessions.filter(\.isOpen).count } }

    /// A code, as Ring's backend would POST it to the Token Exchange URL.
    public func makeCode() -> String { self.world.makeCode() }

    /// What Ring appends to the Account Link URL.
    public func makeRedirect() -> (nonce: String, time: String) { self.world.makeRedirect() }

    /// Makes a device see motion: an entry in its history, and the webhook for it.
    ///
    /// - Returns: The body and the signature of the webhook.
    public func motion(at device: String, subType: String = "human") -> (body: [UInt8], signature: String) {
        self.world.motion(at: device, subType: subType)
    }
}
