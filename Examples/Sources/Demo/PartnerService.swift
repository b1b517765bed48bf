import Foundation
import RingListener
import RingPartner
import Support
import Synchronization

/// The partner's own small service, on a port of the system's choice.
struct PartnerService {
    let inbox: RingWebhookInbox
    private let listener: RingListener
    private let log: ResponseLog
    private let events: AsyncStream<RingWebhookEvent>

    static func start(_ client: RingPartnerClient) async throws -> PartnerService {
        let (events, continuation) = AsyncStream<RingWebhookEvent>.makeStream()
        var router = RingWebhookRouter()
        router.on(.motionDetected) { continuation.yield($0.event) }
        let inbox = try client.webhookInbox(router: router)
        let linker = client.linker
        let log = ResponseLog()
        let listener = try await RingListener.start { request in
            switch request.url.path() {
            case "/ring/token-exchange":
                return await linker.handle(request)
            case "/ring/webhooks":
                let response = await inbox.handle(
                    method: request.method, headers: request.headerFields, body: request.body.bytes ?? [])
                log.note("\(response.status) \(response.outcome.rawValue)")
                return RingHTTPResponse(
                    status: response.status, headerFields: response.headers, body: RingHTTPBody(response.body))
            default: return .page(404, "not here")
            }
        }
        return PartnerService(inbox: inbox, listener: listener, log: log, events: events)
    }

    /// Where Ring reaches it.
    var origin: String { self.listener.origin }

    /// The responses to Ring's webhooks, in order.
    var responses: [String] { self.log.all }

    func stop() async { await self.listener.stop() }

    /// The next event a handler has worked on.
    func nextEvent() async throws -> RingWebhookEvent {
        for await event in self.events { return event }
        throw Missing("the service stopped before the event was worked on")
    }

    /// What Ring's backend does: a signed JSON POST.
    func post(_ path: String, body: [UInt8], signature: String) async throws -> Int {
        try await self.send(path, body, [.contentType: "application/json", .signature: signature])
    }

    private func send(_ path: String, _ body: [UInt8], _ fields: RingHTTPFields) async throws -> Int {
        guard let url = URL(string: self.listener.origin + path) else { throw Missing("no URL") }
        let request = RingHTTPRequest(method: .post, url: url, headerFields: fields, body: RingHTTPBody(body))
        let operation = RingOperation("demo.webhook", retry: .never, carriesAccessToken: false)
        return try await RingPlatformTransport.shared.send(request, for: operation).status
    }
}

/// The responses to webhooks, in order.
private final class ResponseLog: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { self.lines.withLock { $0 } }
    func note(_ line: String) { self.lines.withLock { $0.append(line) } }
}
