import CCurlProbe
import Foundation
import RingCore
import RingCurl
import RingTesting
import Synchronization

/// Resolves names with a resolver that fails, or never responds (`CCurlProbe`).
struct LookUpProbe: Sendable {
    private let transport = RingCurlTransport()
    private let clock = RingSystemClock()

    func run() throws {
        for name in ["unknown", "later", "failed"] {
            CurlProbe.say(try CurlProbe.wait { try await "\(name): \(self.failure(of: self.request(name)))" })
        }
        CurlProbe.say(try CurlProbe.wait { try await self.repeats(.testRead) })
        CurlProbe.say(try CurlProbe.wait { try await self.repeats(.testChange) })
        CurlProbe.say(try CurlProbe.wait { try await self.limited() })
        CurlProbe.say(try CurlProbe.wait { try await self.hurried() })
        CurlProbe.say(try CurlProbe.wait { try await self.cancelled() })
        CurlProbe.say(try CurlProbe.wait { try await self.beside() })
    }

    private func request(_ name: String, _ operation: RingOperation = .testRead) throws -> RingCall {
        guard let url = URL(string: "https://ring.\(name).invalid/secret") else {
            throw RingError(code: .invalidArgument, message: "no URL")
        }
        return RingCall(
            url: url, operation: operation,
            timeouts: RingTimeouts(connect: nil, firstByte: nil, silence: nil, total: nil))
    }

    /// Code and delivery of a call that must fail.
    private func failure(of request: RingCall, over transport: (any RingTransport)? = nil) async throws -> String {
        do {
            let response = try await (transport ?? self.transport).send(request)
            return "status \(response.status)"
        } catch let error as RingError {
            let leaks = error.description.contains("secret") ? ", and prints the path" : ""
            return "\(error.code), \(error.delivery.rawValue)\(leaks)"
        }
    }

    /// How often the retry table lets a call look an unknown name up.
    private func repeats(_ operation: RingOperation) async throws -> String {
        let counting = CountingTransport(self.transport)
        let pipeline = RingSharedPipeline(
            transport: counting, retryPolicy: RingRetryPolicy(attempts: 3, longestWait: .milliseconds(1))
        ).pipelineWithoutAccessToken()
        _ = try await self.failure(of: self.request("unknown", operation), over: pipeline)
        return "\(operation.name): \(counting.count) attempts"
    }

    /// Four at once: three of them wait for the first one's connection, to share it.
    private func limited() async throws -> String {
        var request = try self.request("hangs")
        request.timeouts?.connect = .milliseconds(150)
        let limited = request
        let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 { group.addTask { try await self.timed { try await self.failure(of: limited) } } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        return "limited: \(outcomes.sorted().joined(separator: "; "))"
    }

    private func hurried() async throws -> String {
        var request = try self.request("hangs")
        request.deadline = RingDeadline(in: .milliseconds(150), clock: self.clock)
        let hurried = request
        return try await "hurried: \(self.timed { try await self.failure(of: hurried) })"
    }

    private func timed(_ work: () async throws -> String) async throws -> String {
        let start = self.clock.uptime()
        let text = try await work()
        let took = self.clock.uptime() - start
        return took < .milliseconds(100) ? "\(text), too early" : took < .seconds(15) ? text : "\(text), too late"
    }

    /// The best of three: a busy machine can be late for reasons of its own.
    private func cancelled() async throws -> String {
        var best = Duration.seconds(100)
        for _ in 0..<3 {
            let task = try await self.hang()
            let start = self.clock.uptime()
            task.cancel()
            do { _ = try await task.value } catch is CancellationError { best = min(best, self.clock.uptime() - start) }
        }
        return "cancelled: \(best <= .milliseconds(100) ? "at once" : "after \(best)")"
    }

    /// Two hundred calls while four look-ups hang, and while those are given up one after the other.
    private func beside() async throws -> String {
        let server = try RawServer { connection in
            while try connection.readHead() != nil { try connection.respond() }
        }
        defer { server.stop() }
        guard let url = URL(string: server.origin) else { return "no URL" }
        var hanging: [Task<String, any Error>] = []
        for _ in 0..<4 { hanging.append(try await self.hang()) }
        var (responses, slowest) = (0, Duration.zero)
        for index in 0..<200 {
            if index >= 100, index % 25 == 0 { hanging.popLast()?.cancel() }
            let start = self.clock.uptime()
            let response = try await self.transport.send(RingCall(url: url, operation: .testRead))
            if response.status == 200 { responses += 1 }
            slowest = max(slowest, self.clock.uptime() - start)
        }
        return "beside: \(responses) responses\(slowest < .seconds(10) ? "" : ", the slowest after \(slowest)")"
    }

    /// A call whose look-up has begun and will not end.
    private func hang() async throws -> Task<String, any Error> {
        let before = curl_probe_hanging_lookups()
        let request = try self.request("\(before).hangs")
        let task = Task { try await self.failure(of: request) }
        while curl_probe_hanging_lookups() == before { try await self.clock.sleep(for: .milliseconds(1)) }
        return task
    }
}

/// Counts what it passes on.
private final class CountingTransport: RingTransport {
    private let transport: any RingTransport
    private let calls = Mutex(0)

    init(_ transport: any RingTransport) { self.transport = transport }

    var count: Int { self.calls.withLock { $0 } }
    var keepsDeadlines: Bool { self.transport.keepsDeadlines }

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        self.calls.withLock { $0 += 1 }
        return try await self.transport.send(request, context: context)
    }
}
