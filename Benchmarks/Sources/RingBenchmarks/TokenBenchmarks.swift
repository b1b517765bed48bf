import Foundation
import RingCore
import RingOAuth

extension Benchmark {
    /// A valid token when the known one is fresh: what every call of every account pays.
    static let freshToken = Benchmark(
        name: "token.fresh", unit: "token", sizes: [1_000],
        contenders: { size in
            let bench = try await TokenBench(accounts: 1)
            let tokens = bench.keeper.tokens(for: "account 0")
            let actor = PlainActor()
            return [
                Contender("RingAccountTokens") {
                    var count = 0
                    for _ in 0..<size { count += try await tokens.accessToken().revealed.utf8.count }
                    return count
                },
                Contender("an actor hop") {
                    var count = 0
                    for _ in 0..<size { count += await actor.token.utf8.count }
                    return count
                },
            ]
        }, goals: [.atMost(microsecondsAUnit: 1)])

    /// One more account in the process, up to its first token.
    static let manyAccounts = Benchmark(
        name: "token.accounts", unit: "account", sizes: [1_000, 10_000],
        contenders: { size in
            let bench = try await TokenBench(accounts: size)
            return [
                Contender("first token") {
                    let keeper = bench.fresh()
                    return try await Self.tokens(of: size, keeper)
                }
            ]
        }, goals: [.atMost(microsecondsAUnit: 5)])

    /// The memory of an account whose access token of 900 bytes is known. The store's own is not counted.
    static let accountMemory = Benchmark(
        name: "token.memory", unit: "account", measures: .memory, sizes: [1_000, 10_000],
        contenders: { size in
            let bench = try await TokenBench(accounts: size)
            return [
                Contender("known account") {
                    let keeper = bench.fresh()
                    let before = Memory.allocated()
                    _ = try await Self.tokens(of: size, keeper)
                    let after = Memory.allocated()
                    return withExtendedLifetime(keeper) { after - before }
                }
            ]
        }, goals: [.atMostBytes(4_096)])

    private static func tokens(of size: Int, _ keeper: RingTokenKeeper) async throws -> Int {
        var count = 0
        for number in 0..<size {
            let tokens = keeper.tokens(for: RingAccountID(rawValue: "account \(number)"))
            count += try await tokens.accessToken().revealed.utf8.count
        }
        return count
    }
}

/// A store with accounts and keepers on it; nothing is ever refreshed.
private struct TokenBench {
    let store = RingTokenStore(storage: RingMemoryStorage(), sealing: nil, environment: RingEnvironment())
    let client: OAuthClient
    let keeper: RingTokenKeeper

    init(accounts: Int) async throws {
        let origin = URL(string: "https://oauth.ring.com")
        guard let origin else { throw RingError(code: .misconfigured, message: "no origin") }
        self.client = try OAuthClient(
            credentials: OAuthCredentials(clientID: "c", clientSecret: OAuthClientSecret("s")),
            transport: NoTransport(),
            origin: origin)
        self.keeper = RingTokenKeeper(store: self.store, client: self.client)
        let now = Date()
        for number in 0..<accounts {
            let grant = OAuthGrant(
                accessToken: RingAccessToken("\(1_000_000 + number)" + String(repeating: "t", count: 893)),
                refreshToken: OAuthRefreshToken(String(repeating: "r", count: 900)), accessExpiresAt: now + 14_400,
                issuedAt: now)
            let provisional = try await self.keeper.accept(grant)
            try await self.keeper.identify(provisional, as: RingAccountID(rawValue: "account \(number)"))
        }
    }

    /// A keeper that knows no account yet. The store reads every record from its bytes.
    func fresh() -> RingTokenKeeper { RingTokenKeeper(store: self.store, client: self.client) }
}

private struct NoTransport: RingTransport {
    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        throw RingError(code: .misconfigured, message: "nothing is sent")
    }
}

private actor PlainActor {
    let secret = String(repeating: "t", count: 900)
    var token: String { self.secret }
}
