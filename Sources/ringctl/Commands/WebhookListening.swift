import FoundationEssentials
import RingJSONAPI
import RingListener
import RingPartner
import Synchronization

/// `webhook listen`.
enum WebhookListening {
    static let command = Command(
        path: ["webhook", "listen"], summary: "receive webhooks on loopback and print them",
        usage: "[--port P] [--path /…] [--forward-to URL] [--types a,b]",
        detail: """
            Verifies, deduplicates on (request id, event id) in the store, prints and responds, until it is stopped. What is
            outside the replay window, or no event, is set aside and named on standard error. The address is named there
            too; --port 0 takes any free port. An event that cannot be printed is refused with 503, stays in the store for
            the next run, and ends this one. With --forward-to what is verified goes on to another server, byte for byte with
            its signature, and Ring gets that server's response; one that does not respond counts as 502.
            """,
        flags: [
            Flag(name: "--port", value: "P", help: "the port; 8080"),
            Flag(name: "--path", value: "/…", help: "the only path that is served; any"),
            Flag(name: "--forward-to", value: "URL", help: "the server that gets each webhook as well"),
            Flag(name: "--types", value: "TYPES", help: "print and forward these types of event alone; 200 for others"),
        ],
        runsUntilStopped: true, run: { try await Self.run($0) })

    private static func run(_ context: CommandContext) async throws {
        let verifier = try RingWebhookVerifier(keys: [try context.hmacKey()])
        let port = try context.arguments.integer("--port", in: 0...65_535) ?? 8080
        let path = context.arguments["--path"]
        if let path, !path.hasPrefix("/") { throw UsageError("--path begins with a slash") }
        let forwarding = try context.arguments["--forward-to"].map { try WebhookForwarding($0, context) }
        let types = context.arguments.list("--types")
        let printer = EventPrinter(context.output, types: types.isEmpty ? nil : Set(types))
        let inbox = RingWebhookInbox(
            verifier: verifier, storage: try await context.storage(createsIt: true),
            sealing: try context.sealingKeys(), environment: context.environment
        ) { delivery in
            // Those of an earlier run are printed here. What is printed is done.
            guard printer.print(delivery.event, .whenStored) else { return try await Self.untilCancelled() }
        }
        let listener = try await Self.listen(port) { request in
            if let path, request.path != path { return RingListenerResponse(status: 404) }
            printer.begin()
            defer { printer.end() }
            let response = await inbox.handle(
                method: RingHTTPMethod(rawValue: request.method), headers: request.headers, body: request.body)
            guard Self.show(response, printer, context.output) else { return RingListenerResponse(status: 503) }
            if let forwarding, let event = response.event, (200..<300).contains(response.status),
                printer.isWanted(event)
            {
                return await forwarding.response(to: request)
            }
            return RingListenerResponse(status: response.status, headers: response.headers, body: .bytes(response.body))
        }
        context.output.remark("listening on \(listener.origin)\(path ?? "/")")
        let failure = await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                await inbox.run()
                return nil
            }
            group.addTask { await printer.failure() }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        await listener.stop()
        if let failure { throw failure }
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

    /// Holds an event that could not be printed until the inbox ends and gives it back, without counting the attempt.
    private static func untilCancelled() async throws {
        let (forever, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in forever {}
        throw CancellationError()
    }

    /// - Returns: Whether what is to be printed was.
    private static func show(_ response: RingWebhookResponse, _ printer: EventPrinter, _ output: Output) -> Bool {
        switch (response.outcome, response.event) {
        case (.accepted, let event?), (.acceptedUnknown, let event?): return printer.print(event, .whenReceived)
        case (.duplicate, let event?): return printer.print(event, .asDuplicate)
        default:
            let reason = response.error.map { ": \($0.description)" } ?? ""
            output.remark("\(response.status) \(response.outcome.rawValue)\(reason)")
            return true
        }
    }
}

/// Prints events, each once: its request does it or its handler, whichever comes first.
private final class EventPrinter: Sendable {
    enum Occasion {
        /// By the request that brought it.
        case whenReceived
        /// By the handler, which also gets what an earlier run has left.
        case whenStored
        /// By a request that brought it again.
        case asDuplicate
    }

    private struct State {
        /// What requests have printed and no handler has seen yet.
        var byRequest: Set<RingWebhookKey> = []
        /// What handlers have printed while requests are under way, one of which may have brought it.
        var byHandler: Set<RingWebhookKey> = []
        var requests = 0
    }

    private let output: Output
    private let types: Set<String>?
    private let state = Mutex(State())
    private let failures = AsyncStream<any Error>.makeStream(bufferingPolicy: .bufferingOldest(1))

    /// - Parameter types: What is printed; `nil` for everything.
    init(_ output: Output, types: Set<String>?) {
        self.output = output
        self.types = types
    }

    func isWanted(_ event: RingWebhookEvent) -> Bool { self.types?.contains(event.kind.rawValue) ?? true }

    /// A request is under way.
    func begin() { self.state.withLock { $0.requests += 1 } }

    /// A request is over.
    func end() {
        self.state.withLock { state in
            state.requests -= 1
            if state.requests == 0 { state.byHandler = [] }
        }
    }

    /// The first failure; `nil` when the task is cancelled before.
    func failure() async -> (any Error)? {
        for await failure in self.failures.stream { return failure }
        return nil
    }

    /// - Returns: Whether the event is printed.
    func print(_ event: RingWebhookEvent, _ occasion: Occasion) -> Bool {
        guard self.isWanted(event) else { return true }
        do {
            try self.state.withLock { state in
                let isDone =
                    switch occasion {
                    case .whenReceived: state.byHandler.remove(event.key) != nil
                    case .whenStored: state.byRequest.remove(event.key) != nil
                    case .asDuplicate: false
                    }
                guard !isDone else { return }
                let isDuplicate = occasion == .asDuplicate
                try self.output.result(
                    .object(WebhookCommands.members(event) + [("duplicate", .bool(isDuplicate))]),
                    text: WebhookCommands.text(event) + (isDuplicate ? " [duplicate]" : ""))
                switch occasion {
                case .whenReceived: state.byRequest.insert(event.key)
                case .whenStored: if state.requests > 0 { state.byHandler.insert(event.key) }
                case .asDuplicate: break
                }
            }
            return true
        } catch {
            self.failures.continuation.yield(error)
            return false
        }
    }
}
