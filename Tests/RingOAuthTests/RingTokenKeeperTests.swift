import Foundation
import RingCore
import RingOAuth
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingTokenKeeperTests {
    @Test func givesAValidTokenWithoutARequest() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        #expect(try await bench.token() == "old-a")
        #expect(bench.endpoint.forms.isEmpty)
    }

    @Test func refreshesInTheBackgroundFromFifteenMinutes() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: 901)
        #expect(try await bench.token() == "old-a")
        #expect(bench.endpoint.forms.isEmpty)
        bench.clock.advance(by: .seconds(2))
        // The caller gets the old token at once, before the endpoint has responded.
        #expect(try await bench.token() == "old-a")
        await bench.seen(RingTokensRefreshed.self)
        #expect(try await bench.token() == "access-1")
    }

    @Test func waitsBelowOneMinute() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: 59)
        #expect(try await bench.token() == "access-1")
        #expect(try await bench.state("a") == .linked)
    }

    @Test func aTokenIssuedForLessThanTheMarginIsNotRefreshedAtEveryCall() async throws {
        let bench = try KeeperBench(endpoint: StubTokenEndpoint(lifetime: 40))
        try await bench.link("a", secondsLeft: -1)
        for _ in 0..<100 { #expect(try await bench.token() == "access-1") }
        await bench.keeper.settle()
        #expect(bench.endpoint.forms.count == 1)
        bench.clock.advance(by: .seconds(21))
        #expect(try await bench.token() == "access-2")
    }

    @Test func aHundredCallersShareOneRefresh() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await bench.token() } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(tokens == ["access-1"])
        #expect(bench.endpoint.exchanges == ["first-a": 1])
    }

    @Test func aCancelledCallerCancelsNothing() async throws {
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let endpoint = StubTokenEndpoint {
            arrived.continuation.yield()
            for await _ in go.stream { break }
        }
        let bench = try KeeperBench(endpoint: endpoint)
        try await bench.link("a", secondsLeft: -1)
        let impatient = Task { try await bench.token() }
        for await _ in arrived.stream { break }
        let patient = Task { try await bench.token() }
        impatient.cancel()
        // It ends at once, before the endpoint has responded.
        await #expect(throws: CancellationError.self) { try await impatient.value }
        go.continuation.yield()
        #expect(try await patient.value == "access-1")
    }

    @Test func settlingWaitsForWhatIsUnderWay() async throws {
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let endpoint = StubTokenEndpoint {
            arrived.continuation.yield()
            for await _ in go.stream { break }
        }
        let bench = try KeeperBench(endpoint: endpoint)
        await bench.keeper.settle()
        try await bench.link("a", secondsLeft: 600)
        _ = try await bench.token()
        for await _ in arrived.stream { break }
        // The process is to end: cancelled, and still it waits.
        let ending = Task {
            await bench.keeper.settle()
            return try await bench.store.record(for: "a")?.generation
        }
        ending.cancel()
        go.continuation.yield()
        #expect(try await ending.value == 2)
    }

    @Test(arguments: [.notSent, .status(503), .status(429), .responseLost] as [StubTokenEndpoint.Fault])
    func aFailedRefreshNeverFailsACallWhileTheOldTokenLives(fault: StubTokenEndpoint.Fault) async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: 30)
        bench.endpoint.fail(fault)
        #expect(try await bench.token() == "old-a")
        #expect(bench.endpoint.forms.count == 1)
    }

    @Test func aFailureIsNotRemembered() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.status(503), .notSent)
        #expect(await bench.code { _ = try await bench.token() } == .serverFailure)
        #expect(await bench.code { _ = try await bench.token() } == .connectionFailed)
        #expect(try await bench.state("a") == .linked)
        #expect(try await bench.token() == "access-1")
    }

    @Test func failedBackgroundRefreshesAreSpacedOut() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: 600)
        bench.endpoint.setOutage(.status(503))
        for _ in 0..<1_000 { #expect(try await bench.token() == "old-a") }
        await bench.seen(RingTokenRefreshFailed.self)
        for _ in 0..<1_000 { #expect(try await bench.token() == "old-a") }
        #expect(bench.endpoint.forms.count == 1)
        bench.clock.advance(by: .seconds(120))
        bench.endpoint.setOutage(nil)
        _ = try await bench.token()
        await bench.seen(RingTokensRefreshed.self)
        #expect(bench.endpoint.forms.count == 2)
    }

    @Test func comparesWithTheTokenThatWasRefused() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        let tokens = bench.keeper.tokens(for: "a")
        let old = try await tokens.accessToken()
        #expect(try await tokens.accessToken(replacing: old).revealed == "access-1")
        // A late report about the old token changes nothing.
        #expect(try await tokens.accessToken(replacing: old).revealed == "access-1")
        #expect(bench.endpoint.forms.count == 1)
    }

    @Test func aHundredRefusalsAreOneRefresh() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        let tokens = bench.keeper.tokens(for: "a")
        let old = try await tokens.accessToken()
        let new = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await tokens.accessToken(replacing: old).revealed } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(new == ["access-1"])
        #expect(bench.endpoint.forms.count == 1)
    }

    @Test func aServiceThatRefusesEverythingDoesNotTurnEveryCallIntoARefresh() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        let tokens = bench.keeper.tokens(for: "a")
        var code: RingError.Code?
        for _ in 0..<50 {
            let token = try await tokens.accessToken()
            code = await bench.code { _ = try await tokens.accessToken(replacing: token) }
        }
        #expect(code == .unauthorized)
        #expect(bench.endpoint.forms.count == 8)
        bench.clock.advance(by: .seconds(61))
        let token = try await tokens.accessToken()
        #expect(try await tokens.accessToken(replacing: token).revealed == "access-9")
    }

    /// Some endpoints issue the same access token while it is valid: each refresh would use up another refresh token.
    @Test func anEndpointThatIssuesTheRefusedTokenAgainIsRequestedOnce() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        bench.endpoint.setOutage(.status(200, body: #"{"access_token":"old-a","refresh_token":"RT1"}"#))
        let tokens = bench.keeper.tokens(for: "a")
        let old = try await tokens.accessToken()
        #expect(await bench.code { _ = try await tokens.accessToken(replacing: old) } == .unauthorized)
        #expect(bench.endpoint.forms.count == 1)
        #expect(try await bench.store.record(for: "a")?.tokens?.refreshToken?.revealed == "RT1")
    }

    @Test func aRevokedAccountIsToldToRelinkWithoutMoreRequests() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        bench.endpoint.revoke(refreshToken: "first-a")
        let tokens = bench.keeper.tokens(for: "a")
        let old = try await tokens.accessToken()
        for _ in 0..<3 {
            #expect(await bench.code { _ = try await tokens.accessToken(replacing: old) } == .relinkRequired)
            #expect(await bench.code { _ = try await tokens.accessToken() } == .relinkRequired)
        }
        #expect(bench.endpoint.forms.count == 1)
        #expect(try await bench.state("a") == .relinkRequired)
        // A caller demands a refresh: one more attempt, which may succeed.
        bench.endpoint.allow(refreshToken: "first-a")
        #expect(try await bench.keeper.refresh("a").state == .linked)
        #expect(try await bench.token() == "access-1")
    }

    @Test func aWrongClientSecretLosesNothing() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.status(401, body: #"{"error":"invalid_client"}"#), .status(404))
        #expect(await bench.code { _ = try await bench.token() } == .invalidClient)
        #expect(await bench.code { _ = try await bench.token() } == .serverFailure)
        #expect(try await bench.state("a") == .linked)
        #expect(try await bench.token() == "access-1")
    }

    @Test func anUnknownAccountIsAnErrorAtTheFirstToken() async throws {
        let bench = try KeeperBench()
        #expect(await bench.code { _ = try await bench.token("nobody") } == .accountUnknown)
        #expect(await bench.code { _ = try await bench.keeper.refresh("nobody") } == .accountUnknown)
    }

    @Test func aPairWithoutARefreshTokenLastsAsLongAsItLasts() async throws {
        let bench = try KeeperBench()
        let now = bench.clock.now()
        let grant = OAuthGrant(
            accessToken: RingAccessToken("playground"), refreshToken: nil, accessExpiresAt: now + 1_800, issuedAt: now)
        let account = try await bench.keeper.accept(grant)
        #expect(try await bench.token(account) == "playground")
        bench.clock.advance(by: .seconds(1_790))
        #expect(try await bench.token(account) == "playground")
        bench.clock.advance(by: .seconds(11))
        #expect(await bench.code { _ = try await bench.token(account) } == .unauthorized)
    }
}
