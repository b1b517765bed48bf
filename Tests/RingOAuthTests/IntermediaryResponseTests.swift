import Foundation
import RingCore
import RingOAuth
import RingTesting
import Testing

/// What stands between this process and the token endpoint responds in its place, or changes what the endpoint sent.
@Suite(.timeLimit(.minutes(1))) struct IntermediaryResponseTests {
    static let nginx =
        "<html><head><title>400 Bad Request</title></head><body><center><h1>400 Bad Request</h1></center>"
        + "<hr><center>nginx</center></body></html>"

    @Test(
        arguments: [302, 307, 400, 401, 403, 404, 405, 415, 418, 500, 502],
        [
            Self.nginx, "", "Bad Request", "invalid_grant", "[]", "\"invalid_grant\"",
            #"{"message":"no Route matched"}"#,
            #"{"error":"Bad Request","path":"/oauth/token"}"#, #"{"error":{"code":"invalid_grant"}}"#,
            #"{"errors":[{"status":"400","title":"Bad Request"}]}"#, #"{"errors":["invalid_grant"]}"#,
            #"{"errors":[{"detail":"an invalid grant type"}]}"#,
        ])
    func decidesNothingAboutAnAccount(status: Int, body: String) async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.status(status, body: body))
        let error = await #expect(throws: RingError.self) { try await bench.keeper.tokens(for: "a").accessToken() }
        #expect(error?.code == .serverFailure && error?.isTransient == true && error?.status == status)
        #expect(try await bench.state("a") == .linked)
        #expect(try await bench.token() == "access-1")
        #expect(bench.endpoint.exchanges == ["first-a": 1])
    }

    @Test(
        arguments: [200, 400, 401, 403, 404, 429, 500, 503],
        [
            #"{"error":"invalid_grant","error_description":"x"}"#, #"{"error":"Invalid Grant"}"#,
            #"{"errors":[{"status":"400","code":"INVALID_GRANT"}]}"#,
            #"{"errors":[{"title":"Bad Request","detail":"invalid_grant: the token was revoked"}]}"#,
        ])
    func theErrorOfTheEndpointDecidesWhateverTheStatus(status: Int, body: String) async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.setOutage(.status(status, body: body))
        for _ in 0..<3 { #expect(await bench.code { _ = try await bench.token() } == .relinkRequired) }
        #expect(try await bench.state("a") == .relinkRequired)
        #expect(bench.endpoint.forms.count == 1)
    }

    /// A gateway that gave up waiting says as little as a timeout: the token may have been exchanged.
    @Test(arguments: [408, 520, 522, 524, 529], [Self.nginx, "", #"{"error":"timeout"}"#])
    func aGatewaysTimeoutIsAnUnknownOutcome(status: Int, body: String) async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.status(status, body: body))
        let error = await #expect(throws: RingError.self) { try await bench.keeper.refresh("a") }
        #expect(error?.code == .serverFailure && error?.status == status && error?.delivery == .unknown)
        #expect(bench.endpoint.forms.count == 1)
        #expect(try await bench.state("a") == .uncertain)
        // The old token is tried once: the endpoint had not exchanged it …
        #expect(try await bench.token() == "access-1")
        #expect(try await bench.state("a") == .linked)
        // … or it had.
        try await bench.link("b", secondsLeft: -1)
        bench.endpoint.fail(.status(status, body: body))
        #expect(await bench.code { try await bench.keeper.refresh("b") } == .serverFailure)
        bench.endpoint.revoke(refreshToken: "first-b")
        #expect(await bench.code { _ = try await bench.token("b") } == .relinkRequired)
    }

    @Test(arguments: [408, 520], [#"{"error":"invalid_grant"}"#])
    func theErrorOfTheEndpointDecidesAfterAGatewaysTimeoutToo(status: Int, body: String) async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.status(status, body: body))
        #expect(await bench.code { try await bench.keeper.refresh("a") } == .relinkRequired)
    }

    /// The page of a proxy may have any size.
    @Test(arguments: [302, 400, 403, 502]) func theSizeOfAPageDecidesNothing(status: Int) async throws {
        for size in [256 * 1024, 256 * 1024 + 1, 1 << 20] {
            let page = Array("<html>".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: size - 6)
            let bench = try KeeperBench(endpoint: StubTokenEndpoint(page: (status, page)))
            try await bench.link("a", secondsLeft: -1)
            let error = await #expect(throws: RingError.self) { try await bench.keeper.tokens(for: "a").accessToken() }
            #expect(error?.code == .serverFailure && error?.status == status, "\(size) bytes")
            #expect(try await bench.state("a") == .linked, "\(size) bytes")
        }
    }

    /// A gateway may make numbers of texts that consist of digits.
    @Test func tokensThatAreNumbersAreTokens() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(
            .status(200, body: #"{"access_token":123456789012345678901234567890,"refresh_token":42,"expires_in":"60"}"#)
        )
        #expect(try await bench.keeper.refresh("a").state == .linked)
        let tokens = try await bench.store.record(for: "a")?.tokens
        #expect(tokens?.accessToken?.revealed == "123456789012345678901234567890")
        #expect(tokens?.refreshToken?.revealed == "42")
    }

    /// No part of a token (RFC 6749, appendix A.12), and no header field can carry it.
    @Test(arguments: [#"AT1\n"#, #"\tAT1 "#, #"\r\nAT1"#, #"A\nT1"#, #"AT1\u0000"#, #"A\u007fT\r\n1"#])
    func blanksAndLineBreaksOfATokenAreNotItsOwn(text: String) async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.status(200, body: #"{"access_token":"\#(text)","refresh_token":"RT1"}"#))
        #expect(try await bench.token() == "AT1")
        #expect(try await bench.store.record(for: "a")?.tokens?.refreshToken?.revealed == "RT1")
    }

    @Test(arguments: [#" \n"#, #"\u0000"#, #" \u007f "#])
    func aTokenOfBlanksIsNone(text: String) async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.status(200, body: #"{"access_token":"\#(text)","refresh_token":"RT1"}"#))
        let error = await #expect(throws: RingError.self) { try await bench.keeper.refresh("a") }
        #expect(error?.code == .malformedResponse && error?.status == 200)
        #expect(try await bench.state("a") == .uncertain)
    }

    @Test(arguments: ["invalid_request", "unsupported_grant_type", "invalid_scope"])
    func aRefusedRequestIsAResponseAndNoMisconfiguration(error: String) async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.status(400, body: #"{"error":"\#(error)"}"#))
        let failure = await #expect(throws: RingError.self) { try await bench.keeper.refresh("a") }
        #expect(failure?.code == .badRequest && failure?.delivery == .responded)
        #expect(failure?.message.contains(error) == true)
        #expect(try await bench.state("a") == .linked)
    }

    @Test func aByteOrderMarkIsIgnored() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(
            .status(200, body: "\u{feff}{\"access_token\":\"AT1\",\"refresh_token\":\"RT1\",\"expires_in\":14400}"))
        #expect(try await bench.token() == "AT1")
        #expect(try await bench.store.record(for: "a")?.tokens?.refreshToken?.revealed == "RT1")
        try await bench.link("b", secondsLeft: -1)
        bench.endpoint.fail(.status(400, body: "\u{feff}{\"error\":\"invalid_grant\"}"))
        #expect(await bench.code { _ = try await bench.token("b") } == .relinkRequired)
    }

    // MARK: An account that was marked by mistake

    @Test func anOrdinaryCallRecoversIt() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        // As a release stored it that took a proxy's page for a refusal.
        var record = try #require(try await bench.store.record(for: "a"))
        record.condition = .relinkRequired
        record.version += 1
        #expect(try await bench.store.commit([.put(record, replacing: record.version - 1)]))
        #expect(try await bench.token() == "access-1")
        #expect(try await bench.state("a") == .linked)
        #expect(bench.observer.events(RingAccountStateChanged.self).map(\.to) == [.linked])
    }

    @Test func aRefusedTokenIsSentAgainAfterGrowingPauses() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.setOutage(.status(400, body: #"{"error":"invalid_grant"}"#))
        #expect(await bench.code { _ = try await bench.token() } == .relinkRequired)
        var moments: [Int] = []
        // Two processes, and each is started again for every call.
        for second in 1...100 {
            bench.clock.advance(by: .seconds(1))
            let count = bench.endpoint.forms.count
            for _ in 0..<2 {
                let process = try bench.other()
                #expect(await process.code { _ = try await process.token() } == .relinkRequired)
            }
            if bench.endpoint.forms.count > count { moments.append(second) }
            #expect(bench.endpoint.forms.count <= count + 1)
        }
        #expect(moments == [1, 5, 21, 85])
        // Later once a day.
        for _ in 0..<30 {
            bench.clock.advance(by: .seconds(86_400))
            for _ in 0..<3 { #expect(await bench.code { _ = try await bench.token() } == .relinkRequired) }
        }
        #expect(bench.endpoint.forms.count == 1 + 4 + 30)
        // Nobody needs the account: the daily refresh does not try it.
        bench.clock.advance(by: .seconds(86_400))
        _ = try await RingIdleKeeper(keeper: bench.keeper).sweep()
        #expect(bench.endpoint.forms.count == 35)
        bench.endpoint.setOutage(nil)
        #expect(try await bench.token() == "access-1")
        // From then on everything is as before.
        bench.endpoint.fail(.status(400, body: #"{"error":"invalid_grant"}"#))
        #expect(await bench.code { try await bench.keeper.refresh("a") } == .relinkRequired)
        bench.clock.advance(by: .seconds(1))
        #expect(try await bench.state("a") == .relinkRequired)
        #expect(try await bench.keeper.refresh("a").state == .linked)
    }

    @Test func aFailureOfTheNetworkDoesNotMakeTheTriesMore() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.status(400, body: #"{"error":"invalid_grant"}"#))
        #expect(await bench.code { _ = try await bench.token() } == .relinkRequired)
        bench.endpoint.setOutage(.status(502, body: Self.nginx))
        bench.clock.advance(by: .seconds(1))
        #expect(await bench.code { _ = try await bench.token() } == .serverFailure)
        for _ in 0..<5 { #expect(await bench.code { _ = try await bench.token() } == .relinkRequired) }
        #expect(bench.endpoint.forms.count == 2)
        #expect(try await bench.state("a") == .relinkRequired)
    }
}
