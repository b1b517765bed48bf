import Foundation
import RingPartner
import RingTesting
import Synchronization
import Testing

/// The budgets that all accounts of a client share, counted at a server on a real socket.
@Suite(.timeLimit(.minutes(2)))
struct SharedBudgetTests {
    /// A service that always responds in the same way, and counts.
    private final class Service: Sendable {
        let authorizations = Mutex<[String]>([])
        var count: Int { self.authorizations.withLock { $0.count } }

        func count(of token: String) -> Int { self.authorizations.withLock { $0.count { $0 == "Bearer \(token)" } } }

        func start(_ status: Int, fields: [String] = []) throws -> RawServer {
            try RawServer { connection in
                while let request = try connection.readHead() {
                    self.authorizations.withLock { $0.append(request["Authorization"] ?? "") }
                    try connection.respond(status, fields: fields, body: Array(#"{"data":[]}"#.utf8))
                }
            }
        }

        func reaches(_ count: Int) async {
            while self.count < count { await Task.yield() }
        }
    }

    private func client(_ server: RawServer, clock: ManualClock) throws -> RingPartnerClient {
        var configuration = try RingPartnerConfiguration(
            credentials: OAuthCredentials(clientID: "client", clientSecret: OAuthClientSecret("secret")),
            hmacKeys: [], storage: RingMemoryStorage(), sealing: nil, apiURL: server.origin, oauthURL: server.origin,
            environment: RingEnvironment(clock: clock))
        configuration.callLimit = nil
        return try RingPartnerClient(configuration)
    }

    /// An account and its access token, which have the same text.
    private func devices(of account: RingAccountID, _ client: RingPartnerClient) -> RingDevicesClient {
        let origin = client.configuration.apiURL
        return RingDevicesClient(
            api: RingAPIClient(
                baseURL: origin, account: account,
                transport: client.shared.pipeline(
                    tokens: RingFixedToken(RingAccessToken(account.rawValue)), origin: origin),
                environment: client.configuration.environment))
    }

    /// For all callers and accounts together: at most ten percent more requests than calls, beside the initial budget.
    @Test func aFailingServiceGetsNoMoreThanTenPercentExtra() async throws {
        let service = Service()
        let server = try service.start(503)
        let client = try self.client(server, clock: ManualClock(autoAdvance: true))
        let accounts = (0..<4).map { client.account(token: RingAccessToken("token-\($0)")) }
        let calls = 1_000
        await withTaskGroup { group in
            for account in accounts {
                group.addTask {
                    for _ in 0..<(calls / accounts.count) { _ = try? await account.devices.list(include: []) }
                }
            }
        }
        #expect(service.count >= calls)
        #expect(service.count <= calls + calls / 10 + 20)
        // The budget is there to be used, too.
        #expect(service.count >= calls + calls / 10)
        server.stop()
    }

    /// The quiet account's five do not wait until the busy one's hundreds are through.
    @Test func aHundredASecondForAllAccountsTogetherInTurns() async throws {
        let service = Service()
        let server = try service.start(200)
        let clock = ManualClock()
        let client = try self.client(server, clock: clock)
        let busy = self.devices(of: "busy", client)
        let quiet = self.devices(of: "quiet", client)
        let budget = try #require(client.shared.rateBudget as? RingLocalRateBudget)

        let calls = Tasks()
        for _ in 0..<230 { calls.run { _ = try await busy.list(include: []) } }
        await service.reaches(100)
        while budget.waiting < 130 { await Task.yield() }
        for _ in 0..<5 { calls.run { _ = try await quiet.list(include: []) } }
        while budget.waiting < 135 { await Task.yield() }
        await clock.sleepers(atLeast: 1)
        #expect(service.count == 100)

        clock.advance(by: .seconds(1))
        await clock.sleepers(atLeast: 1)
        await service.reaches(200)
        #expect(budget.waiting == 35)
        #expect(service.count(of: "quiet") == 5 && service.count(of: "busy") == 195)
        clock.advance(by: .seconds(1))
        #expect(await calls.failures() == 0)
        #expect(service.count == 235)
        server.stop()
    }

    /// The remaining budget in a response applies to every account.
    @Test func whatOneAccountLearnsHoldsForAll() async throws {
        let service = Service()
        let server = try service.start(200, fields: ["X-RateLimit-Limit: 100", "X-RateLimit-Remaining: 0"])
        let clock = ManualClock()
        let client = try self.client(server, clock: clock)
        _ = try await client.account(token: RingAccessToken("a")).devices.list(include: [])
        let other = Task { try await client.account(token: RingAccessToken("b")).devices.list(include: []) }
        await clock.sleepers(atLeast: 1)
        #expect(service.count == 1)
        clock.advance(by: .seconds(1))
        _ = try await other.value
        #expect(service.count == 2)
        server.stop()
    }

    /// One time limit over token, waits and body: a body that stops is ended by the client's own limit.
    @Test func theCallLimitHoldsOverTheBody() async throws {
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":")
            connection.waitUntilClosed()
        }
        var configuration = try RingPartnerConfiguration(
            credentials: OAuthCredentials(clientID: "client", clientSecret: OAuthClientSecret("secret")),
            hmacKeys: [], storage: RingMemoryStorage(), sealing: nil, apiURL: server.origin, oauthURL: server.origin)
        configuration.callLimit = .milliseconds(400)
        let account = try RingPartnerClient(configuration).account(token: RingAccessToken("token"))
        let start = ContinuousClock.now
        let error = await #expect(throws: RingError.self) { try await account.devices.list(include: []) }
        #expect(error?.code == .deadlineExceeded)
        // Long before any other limit; a busy machine may be slow.
        #expect(ContinuousClock.now - start < .seconds(15))
        server.stop()
    }

    /// No access token is sent to another origin, and no redirect is followed automatically.
    @Test(arguments: [301, 302, 303, 307, 308]) func noCallFollowsARedirect(status: Int) async throws {
        let elsewhere = Service()
        let other = try elsewhere.start(200)
        let service = Service()
        let server = try service.start(status, fields: ["Location: \(other.origin)/v1/devices"])
        let client = try self.client(server, clock: ManualClock(autoAdvance: true))
        let account = client.account(token: RingAccessToken("token"))
        let error = await #expect(throws: RingError.self) { try await account.devices.list(include: []) }
        #expect(error?.code == .redirectRefused)
        #expect(service.count == 1 && elsewhere.count == 0)
        server.stop()
        other.stop()
    }
}

/// Calls that run beside one another.
private final class Tasks: Sendable {
    private let list = Mutex<[Task<Void, any Error>]>([])

    func run(_ work: @escaping @Sendable () async throws -> Void) {
        let task = Task { try await work() }
        self.list.withLock { $0.append(task) }
    }

    func failures() async -> Int {
        var count = 0
        for task in self.list.withLock({ $0 }) {
            if case .failure = await task.result { count += 1 }
        }
        return count
    }
}
