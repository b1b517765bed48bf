import Foundation
import RingListener
import RingPartner

/// The web part of a service and its life: the three URLs that Ring calls, the work in the background, and a clean shutdown at
/// SIGTERM or SIGINT. Put a TLS proxy in front of it.
public enum Service {
    /// Runs until a signal comes.
    ///
    /// - Parameters:
    ///   - ring: The client.
    ///   - router: What to do with webhooks.
    ///   - work: What the service does besides; it is cancelled at the end.
    public static func run(
        _ ring: RingPartnerClient, router: RingWebhookRouter, beside work: @escaping @Sendable () async -> Void = {}
    ) async throws {
        let signals = Termination.signals()
        let inbox = try ring.webhookInbox(router: router)
        let port = Settings().optional("PORT").flatMap { Int($0) } ?? 8080
        var urls = ring.serviceURLs(inbox: inbox)
        // The sign-in of this example is a form on the page itself.
        urls.accountLinkPath = nil
        let server = try await RingListener.start(port: port) { [urls] request in
            if let response = await urls.response(to: request, user: { nil }) { return response }
            return await Self.respond(to: request, ring)
        }
        print("Token Exchange URL: \(server.origin)/ring/token-exchange")
        print("Account Link URL:   \(server.origin)/ring/link")
        print("Webhook URL:        \(server.origin)/ring/webhooks")

        // Identifies new tokens, resumes links, refreshes idle accounts, closes abandoned live sessions, deletes what is
        // old, and handles webhooks.
        async let running: Void = ring.run(inbox: inbox)
        let working = Task { await work() }

        for await _ in signals { break }
        print("ending")
        working.cancel()
        // No new requests from here on. Ring sends webhooks again later.
        await server.stop()
        var report = await ring.shutdown(within: .seconds(45))
        // Ending now could lose new token pairs, and with them accounts. A second signal still ends the process at once.
        while !report.isComplete {
            print("not ended yet, trying again: \(report)")
            try? await Task.sleep(for: .seconds(1))
            report = await ring.shutdown(within: .seconds(45))
        }
        await running
        print("ended: \(report)")
    }

    private static func respond(to request: RingHTTPRequest, _ ring: RingPartnerClient) async -> RingHTTPResponse {
        switch (request.method, request.url.path()) {
        case (.get, "/ring/link"): return .signInPage(for: request)
        case (.post, "/ring/link"):
            guard let email = request.formField("email"), !email.isEmpty else {
                return .page(400, "Please enter your e-mail address.")
            }
            return await ring.linker.link(request, for: RingPrincipal(rawValue: email))
        default: return .page(404, "There is no such page.")
        }
    }
}
