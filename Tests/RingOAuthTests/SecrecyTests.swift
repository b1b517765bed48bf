import Foundation
import RingCore
import RingOAuth
import RingTesting
import Testing

/// No way of printing shows a secret, and no secret fits where another one belongs.
@Suite struct SecrecyTests {
    private static let canary = "CANARY-7f3c"

    private static func everyPrint(_ value: some Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return "\(value) \(String(reflecting: value)) \(String(describing: value)) \(dumped)"
    }

    @Test func nothingThatHoldsASecretPrintsIt() {
        let now = Date(timeIntervalSince1970: 0)
        let grant = OAuthGrant(
            accessToken: RingAccessToken(Self.canary), refreshToken: OAuthRefreshToken(Self.canary),
            accessExpiresAt: now,
            issuedAt: now)
        var record = RingTokenRecord(accountID: "a", stage: .linked, tokens: OAuthTokens(grant), version: 1, now: now)
        record.link = RingLinkProgress(
            principal: RingPrincipal(rawValue: "u"), nonce: Self.canary, time: "1", accountIdentifier: Self.canary)
        let values: [Any] = [
            OAuthRefreshToken(Self.canary), OAuthClientSecret(Self.canary), OAuthAuthorizationCode(Self.canary),
            OAuthCodeVerifier(Self.canary),
            OAuthCredentials(clientID: "c", clientSecret: OAuthClientSecret(Self.canary)),
            grant, OAuthTokens(grant), OAuthOutcome.granted(grant), record, RingTokenChange.put(record, replacing: nil),
            OAuthTokens(seed: OAuthRefreshToken(Self.canary), now: now), RingTokenStatus(record),
        ]
        for value in values {
            #expect(!Self.everyPrint(value).contains(Self.canary), "\(type(of: value))")
        }
    }

    @Test func noSecretIsCodableOrEquatable() {
        for type in [OAuthRefreshToken.self, OAuthClientSecret.self, OAuthAuthorizationCode.self] as [Any.Type] {
            #expect(!(type is any Encodable.Type), "\(type)")
            #expect(!(type is any Equatable.Type), "\(type)")
        }
    }

    @Test func noErrorRepeatsWhatWasSent() async throws {
        let endpoint = try #require(URL(string: "http://127.0.0.1:9"))
        for body in [#"{"error":"\#(Self.canary)"}"#, Self.canary] {
            let client = try OAuthClient(
                credentials: OAuthCredentials(clientID: "c", clientSecret: OAuthClientSecret(Self.canary)),
                transport: StubTransport(RingHTTPResponse(status: 503, body: RingHTTPBody(body))), origin: endpoint)
            guard case .transient(let error) = await client.refresh(OAuthRefreshToken(Self.canary)) else { continue }
            #expect(!Self.everyPrint(error).contains(Self.canary))
        }
    }
}
