import Foundation
import RingPartner

/// A service with the default configuration: it makes calls of every module, good ones and bad ones, and prints nothing
/// itself. All of its output is from the package. Its exit status says whether every call had the expected result.
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
                hmacKeys: [RingHMACKey(environment["HMAC_KEY"] ?? "")], storage: RingMemoryStorage(),
                sealing: RingSealingKeyRing(active: .generate()), apiURL: environment["API_URL"] ?? "",
                oauthURL: environment["OAUTH_URL"] ?? ""))
        let status = try await client.linker.exchange(OAuthAuthorizationCode(environment["CODE"] ?? ""))
        let account = client.account(status.accountID)
        _ = try await client.tokens.refresh(status.accountID)
        // A part of the simulator's first response cannot be read.
        guard try await !account.devices.list().problems.isEmpty else { exit(2) }
        await Self.fails { _ = try await account.devices.device("no such device") }
        await Self.fails { _ = try await account.live.open("no such device", offer: SDP(parsing: [])) }
        await Self.fails { _ = try await client.linker.exchange(OAuthAuthorizationCode("used")) }
        await Self.fails { _ = try await client.account("nobody").devices.list(include: []) }
        let inbox = try client.webhookInbox()
        let forged = await inbox.handle(headers: [.signature: "sha256=00"], body: Array("{}".utf8))
        guard forged.status == 401 || forged.status == 403 else { exit(3) }
        // A port without a listener: repeated, then an error.
        let deaf = try RingPartnerClient(
            RingPartnerConfiguration(
                credentials: client.configuration.credentials, storage: RingMemoryStorage(), sealing: nil,
                apiURL: environment["DEAF_URL"] ?? "", oauthURL: environment["DEAF_URL"] ?? ""))
        await Self.fails { _ = try await deaf.account(token: RingAccessToken("token")).devices.list(include: []) }
        guard await client.shutdown(within: .seconds(30)).isComplete else { exit(5) }
    }

    private static func fails(_ call: () async throws -> Void) async {
        do { try await call() } catch { return }
        exit(4)
    }
}
