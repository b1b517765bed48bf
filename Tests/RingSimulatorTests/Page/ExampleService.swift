import RingCore
import RingListener
import RingPartner
import RingTesting

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A service as in `Examples/Sources/RunService`: the three URLs that Ring calls, and a sign-in page for the user.
struct ExampleService {
    let ring: RingPartnerClient
    let listener: RingListener
    /// Signalled when the service has handled a removal.
    let removal: RingSignal
    private let work: Task<Void, Never>

    static func start(
        apiURL: String, oauthURL: String, clientID: String, clientSecret: String, hmacKey: String
    ) async throws -> ExampleService {
        let ring = try RingPartnerClient(
            RingPartnerConfiguration(
                credentials: OAuthCredentials(clientID: clientID, clientSecret: OAuthClientSecret(clientSecret)),
                hmacKeys: [RingHMACKey(hmacKey)], storage: RingMemoryStorage(),
                sealing: RingSealingKeyRing(active: RingSealingKey.generate()), apiURL: apiURL, oauthURL: oauthURL))
        let removal = RingSignal()
        var router = RingWebhookRouter()
        router.on(.appIntegrationRemoved) { _ in removal.signal() }
        let inbox = try ring.webhookInbox(router: router)
        let listener = try await RingListener.start { await Self.respond(to: $0, ring, inbox) }
        return ExampleService(
            ring: ring, listener: listener, removal: removal, work: Task { await ring.run(inbox: inbox) })
    }

    var tokenExchangeURL: String { self.listener.origin + "/ring/token-exchange" }
    var accountLinkURL: String { self.listener.origin + "/ring/link" }
    var webhookURL: String { self.listener.origin + "/ring/webhooks" }

    func stop() async {
        await self.listener.stop()
        _ = await self.ring.shutdown(within: .seconds(10))
        self.work.cancel()
        await self.work.value
    }

    private static func respond(
        to request: RingHTTPRequest, _ ring: RingPartnerClient, _ inbox: RingWebhookInbox
    ) async -> RingHTTPResponse {
        switch (request.method, request.url.path()) {
        case (_, "/ring/webhooks"): return await inbox.handle(request)
        case (.post, "/ring/token-exchange"): return await ring.linker.handle(request)
        case (.get, "/ring/link"):
            let query = (request.url.query(percentEncoded: true) ?? "").replacing("&", with: "&amp;")
            return self.page(
                200,
                """
                <form method="post" action="/ring/link?\(query)"><label>E-mail <input name="email"></label> \
                <button>Sign in and link Ring</button></form>
                """)
        case (.post, "/ring/link"):
            let email = RingHTTPForm(parsing: request.body.bytes ?? [])["email"] ?? ""
            guard let query = request.url.query(percentEncoded: true), let redirect = RingLinkRedirect(query: query)
            else {
                return self.page(400, "<p>Please start from the Ring app.</p>")
            }
            do {
                let result = try await ring.linker.link(redirect, for: RingPrincipal(rawValue: email))
                return self.page(200, "<p>Linked: \(result.account)</p>")
            } catch { return self.page(400, "<p>That did not work: \(error)</p>") }
        default: return self.page(404, "<p>There is no such page.</p>")
        }
    }

    private static func page(_ status: Int, _ html: String) -> RingHTTPResponse {
        RingHTTPResponse(
            status: status, headerFields: [.contentType: "text/html; charset=utf-8"],
            body: RingHTTPBody(
                "<!doctype html><html lang=\"en\"><title>Example service</title><link rel=\"icon\" href=\"data:,\">\(html)"
            ))
    }
}
