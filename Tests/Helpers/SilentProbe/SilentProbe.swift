import Foundation
import RingPartner

/// A service with the configuration as it comes: it makes calls of every room, good ones and bad ones, and prints nothing
/// itself. What stands in its output, the package wrote. Its exit status tells whether everything went as it should.
@main
struct SilentProbe {
    static func main() async {
        do {
            try await Self.run(ProcessInfo.processInfo.environment)
            exit(42)
        } catch {
            exit(1)
        }
    }

    private static func run(_ environment: [String: String]) async throws {
        let client = try RingPartnerClient(
            RingPartnerConfiguration(
                credentials: OAuthCredentials(
                    clientID: environment["CLIENT_ID"] ?? "",
                    clientSecret: OAuthClientSecret(environment["CLIENT_SECRET"] ?? "")),
                hmacKeys: [RingHMACKey(environment["HMAC_KEY"] ?? "")], tokenStore: RingMemoryTokenStore(),
                apiURL: environment["API_URL"] ?? "", oauthURL: environment["OAUTH_URL"] ?? ""))
        let status = try await client.linker.exchange(OAuthAuthorizationCode(environment["CODE"] ?? ""))
        let account = client.account(status.accountID)
        _ = try await client.tokens.refresh(status.accountID)
        // The simulator's first answer cannot be read in part.
        guard try await !account.devices.devices(include: .all).problems.isEmpty else { exit(2) }
        await Self.fails { _ = try await account.devices.device("no such device") }
        await Self.fails { _ = try await account.live.open("no such device", offer: SDP(parsing: [])) }
        await Self.fails { _ = try await client.linker.exchange(OAuthAuthorizationCode("used")) }
        await Self.fails { _ = try await client.account("nobody").devices.devices() }
        let inbox = try client.webhookInbox(store: RingMemoryWebhookStore())
        let forged = await inbox.handle(headers: [.signature: "sha256=00"], body: Array("{}".utf8))
        guard forged.status == 401 || forged.status == 403 else { exit(3) }
        // A port where nobody listens: repeated, then an error.
        let deaf = try RingPartnerClient(
            RingPartnerConfiguration(
                credentials: client.configuration.credentials, tokenStore: RingMemoryTokenStore(),
                apiURL: environment["DEAF_URL"] ?? "", oauthURL: environment["DEAF_URL"] ?? ""))
        await Self.fails { _ = try await deaf.account(token: RingAccessToken("token")).devices.devices() }
        await client.tokens.settle()
    }

    private static func fails(_ call: () async throws -> Void) async {
        do { try await call() } catch { return }
        exit(4)
    }
}
