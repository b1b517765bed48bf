import FoundationEssentials
import RingJSONAPI
import RingListener
import RingPartner

/// `webhook listen`.
enum WebhookListening {
    static let command = Command(
        path: ["webhook", "listen"], summary: "receive webhooks on loopback and print them",
        usage: "[--port P] [--path /…]",
        detail: """
            Verifies, deduplicates on (request id, event id) in the store, responds and prints, until it is stopped. What is
            outside the replay window, or no event, is set aside and named on standard error. The address is named there
            too; --port 0 takes any free port.
            """,
        flags: [
            Flag(name: "--port", value: "P", help: "the port; 8080"),
            Flag(name: "--path", value: "/…", help: "the only path that is served; any"),
        ],
        runsUntilStopped: true, run: { try await Self.run($0) })

    private static func run(_ context: CommandContext) async throws {
        let verifier = try RingWebhookVerifier(keys: [try context.hmacKey()])
        let port = try context.arguments.integer("--port", in: 0...65_535) ?? 8080
        let path = context.arguments["--path"]
        if let path, !path.hasPrefix("/") { throw UsageError("--path begins with a slash") }
        // What is printed is done: the handler has nothing left to do but to say so to the store.
        let inbox = RingWebhookInbox(
            verifier: verifier, storage: try await context.storage(), sealing: try context.sealingKeys(),
            environment: context.environment, handler: { _ in })
        let listener = try await Self.listen(port) { request in
            if let path, request.path != path { return RingListenerResponse(status: 404) }
            let response = await inbox.handle(
                method: RingHTTPMethod(rawValue: request.method), headers: request.headers, body: request.body)
            Self.show(response, context.output)
            return RingListenerResponse(status: response.status, headers: response.headers, body: .bytes(response.body))
        }
        context.output.remark("listening on \(listener.origin)\(path ?? "/")")
        await inbox.run()
        await listener.stop()
    }

    private static func listen(
        _ port: Int, _ handler: @escaping @Sendable (RingListenerRequest) async -> RingListenerResponse
    ) async throws -> RingListener {
        do {
            return try await RingListener.startRaw(port: port, handler: handler)
        } catch let error as RingListenerError {
            throw CommandFailure(.usage, code: "address_unavailable", error.message)
        }
    }

    private static func show(_ response: RingWebhookResponse, _ output: Output) {
        switch (response.outcome, response.event) {
        case (.accepted, let event?), (.acceptedUnknown, let event?), (.duplicate, let event?):
            let isDuplicate = response.outcome == .duplicate
            output.result(
                .object(WebhookCommands.members(event) + [("duplicate", .bool(isDuplicate))]),
                text: WebhookCommands.text(event) + (isDuplicate ? " [duplicate]" : ""))
        default:
            let reason = response.error.map { ": \($0.description)" } ?? ""
            output.remark("\(response.status) \(response.outcome.rawValue)\(reason)")
        }
    }
}
