import Foundation
import RingListener
import RingPartner
import RingSQLite
import Support

/// Receives signed webhooks: each is stored, then responded to, then handled at least once.
@main
struct ReceiveWebhooks: Program {
    static func run() async throws {
        let settings = Settings()
        let ring = try await RingPartnerClient(.fromEnvironment(storage: settings.storage()))

        var router = RingWebhookRouter()
        router.on(.motionDetected, .buttonPress) { delivery in
            // Use `delivery.key` to make an effect happen exactly once: an event can come again after a crash.
            print("\(delivery.event.kind) at \(delivery.event.deviceID?.rawValue ?? "?")")
        }
        router.onEvery { delivery in
            if case .unknown = delivery.event.content { print("new to this version: \(delivery.event.kind)") }
        }
        let inbox = try ring.webhookInbox(router: router)

        let server = try await RingListener.start(port: Int(settings.optional("PORT") ?? "8080") ?? 8080) { request in
            await inbox.handle(request)
        }
        print("Webhook URL: \(server.origin)/ring/webhooks")
        await ring.run(inbox: inbox)
    }
}
