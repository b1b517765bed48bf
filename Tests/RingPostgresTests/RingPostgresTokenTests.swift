import Foundation
import PostgresServer
import RingCore
import RingCrypto
import RingOAuth
import RingPostgres
import RingTesting
import Testing

/// What tokens cost the database.
@Suite(.timeLimit(.minutes(2)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct RingPostgresTokenTests {
    private struct NoTransport: RingTransport {
        func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
            throw RingError(code: .misconfigured, message: "nothing is sent")
        }
    }

    private static func keeper(_ storage: any RingStorage) throws -> RingTokenKeeper {
        let client = try OAuthClient(
            credentials: OAuthCredentials(clientID: "c", clientSecret: OAuthClientSecret("s")),
            transport: NoTransport(), origin: try #require(URL(string: "https://oauth.ring.com")))
        return RingTokenKeeper(store: RingTokenStore(storage: storage, sealing: nil), client: client)
    }

    private static func link(_ count: Int, _ keeper: RingTokenKeeper) async throws -> [RingAccountID] {
        let now = Date()
        return try await withThrowingTaskGroup(of: RingAccountID.self) { group in
            for number in 0..<count {
                group.addTask {
                    let grant = OAuthGrant(
                        accessToken: RingAccessToken("access \(number)"),
                        refreshToken: OAuthRefreshToken("refresh \(number)"), accessExpiresAt: now + 14_400,
                        issuedAt: now)
                    let account = RingAccountID(rawValue: "ava1.ring.account.\(1_000 + number)")
                    try await keeper.identify(try await keeper.accept(grant), as: account)
                    return account
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func aFreshTokenCostsNoQuery() async throws {
        let server = try await PostgresServer(settings: ["log_statement=all", "lc_messages=C"])
        let storage = try await RingPostgresDatabase.open(server.url, options: PostgresServer.options("ring"))
        let account = try #require(try await Self.link(1, Self.keeper(storage)).first)
        func statements() throws -> [Substring] {
            let log = try String(contentsOfFile: server.folder + "/server.log", encoding: .utf8)
            return log.split(separator: "\n").filter { $0.contains("LOG:  execute") || $0.contains("LOG:  statement") }
        }
        // As a process that has just started.
        let keeper = try Self.keeper(storage)
        let before = try statements().count
        let tokens = keeper.tokens(for: account)
        #expect(try await tokens.accessToken().revealed == "access 0")
        let after = try statements().count
        // The keys' probes, the account and its process, once.
        #expect(after > before && after <= before + 5, "\(after - before)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<1_000 {
                group.addTask {
                    let token = try await keeper.tokens(for: account).accessToken()
                    #expect(token.revealed == "access 0")
                }
            }
            try await group.waitForAll()
        }
        // What the storage does by time, such as the sign of life of its process, has nothing to do with tokens.
        let later = try statements().dropFirst(after)
        #expect(!later.contains { $0.contains("ring_record") } && later.count < 10, "\(later)")
        await storage.close()
    }

    /// The search for the account of a link reads names, and nothing else.
    @Test func theSearchForAnAccountReadsNamesAlone() async throws {
        let server = try await PostgresServer(settings: ["log_statement=all", "lc_messages=C"])
        let storage = try await RingPostgresDatabase.open(server.url, options: PostgresServer.options("ring"))
        let keeper = try Self.keeper(storage)
        let accounts = try await Self.link(100, keeper)
        let log = server.folder + "/server.log"
        let before = try String(contentsOfFile: log, encoding: .utf8).utf8.count
        let pool = try await keeper.store.accounts(.pool(since: .distantPast))
        #expect(Set(pool) == Set(accounts))
        let lines = String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)).dropFirst(before), as: UTF8.self)
        let reads = lines.split(separator: "\n").filter { $0.contains("ring_record") && $0.contains("LOG:  execute") }
        let readsNames = reads.allSatisfy { $0.contains("string_agg") && !$0.contains("payload") }
        #expect(reads.count == 1 && readsNames, "\(reads)")
        await storage.close()
    }
}
