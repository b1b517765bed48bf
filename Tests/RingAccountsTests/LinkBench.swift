import Foundation
import RingAccounts
import RingCore
import RingCrypto
import RingOAuth
import RingTesting
import Testing

/// A linker with everything it stands on.
struct LinkBench {
    static let hmacKey = "Zm9yLXRlc3RzLW9ubHktcmluZy1obWFjLWtleS0wMDE="
    let time: any RingClock
    /// The clock a test moves, when it has one.
    var clock: ManualClock { get throws { try #require(self.time as? ManualClock) } }
    let endpoint: StubTokenEndpoint
    let ring: StubRing
    let observer = RecordingObserver()
    let storage: any RingStorage
    let store: RingTokenStore
    let keeper: RingTokenKeeper
    let linker: RingAccountLinker

    init(
        ring: StubRing = StubRing(), endpoint: StubTokenEndpoint = StubTokenEndpoint(),
        storage: (any RingStorage)? = nil, clock: any RingClock = ManualClock(autoAdvance: true),
        keys: [String] = [Self.hmacKey], attempts: Int = 3, transport: StubTransport? = nil
    ) throws {
        self.time = clock
        self.endpoint = endpoint
        self.ring = ring
        let storage = storage ?? RingMemoryStorage(uptime: { clock.uptime() })
        self.storage = storage
        let environment = RingEnvironment(clock: clock, observer: self.observer)
        self.store = RingTokenStore(storage: storage, sealing: nil, environment: environment)
        let origin = try #require(URL(string: "https://api.amazonvision.com"))
        self.keeper = RingTokenKeeper(
            store: self.store,
            client: try OAuthClient(
                credentials: OAuthCredentials(clientID: "c", clientSecret: OAuthClientSecret("s")),
                transport: endpoint, origin: origin, environment: environment), environment: environment)
        self.linker = RingAccountLinker(
            keeper: self.keeper, policy: RingLinkPolicy(keys: try keys.map { try RingHMACKey($0) }),
            pipeline: RingSharedPipeline(
                transport: transport ?? StubTransport { try ring.response(to: $0, $1) },
                retryPolicy: RingRetryPolicy(attempts: attempts),
                callLimit: nil, environment: environment), baseURL: origin)
    }

    /// The same store, endpoint and Ring, seen by another process.
    func other(keys: [String] = [Self.hmacKey], attempts: Int = 3) throws -> LinkBench {
        try LinkBench(
            ring: self.ring, endpoint: self.endpoint, storage: self.storage, clock: self.time, keys: keys,
            attempts: attempts)
    }

    /// The redirect Ring would send now for an account.
    func redirect(
        _ account: String = "a", secondsAgo: Int64 = 1, key: String = LinkBench.hmacKey
    ) throws -> RingLinkRedirect {
        let time = "\(Int64(self.time.now().timeIntervalSince1970 * 1_000) - secondsAgo * 1_000)"
        return RingLinkRedirect(
            nonce: RingLinkNonce.compute(time: time, accountID: account, key: try RingHMACKey(key)), time: time)
    }

    /// Exchanges a code, so that the account waits in the pool.
    @discardableResult
    func arrive(_ code: String = "code") async throws -> RingTokenStatus {
        self.endpoint.allow(code: code)
        return try await self.linker.exchange(OAuthAuthorizationCode(code))
    }

    func state(_ account: RingAccountID = "a") async throws -> RingAccountState? {
        try await self.store.record(for: account)?.state
    }

    func code(_ body: () async throws -> Void) async -> RingError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? RingError)?.code ?? RingError.Code("\(error)") }
    }
}

extension RingPrincipal {
    static let robin = RingPrincipal(rawValue: "robin")
    static let alex = RingPrincipal(rawValue: "alex")
}
