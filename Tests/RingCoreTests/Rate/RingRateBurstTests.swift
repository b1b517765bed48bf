import FoundationEssentials
import RingCore
import RingTesting
import Synchronization
import Testing

/// More callers at once than a server allows: those that have time succeed, and the server is not hammered.
@Suite(.timeLimit(.minutes(1))) struct RingRateBurstTests {
    private let clock = ManualClock(autoAdvance: true)

    /// Allows some requests in every second, and refuses the others.
    private final class Server: Sendable {
        private let state = Mutex((taken: [Duration](), refused: 0))
        var refused: Int { self.state.withLock { $0.refused } }

        func respond(at now: Duration, limit: Int, retryAfter: String?) -> RingHTTPResponse {
            self.state.withLock { state in
                state.taken.removeAll { $0 <= now - .seconds(1) }
                guard state.taken.count >= limit else {
                    state.taken.append(now)
                    return RingHTTPResponse(status: 200)
                }
                state.refused += 1
                return RingHTTPResponse(status: 429, headerFields: retryAfter.map { [.retryAfter: $0] } ?? [:])
            }
        }
    }

    /// The outcomes of callers that all begin together.
    private func outcomes(
        of count: Int, allowed limit: Int, retryAfter: String?, time: Duration?, server: Server = Server(),
        budget: (any RingRateBudget)? = nil, policy: RingRetryPolicy = RingRetryPolicy(),
        operation: RingOperation = .devices
    ) async throws -> [Int] {
        let clock = self.clock
        let stub = StubTransport { _ in server.respond(at: clock.uptime(), limit: limit, retryAfter: retryAfter) }
        let shared = RingSharedPipeline(
            transport: stub, rateBudget: budget, retryPolicy: policy, callLimit: time,
            environment: RingEnvironment(clock: clock))
        let url = try #require(URL(string: "https://api.example.test/v1/devices"))
        let pipeline = shared.pipeline(tokens: RingFixedToken(RingAccessToken("token")), origin: url)
        return await withTaskGroup(of: Int.self) { group in
            for index in 0..<count {
                group.addTask {
                    let call = RingCall(
                        url: url, operation: operation, account: RingAccountID(rawValue: "\(index % 7)"))
                    do { return try await pipeline.send(call).status } catch let error as RingError {
                        return error.code == .rateLimited ? 429 : 0
                    } catch { return -1 }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test(arguments: ["1", nil]) func everyCallerThatHasTimeSucceeds(retryAfter: String?) async throws {
        let server = Server()
        let start = self.clock.uptime()
        let outcomes = try await self.outcomes(
            of: 100, allowed: 20, retryAfter: retryAfter, time: .seconds(60), server: server)
        #expect(outcomes == Array(repeating: 200, count: 100))
        #expect(self.clock.uptime() - start < .seconds(30))
        // The rate follows what the server allows, so most requests are not refused again and again.
        #expect(server.refused < 250, "\(server.refused) refusals")
    }

    /// A budget of the application's own may learn nothing: the waits still keep the requests apart.
    @Test func aBudgetThatDoesNotPaceIsNoReasonToHammer() async throws {
        struct NoBudget: RingRateBudget {
            func admit(account: RingAccountID?, priority: RingPriority, deadline: RingDeadline?) async throws {}
            func learn(_ decision: RingRateDecision) {}
        }
        let server = Server()
        let outcomes = try await self.outcomes(
            of: 100, allowed: 20, retryAfter: "0", time: .seconds(60), server: server, budget: NoBudget())
        #expect(outcomes == Array(repeating: 200, count: 100))
        #expect(server.refused < 100 * 20, "\(server.refused) refusals")
    }

    /// A 429 takes nothing from the retry budget, so there is some left for what it is meant for.
    @Test func theRetryBudgetIsNotUsedUp() async throws {
        let policy = RingRetryPolicy(budgetCapacity: 0, budgetShare: 0)
        let outcomes = try await self.outcomes(of: 30, allowed: 10, retryAfter: "1", time: .seconds(60), policy: policy)
        #expect(outcomes == Array(repeating: 200, count: 30))
    }

    @Test func theCallersEndByTheirDeadline() async throws {
        let start = self.clock.uptime()
        let outcomes = try await self.outcomes(of: 100, allowed: 5, retryAfter: "1", time: .seconds(5))
        #expect(Set(outcomes) == [200, 429])
        #expect(outcomes.filter { $0 == 200 }.count >= 10)
        #expect(self.clock.uptime() - start <= .seconds(6))
    }

    @Test func withoutADeadlineItCountsAsAnAttempt() async throws {
        let server = Server()
        #expect(try await self.outcomes(of: 1, allowed: 0, retryAfter: "1", time: nil, server: server) == [429])
        #expect(server.refused == 3)
    }

    @Test func nothingIsRepeatedWithOneAttempt() async throws {
        let server = Server()
        let outcomes = try await self.outcomes(
            of: 1, allowed: 0, retryAfter: "1", time: .seconds(60), server: server, policy: RingRetryPolicy(attempts: 1)
        )
        #expect(outcomes == [429] && server.refused == 1)
    }

    /// The table says never, however much time there is.
    @Test(arguments: [RingOperation.codeExchange, .endLive]) func whatIsNotRepeatedGoesBack(_ operation: RingOperation)
        async throws
    {
        let server = Server()
        let outcomes = try await self.outcomes(
            of: 1, allowed: 0, retryAfter: "1", time: .seconds(60), server: server, operation: operation)
        #expect(outcomes == [429] && server.refused == 1)
    }

    /// A pre-signed origin has no queue, so the waits for it grow.
    @Test func withoutAQueueTheWaitsGrow() async throws {
        let server = Server()
        let clock = self.clock
        let stub = StubTransport { _ in server.respond(at: clock.uptime(), limit: 0, retryAfter: "0") }
        let shared = RingSharedPipeline(
            transport: stub, callLimit: nil, environment: RingEnvironment(clock: clock))
        let url = try #require(URL(string: "https://download.example.test/v1"))
        let call = RingCall(
            url: url, operation: .clipDownload, deadline: RingDeadline(in: .seconds(60), clock: clock))
        #expect(try await shared.pipelineWithoutAccessToken().send(call).status == 429)
        #expect((5...9).contains(server.refused), "\(server.refused) refusals")
    }

    /// Failures in between are counted by themselves.
    @Test func failuresCountApartFromRefusals() async throws {
        let clock = self.clock
        let statuses = [429, 500, 429, 429, 500, 429, 500, 200]
        let next = Mutex(0)
        let stub = StubTransport { _ in
            RingHTTPResponse(
                status: next.withLock { index in
                    defer { index += 1 }
                    return statuses[index]
                })
        }
        let shared = RingSharedPipeline(transport: stub, environment: RingEnvironment(clock: clock))
        let url = try #require(URL(string: "https://api.example.test/v1"))
        let pipeline = shared.pipeline(tokens: RingFixedToken(RingAccessToken("token")), origin: url)
        #expect(try await pipeline.send(RingCall(url: url, operation: .devices)).status == 500)
        #expect(stub.requests.count == 7, "the third failure is final")
    }
}
