import Foundation
import RingListener
import RingPartner
import RingSQLite
import Support
import Synchronization

/// The partner's own small service, on a port of the system's choice.
struct PartnerService {
    let inbox: RingWebhookInbox
    private let listener: RingListener
    private let log: AnswerLog
    private let events: AsyncStream<RingWebhookEvent>

    static func start(_ client: RingPartnerClient, _ database: RingSQLiteDatabase) async throws -> PartnerService {
        let (events, continuation) = AsyncStream<RingWebhookEvent>.makeStream()
        var router = RingWebhookRouter()
        router.on(.motionDetected) { continuation.yield($0.event) }
        let inbox = try client.webhookInbox(store: try await RingSQLiteWebhookStore(in: database), router: router)
        let linker = client.linker
        let log = AnswerLog()
        let listener = try await RingListener.start { request in
            switch request.path {
            case "/ring/token-exchange":
                let answer = await linker.handle(
                    RingTokenExchangeRequest(
                        contentType: request.headers["Content-Type"], query: request.query, body: request.body))
                return RingListenerResponse(status: answer.status, contentType: answer.contentType, text: answer.body)
            case "/ring/webhooks":
                let answer = await inbox.handle(headers: request.ringFields, body: request.body)
                log.note("\(answer.status) \(answer.outcome.rawValue)")
                return RingListenerResponse(status: answer.status, body: .bytes(answer.body))
            default: return .page(404, "not here")
            }
        }
        return PartnerService(inbox: inbox, listener: listener, log: log, events: events)
    }

    /// Where Ring reaches it.
    var origin: String { self.listener.origin }

    /// What Ring's webhooks were answered with, in order.
    var answers: [String] { self.log.all }

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
        let request = RingHTTPRequest(
            method: .post, url: url, headerFields: fields, body: RingHTTPBody(body),
            operation: RingOperation(name: "demo.ring", kind: .codeExchange))
        return try await RingPlatformTransport.shared.send(request).status
    }
}

/// The answers to webhooks, in order.
private final class AnswerLog: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { self.lines.withLock { $0 } }
    func note(_ line: String) { self.lines.withLock { $0.append(line) } }
}
