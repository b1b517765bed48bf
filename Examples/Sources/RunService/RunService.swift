import Foundation
import RingListener
import RingPartner
import RingSQLite
import Support

/// A whole service: the three URLs that Ring calls, the work in the background, and a clean shutdown at SIGTERM or SIGINT.
///
/// Put a TLS proxy in front of it. Several of these processes may share one storage on one machine.
@main
struct RunService: Program {
    static func run() async throws {
        let signals = Termination.signals()
        let settings = Settings()
        var configuration = try await RingPartnerConfiguration.fromEnvironment(storage: settings.storage())
        configuration.environment.observer = WarningObserver()
        let ring = try RingPartnerClient(configuration)

        var router = RingWebhookRouter()
        router.on(.motionDetected, .buttonPress) { delivery in
            // Store the effect together with `delivery.key`: after a crash a handler runs again.
            print("\(delivery.event.kind) at \(delivery.event.deviceID?.rawValue ?? "?")")
        }
        let inbox = try ring.webhookInbox(router: router)

        let port = settings.optional("PORT").flatMap { Int($0) } ?? 8080
        let server = try await RingListener.start(port: port) { request in
            await Self.respond(to: request, ring, inbox)
        }
        print("Token Exchange URL: \(server.origin)/ring/token-exchange")
        print("Account Link URL:   \(server.origin)/ring/link")
        print("Webhook URL:        \(server.origin)/ring/webhooks")

        // Identifies new tokens, resumes links, refreshes idle accounts, closes abandoned live sessions, deletes what is
        // old, and handles webhooks.
        async let running: Void = ring.run(inbox: inbox)

        for await _ in signals { break }
        print("ending")
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

    private static func respond(
        to request: RingHTTPRequest, _ ring: RingPartnerClient, _ inbox: RingWebhookInbox
    ) async -> RingHTTPResponse {
        switch (request.method, request.url.path()) {
        case (_, "/ring/webhooks"): return await inbox.handle(request)
        case (.post, "/ring/token-exchange"): return await ring.linker.handle(request)
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

/// Prints what somebody should look at. No event contains a secret.
private struct WarningObserver: RingObserver {
    func observe(_ event: any RingObservation) {
        guard event.level == .warning || event.level == .error else { return }
        let attributes = event.attributes.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        FileHandle.standardError.write(Data("\(event.level) \(event.name) \(attributes)\n".utf8))
    }
}
