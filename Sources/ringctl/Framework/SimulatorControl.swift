import FoundationEssentials
import RingPartner

/// The control origin of a simulator.
struct SimulatorControl: Sendable {
    static let flag = Flag(
        name: "--control-url", value: "URL",
        help: "the simulator's control origin (RING_CONTROL_URL); the one started last on this machine")

    private static let operation = RingOperation(
        "simulator.control", retry: .never, carriesAccessToken: false, countsAgainstRateLimit: false)
    private let origin: URL
    private let context: CommandContext

    /// The simulator that the settings name, or the one started last.
    ///
    /// - Throws: `UsageError` for a URL that cannot be used; `CommandFailure` with status 8 when no simulator runs.
    init(_ context: CommandContext) throws {
        self.context = context
        if let named = context.arguments[Self.flag.name] ?? context.settings.variable("RING_CONTROL_URL") {
            guard let url = URL(string: named, encodingInvalidCharacters: false), url.host()?.isEmpty == false,
                url.user() == nil, url.query() == nil, RingURL.isSecure(url)
            else { throw UsageError("--control-url takes https://host, or http to loopback") }
            self.origin = url
            return
        }
        guard let running = RunningSimulator.find(context.settings.allVariables),
            let url = URL(string: running.controlURL)
        else {
            throw CommandFailure(
                .network, code: "simulator_not_running",
                "no simulator runs on this machine; start `ringctl simulator`, or name one with --control-url")
        }
        self.origin = url
    }

    /// Reads from the control origin.
    ///
    /// - Throws: `RingError` without a response; `CommandFailure` with the simulator's own words otherwise.
    func get(_ path: [String], _ query: [(String, String?)] = []) async throws -> JSONAPIValue {
        try await self.send(.get, path, query, body: nil)
    }

    /// Changes something.
    ///
    /// - Throws: As ``get(_:_:)``.
    func post(_ path: [String], _ body: JSONAPILiteral = .object([])) async throws -> JSONAPIValue {
        try await self.send(.post, path, [], body: body)
    }

    private func send(
        _ method: RingHTTPMethod, _ path: [String], _ query: [(String, String?)], body: JSONAPILiteral?
    ) async throws -> JSONAPIValue {
        let url = try RingURL.url(self.origin, path: path, query: query.map { (name: $0.0, value: $0.1) })
        var request = RingHTTPRequest(method: method, url: url)
        if let body {
            request.headerFields[.contentType] = "application/json"
            request.body = RingHTTPBody(body.bytes)
        }
        // A call may wait for something to happen.
        let context = RingRequestContext(
            operation: Self.operation, deadline: self.context.deadline,
            timeouts: RingTimeouts(firstByte: .seconds(330), silence: .seconds(60)))
        let response = try await RingPlatformTransport.shared.send(request, context: context)
        let bytes = try await response.body.collect(upTo: 64 << 20)
        let value = try? JSONAPIValue(parsing: bytes)
        guard (200..<300).contains(response.status), let value else {
            let detail = value?["errors"]?.elements.first.flatMap { $0["detail"]?.string ?? $0["title"]?.string }
            throw CommandFailure(
                response.status == 404 ? .notFound : .server, code: "simulator_refused",
                "the simulator responded with status \(response.status): \(detail ?? "is it one? check --control-url")")
        }
        return value
    }

    // MARK: Deliveries

    /// Every attempt of a delivery has a status; there are more of them after a time.
    struct Delivery: Sendable {
        var number: Int64
        var eventID: String
        var requestID: String
        var outcome: String
        var statuses: [Int64]

        init?(_ value: JSONAPIValue) {
            guard let number = value["number"]?.int64, let request = value["request_id"]?.string else { return nil }
            self.number = number
            self.requestID = request
            let body = value["body"]?.string.flatMap { try? JSONAPIValue(parsing: $0) }
            self.eventID = body?["data"]?["id"]?.string ?? request
            self.outcome = value["outcome"]?.string ?? ""
            self.statuses = value["statuses"]?.elements.compactMap(\.int64) ?? []
        }

        var literal: JSONAPILiteral {
            [
                "event_id": .string(self.eventID), "request_id": .string(self.requestID),
                "delivered": .array(self.statuses.map { .int($0) }),
            ]
        }

        var text: String {
            let attempts = self.statuses.map { $0 == 0 ? "no response" : String($0) }.joined(separator: ", ")
            return "\(self.eventID) \(attempts.isEmpty ? self.outcome : attempts)"
        }
    }

    /// A delivery, once it has more attempts than before, or after some seconds.
    func delivery(_ number: Int64, attemptsAbove count: Int) async throws -> Delivery {
        let hasReceiver = try await self.get(["webhook"])["url"]?.string != nil
        let clock = self.context.environment.clock
        let end = clock.uptime() + .seconds(15)
        while true {
            let version = try await self.get(["changes"], [("timeout_ms", "0")])["version"]?.int64 ?? 0
            let value = try await self.get(["deliveries", String(number)])
            guard let delivery = Delivery(value) else { throw Self.unreadable }
            let isWaiting = hasReceiver && delivery.outcome != "withheld" && delivery.statuses.count <= count
            if !isWaiting || clock.uptime() >= end { return delivery }
            _ = try await self.get(["changes"], [("after", String(version)), ("timeout_ms", "1000")])
        }
    }

    static var unreadable: CommandFailure {
        CommandFailure(.server, code: "malformed_response", "the simulator's response has an unknown form")
    }
}
