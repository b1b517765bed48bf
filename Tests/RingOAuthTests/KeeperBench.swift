import Foundation
import RingCore
import RingCrypto
import RingOAuth
import RingTesting
import Testing

/// A keeper with everything it stands on, under a clock that the test moves.
struct KeeperBench {
    let clock: ManualClock
    let endpoint: StubTokenEndpoint
    let storage: any RingStorage
    let store: RingTokenStore
    let observer = RecordingObserver()
    let keeper: RingTokenKeeper

    init(
        storage: (any RingStorage)? = nil, endpoint: StubTokenEndpoint = StubTokenEndpoint(),
        clock: ManualClock = ManualClock(), policy: RingTokenPolicy = RingTokenPolicy(),
        sealing: RingSealingKeyRing? = nil
    ) throws {
        self.clock = clock
        self.endpoint = endpoint
        let storage = storage ?? RingMemoryStorage(uptime: { clock.uptime() })
        self.storage = storage
        let environment = RingEnvironment(clock: clock, observer: self.observer)
        self.store = RingTokenStore(storage: storage, sealing: sealing, environment: environment)
        let origin = try #require(URL(string: "https://oauth.ring.com"))
        self.keeper = RingTokenKeeper(
            store: self.store,
            client: try OAuthClient(
                credentials: OAuthCredentials(clientID: "c", clientSecret: OAuthClientSecret("s")),
                transport: endpoint, origin: origin, environment: environment),
            policy: policy, environment: environment)
    }

    /// A second keeper on the same store and endpoint: another process.
    func other(sealing: RingSealingKeyRing? = nil) throws -> KeeperBench {
        try KeeperBench(
            storage: self.storage, endpoint: self.endpoint, clock: self.clock, policy: self.keeper.policy,
            sealing: sealing)
    }

    /// Stores a linked account with a pair that has some time left.
    func link(_ account: RingAccountID, secondsLeft: Double = 14_400) async throws {
        let refresh = "first-\(account)"
        self.endpoint.allow(refreshToken: refresh)
        let now = self.clock.now()
        var record = RingTokenRecord(
            accountID: account, stage: .linked,
            tokens: OAuthTokens(
                accessToken: RingAccessToken("old-\(account)"), accessExpiresAt: now + secondsLeft,
                refreshToken: OAuthRefreshToken(refresh), refreshExpiresAt: now + 30 * 86_400,
                issuedAt: now + secondsLeft - 14_400),
            version: 1, now: now)
        record.refreshDueAt = now + 86_400
        #expect(try await self.store.commit([.put(record, replacing: nil)]))
    }

    func state(_ account: RingAccountID) async throws -> RingAccountState? {
        try await self.store.record(for: account)?.state
    }

    func token(_ account: RingAccountID = "a") async throws -> String {
        try await self.keeper.tokens(for: account).accessToken().revealed
    }

    /// The code of the error a call ends with; `nil` when it ends well.
    func code(_ body: () async throws -> Void) async -> RingError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? RingError)?.code ?? RingError.Code("\(type(of: error))") }
    }

    /// Waits until the observer has seen an event, without sleeping.
    func seen<Event: RingObservation>(_ type: Event.Type, count: Int = 1) async {
        while self.observer.events(type).count < count { await Task.yield() }
    }
}
