import RingCore
import RingJSONAPI
import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct StubTokenEndpointTests {
    private func send(
        _ endpoint: StubTokenEndpoint, _ form: String, client: String = "client_id=app&client_secret=secret"
    ) async throws -> (status: Int, body: String) {
        let request = RingCall(
            method: .post, url: try #require(URL(string: "https://oauth.example.com/oauth/token")),
            body: RingHTTPBody("\(client)&\(form)"), operation: .testRead)
        let response = try await endpoint.send(request)
        return (response.status, String(decoding: try await response.body.collect(upTo: 4096), as: UTF8.self))
    }

    private func refresh(_ endpoint: StubTokenEndpoint, _ token: String) async throws -> (status: Int, body: String) {
        try await self.send(endpoint, "grant_type=refresh_token&refresh_token=\(token)")
    }

    @Test func refreshTokensRotateAndWorkOnce() async throws {
        let endpoint = StubTokenEndpoint(lifetime: 60)
        endpoint.allow(refreshToken: "first")
        let response = try await self.refresh(endpoint, "first")
        let body = try JSONAPIValue(parsing: response.body)
        #expect(body["expires_in"]?.int64 == 60)
        let next = try #require(body["refresh_token"]?.string)
        let repeated = try await self.refresh(endpoint, "first")
        #expect(repeated.status == 400)
        #expect(repeated.body.contains("invalid_grant"))
        #expect(try await self.refresh(endpoint, next).status == 200)
        #expect(endpoint.exchanges == ["first": 1, next: 1])
        #expect(endpoint.forms.count == 3)
    }

    @Test func codesWorkOnceAndAreDecoded() async throws {
        let endpoint = StubTokenEndpoint()
        endpoint.allow(code: "us-east-1:a b")
        let form = "grant_type=authorization_code&code=us-east-1%3Aa+b"
        #expect(try await self.send(endpoint, form).status == 200)
        #expect(try await self.send(endpoint, form).status == 400)
    }

    @Test func demandsAClientAndAKnownGrant() async throws {
        let endpoint = StubTokenEndpoint()
        #expect(try await self.send(endpoint, "grant_type=refresh_token", client: "client_id=app").status == 401)
        #expect(try await self.send(endpoint, "grant_type=password").body.contains("unsupported_grant_type"))
    }

    @Test func faultsApplyToOneRequestEach() async throws {
        let endpoint = StubTokenEndpoint()
        for token in ["a", "b", "c"] { endpoint.allow(refreshToken: token) }
        endpoint.fail(.notSent, .status(503, body: "down"), .responseLost, .responseGarbled)
        let notSent = await #expect(throws: RingError.self) { try await self.refresh(endpoint, "a") }
        #expect(notSent?.delivery == .notSent)
        #expect(try await self.refresh(endpoint, "a") == (503, "down"))
        // Neither of them rotated.
        let lost = await #expect(throws: RingError.self) { try await self.refresh(endpoint, "a") }
        #expect(lost?.delivery == .unknown)
        #expect(try await self.refresh(endpoint, "a").status == 400)
        #expect(try await self.refresh(endpoint, "b").status == 200)
    }

    @Test func anOutageEndsWhenItIsTakenBack() async throws {
        let endpoint = StubTokenEndpoint(refused: ["never"])
        endpoint.allow(refreshToken: "a")
        endpoint.allow(refreshToken: "never")
        endpoint.setOutage(.status(502))
        for _ in 0..<2 { #expect(try await self.refresh(endpoint, "a").status == 502) }
        endpoint.setOutage(nil)
        #expect(try await self.refresh(endpoint, "a").status == 200)
        #expect(try await self.refresh(endpoint, "never").status == 503)
        endpoint.allow(refreshToken: "b")
        endpoint.revoke(refreshToken: "b")
        #expect(try await self.refresh(endpoint, "b").status == 400)
    }

    @Test func aTestCanWaitBeforeARequestIsRead() async throws {
        let clock = ManualClock()
        let endpoint = StubTokenEndpoint(before: { try? await clock.sleep(for: .seconds(5)) })
        endpoint.allow(refreshToken: "a")
        let call = Task { try await self.refresh(endpoint, "a").status }
        await clock.sleepers(atLeast: 1)
        #expect(endpoint.forms.isEmpty)
        clock.advance(by: .seconds(5))
        #expect(try await call.value == 200)
    }
}
