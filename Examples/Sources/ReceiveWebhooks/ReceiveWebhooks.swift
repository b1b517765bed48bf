import Foundation
import RingListener
import RingPartner
import RingSQLite
import Support

/// Receives signed webhooks: saved first, answered at once, worked on afterwards, at least once each.
@main
struct ReceiveWebhooks {
    static func main() async throws {
        let settings = Settings()
        let database = try await settings.database()
        let client = try await settings.client(database)

        var router = RingWebhookRouter()
        router.on(.motionDetected, .buttonPress) { delivery in
            // Use `delivery.key` to make an effect happen exactly once: an event can come again after a crash.
            print("\(delivery.event.kind) at \(delivery.event.deviceID?.rawValue ?? "?")")
        }
        router.onEvery { delivery in
            if case .unknown = delivery.event.content { print("new to this version: \(delivery.event.kind)") }
        }
        let inbox = try client.webhookInbox(store: try await RingSQLiteWebhookStore(in: database), router: router)

        let server = try await RingListener.start(port: Int(settings.optional("PORT") ?? "8080") ?? 8080) { request in
            let answer = await inbox.handle(
                method: RingHTTPMethod(rawValue: request.method), headers: request.ringFields, body: request.body)
            var headers = RingListenerHeaders()
            for field in answer.headers { headers.append(name: field.name.rawName, value: field.value) }
            return RingListenerResponse(status: answer.status, headers: headers, body: .bytes(answer.body))
        }
        print("Webhook URL: \(server.origin)/ring/webhooks")
        await client.run(inbox: inbox)
    }
}
