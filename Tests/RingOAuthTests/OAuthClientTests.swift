import Foundation
import RingCore
import RingCrypto
import RingOAuth
import RingTesting
import Testing

@Suite struct OAuthClientTests {
    private let clock = ManualClock()
    private static let credentials = OAuthCredentials(
        clientID: "client & co", clientSecret: OAuthClientSecret("s3cr=t+%"))

    private func client(_ transport: any RingTransport, origin: String = "https://oauth.ring.com") throws -> OAuthClient
    {
        try OAuthClient(
            credentials: Self.credentials, transport: transport, origin: try #require(URL(string: origin)),
            environment: RingEnvironment(clock: self.clock))
    }

    private func outcome(status: Int, _ body: String) async throws -> OAuthOutcome {
        let transport = StubTransport(RingHTTPResponse(status: status, body: RingHTTPBody(body)))
        return await (try self.client(transport)).refresh(OAuthRefreshToken("rt"))
    }

    /// Secrets are often read from files, with the line break at their end. Ring would only say that the client is unknown.
    @Test(arguments: [
        ("id\n", "s3cr3t", "client id"), ("id", "s3cr3t\r\n", "client secret"), ("id", " s3cr3t", "client secret"),
    ])
    func whiteSpaceAroundTheCredentialsIsNamed(id: String, secret: String, name: String) throws {
        let origin = try #require(URL(string: "https://oauth.ring.com"))
        let error = #expect(throws: RingError.self) {
            try OAuthClient(
                credentials: OAuthCredentials(clientID: id, clientSecret: OAuthClientSecret(secret)),
                transport: StubTransport(), origin: origin)
        }
        #expect(error?.code == .misconfigured)
        #expect(error?.message.contains("the \(name) begins or ends with white space") == true)
        #expect(error?.description.contains("s3cr3t") == false)
    }

    @Test func refreshesAsDocumented() async throws {
        let transport = StubTransport(.json(#"{"access_token":"a"}"#))
        _ = await (try self.client(transport)).refresh(OAuthRefreshToken("rt-1 &="), for: "account")
        let request = try #require(transport.requests.first)
        #expect(transport.targets == ["/oauth/token"])
        #expect(request.method == .post)
        #expect(transport.contexts.first?.operation == .tokenRefresh)
        #expect(transport.contexts.first?.account == "account")
        #expect(request.headerFields[.contentType] == "application/x-www-form-urlencoded")
        #expect(request.headerFields[.authorization] == nil)
        let form = String(decoding: try #require(request.body.bytes), as: UTF8.self)
        #expect(
            form == "grant_type=refresh_token&refresh_token=rt-1%20%26%3D&client_id=client%20%26%20co"
                + "&client_secret=s3cr%3Dt%2B%25")
        #expect(transport.contexts.first?.deadline == RingDeadline(uptime: .seconds(30)))
    }

    @Test(arguments: [nil, "k7Qm2vXc0TzP9sLd4RwYb6NhJe3GfUaVo8iMxZtKq1S"])
    func exchangesACodeWithAVerifierOnlyWhenThereIsOne(verifier: String?) async throws {
        let transport = StubTransport(.json(#"{"access_token":"a"}"#))
        let pair = try verifier.map { try RingPKCE(verifier: $0) }
        _ = await (try self.client(transport)).exchange(
            OAuthAuthorizationCode("us-east-1:9b1f"), verifier: pair.map { OAuthCodeVerifier($0.verifier) })
        let form = String(decoding: try #require(transport.requests.first?.body.bytes), as: UTF8.self)
        #expect(form.hasPrefix("grant_type=authorization_code&code=us-east-1%3A9b1f&"))
        #expect(form.contains("code_verifier=") == (verifier != nil))
        #expect(!form.contains("redirect_uri"))
        #expect(transport.contexts.first?.operation == .codeExchange)
    }

    @Test(
        arguments: [
            // The documented response, then others that were seen or must be tolerated.
            (
                #"{"access_token":"a","refresh_token":"r","scope":"ava.v1:read","expires_in":14400,"token_type":"Bearer"}"#,
                "r", 14_400.0, "ava.v1:read"
            ),
            (
                #"{"access_token":"a","expires_in":"1800","token_type":"bearer","scope":"a,b c"}"#, nil, 1_800,
                "a,b c"
            ),
            (#"{"access_token":"a"}"#, nil, 14_400, ""),
            (#"{"access_token":"a","refresh_token":"","expires_in":-5,"scope":["x","y"]}"#, nil, 14_400, "x y"),
            (#"{"access_token":"a","refresh_token":null,"expires_in":1e300}"#, nil, 31_536_000, ""),
            (#"{"access_token":"a","expires_in":"soon","extra":[1,{"b":2}]}"#, nil, 14_400, ""),
            (#"{"data":{"attributes":{"access_token":"a","refresh_token":"r","expires_in":60}}}"#, "r", 60, ""),
        ] as [(String, String?, Double, String)])
    func readsTokens(body: String, refresh: String?, seconds: Double, scope: String) async throws {
        guard case .granted(let grant) = try await self.outcome(status: 200, body) else {
            Issue.record("not granted")
            return
        }
        #expect(grant.accessToken.revealed == "a")
        #expect(grant.refreshToken?.revealed == refresh)
        #expect(grant.accessExpiresAt.timeIntervalSince(self.clock.now()) == seconds)
        #expect(grant.scope == scope)
    }

    /// Permissions are printed by `auth status` and stored beside the tokens; found by a fuzzer.
    @Test(arguments: ["access_token", "refresh_token"]) func aScopeThatHoldsATokenIsNone(member: String) async throws {
        let body =
            #"{"access_token":"CANARY-access_token","refresh_token":"CANARY-refresh_token","scope":"ava.v1:CANARY-\#(member)"}"#
        guard case .granted(let grant) = try await self.outcome(status: 200, body) else {
            Issue.record("not granted")
            return
        }
        #expect(grant.scope == "")
        #expect(!"\(grant)".contains("CANARY"))
    }

    @Test(
        arguments: [
            (400, #"{"error":"invalid_grant","error_description":"gone"}"#, "rejected invalid_grant"),
            (401, #"{"error":"invalid_grant"}"#, "rejected invalid_grant"),
            (400, #"{"errors":[{"status":"400","title":"Invalid Grant"}]}"#, "rejected invalid_grant"),
            (400, #"{"errors":[{"code":"INVALID_GRANT"}]}"#, "rejected invalid_grant"),
            (
                400, #"{"errors":[{"title":"Bad Request","detail":"the token failed: invalid_grant"}]}"#,
                "rejected invalid_grant"
            ),
            (200, #"{"error":"invalid_grant"}"#, "rejected invalid_grant"),
            (503, #"{"error":"invalid_grant"}"#, "rejected invalid_grant"),
            (401, #"{"error":"invalid_client"}"#, "misconfigured invalid_client"),
            (401, #"{"errors":[{"status":"401","title":"Invalid Client"}]}"#, "misconfigured invalid_client"),
            (400, #"{"error":"unauthorized_client"}"#, "misconfigured unauthorized_client"),
            (400, #"{"error":"unsupported_grant_type"}"#, "misconfigured unsupported_grant_type"),
            // Not the endpoint's own words: somebody in between has responded.
            (400, "Invalid grant: unknown token", "transient server_failure"), (400, "", "transient server_failure"),
            (400, "[[[", "transient server_failure"), (401, "", "transient server_failure"),
            (403, "", "transient server_failure"), (404, "<html>", "transient server_failure"),
            (302, "", "transient server_failure"),
            (400, #"{"error":"temporarily_unavailable"}"#, "transient server_failure"),
            (400, #"{"error":"the refresh token CANARY0123 has the wrong form"}"#, "transient server_failure"),
            (401, #"{"error":{"code":"client CANARY0123"}}"#, "transient server_failure"),
            (429, #"{"error":"slow_down"}"#, "transient rate_limited"),
            (500, "", "transient server_failure"),
            // Taken, and the tokens unreadable: they may be rotated.
            (200, "", "unknown malformed_response"),
            (200, #"{"access_token":"a"#, "unknown malformed_response"),
            (200, #"{"access_token":""}"#, "unknown malformed_response"),
            (204, "", "unknown malformed_response"), (200, "<html>", "unknown malformed_response"),
            (200, #"{"error":"a word of somebody"}"#, "unknown malformed_response"),
        ])
    func sortsEveryResponseIntoFiveKinds(status: Int, body: String, kind: String) async throws {
        let outcome: String =
            switch try await self.outcome(status: status, body) {
            case .granted: "granted"
            case .rejected(let refusal): "rejected \(refusal.error)"
            case .misconfigured(let refusal): "misconfigured \(refusal.error)"
            case .transient(let error): "transient \(error.code)"
            case .unknown(let error): "unknown \(error.code)"
            }
        #expect(outcome == kind)
    }

    @Test func tellsWhatWasSentFromWhatWasNot() async throws {
        struct Odd: Error {}
        let cases: [(any Error, Bool)] = [
            (RingError(code: .connectionFailed, message: "", delivery: .notSent), true),
            (RingError(code: .connectionLost, message: "", delivery: .unknown), false),
            (RingError(code: .deadlineExceeded, message: "", delivery: .unknown), false),
            (RingError(code: .responseTooLarge, message: "", delivery: .responded), false),
            (CancellationError(), false), (Odd(), false),
        ]
        for (error, isTransient) in cases {
            let outcome = await (try self.client(StubTransport { _ in throw error })).refresh(OAuthRefreshToken("rt"))
            switch outcome {
            case .transient: #expect(isTransient, "\(error)")
            case .unknown: #expect(!isTransient, "\(error)")
            default: Issue.record("\(outcome)")
            }
        }
    }

    @Test func aBodyThatBreaksOffIsNoResponse() async throws {
        for status in [200, 400, 503] {
            let chunks = AsyncThrowingStream<[UInt8], any Error> { stream in
                stream.yield(Array(#"{"error":"#.utf8))
                stream.finish(throwing: RingError(code: .connectionLost, message: "cut", delivery: .unknown))
            }
            let transport = StubTransport { _ in
                RingHTTPResponse(status: status, body: RingHTTPBody(streaming: chunks))
            }
            guard case .unknown = await (try self.client(transport)).refresh(OAuthRefreshToken("rt")) else {
                Issue.record("\(status)")
                return
            }
        }
    }

    @Test(arguments: ["http://oauth.ring.com", "ftp://oauth.ring.com", "https://"])
    func refusesAnInsecureOrigin(origin: String) throws {
        #expect { try self.client(StubTransport(), origin: origin) } throws: {
            ($0 as? RingError)?.code == .insecureURL
        }
    }

    @Test func refusesEmptyCredentials() throws {
        let origin = try #require(URL(string: "http://127.0.0.1:1"))
        for (id, secret) in [("", "s"), ("c", "")] {
            #expect {
                try OAuthClient(
                    credentials: OAuthCredentials(clientID: id, clientSecret: OAuthClientSecret(secret)),
                    transport: StubTransport(), origin: origin)
            } throws: { ($0 as? RingError)?.code == .misconfigured }
        }
    }
}
