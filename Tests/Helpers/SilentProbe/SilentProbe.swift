import Foundation
import RingPartner

/// A service with the default configuration: it makes calls of every module, good ones and bad ones, and prints nothing
/// itself. All of its output is from the package. Its exit status says whether every call had the expected result. With
/// `RING_CLIENT_ID` it is a service with settings from the environment, whose requests are all refused.
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
        if environment["RING_CLIENT_ID"] != nil { return try await Self.refuse() }
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

    private static func refuse() async throws {
        let client = try RingPartnerClient(.fromEnvironment(storage: RingMemoryStorage()))
        let inbox = try client.webhookInbox()
        for _ in 0..<100 {
            let forged = await inbox.handle(
                headers: [.signature: "sha256=\(String(repeating: "0", count: 64))"], body: Array("{}".utf8))
            guard forged.status == 401 else { exit(3) }
        }
        guard let url = URL(string: "http://localhost/ring/token-exchange") else { exit(6) }
        let request = RingHTTPRequest(method: .post, url: url, body: RingHTTPBody("cod=secret-code"))
        guard await client.linker.handle(request).status == 400 else { exit(7) }
    }

    private static func fails(_ call: () async throws -> Void) async {
        do { try await call() } catch { return }
        exit(4)
    }
}
