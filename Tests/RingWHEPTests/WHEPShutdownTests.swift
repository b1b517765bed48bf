import Foundation
import RingCore
import RingTesting
import RingWHEP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct WHEPShutdownTests {
    private let offer = try? Fixture.sdp("offer-aiortc-video")

    private func open(_ stub: LiveStub, _ device: RingDeviceID) async throws -> WHEPSession {
        try await stub.client().open(device, offer: #require(self.offer))
    }

    private static func named(delete: @escaping LiveStub.Handler) -> LiveStub {
        LiveStub(
            post: { request, _ in try LiveStub.response(location: request.url.absoluteString + "/1") }, delete: delete)
    }

    @Test func closesAllSessionsAtOnce() async throws {
        let gate = Mutex<[CheckedContinuation<Void, Never>]>([])
        let stub = Self.named { _, _ in
            await withCheckedContinuation { continuation in gate.withLock { $0.append(continuation) } }
            return RingHTTPResponse(status: 200)
        }
        var sessions: [WHEPSession] = []
        for number in 0..<20 {
            sessions.append(try await self.open(stub, RingDeviceID(rawValue: "cam-\(number)")))
        }
        #expect(stub.ledger.openSessionCount == 20)
        let closing = Task { await stub.ledger.closeAll(within: .seconds(5)) }
        // All DELETEs are sent before the first of them gets a response.
        try await eventually { gate.withLock { $0.count } == 20 }
        let continuations = gate.withLock { $0 }
        for continuation in continuations { continuation.resume() }
        #expect(await closing.value == WHEPCloseReport(closedCount: 20, notClosedCount: 0))
        #expect(sessions.map(\.endReason) == Array(repeating: .shutdown, count: 20))
        #expect(try await stub.ledger.records() == [])
        #expect(stub.count(.delete) == 20)
        #expect(await stub.ledger.closeAll(within: .seconds(5)) == WHEPCloseReport())
    }

    @Test func nothingIsOpenedAfterwards() async throws {
        let stub = LiveStub()
        #expect(await stub.ledger.closeAll(within: .seconds(5)) == WHEPCloseReport())
        #expect(stub.ledger.isShuttingDown)
        let error = await #expect(throws: RingError.self) { try await stub.open() }
        #expect(error?.code == .liveShutDown && error?.liveEndReason == .shutdown)
        #expect(stub.requests.isEmpty)
        #expect(try await stub.ledger.records() == [])
    }

    @Test func whatCannotBeClosedIsCounted() async throws {
        let clock = ManualClock()
        let stub = LiveStub(
            clock: clock,
            post: { request, _ in try LiveStub.response(location: request.url.absoluteString + "/1") },
            delete: { request, _ in
                if request.url.path().contains("slow") { try await Task.sleep(for: .seconds(3600)) }
                return RingHTTPResponse(status: request.url.path().contains("refused") ? 403 : 200)
            })
        let sessions = [
            try await self.open(stub, "good"), try await self.open(stub, "refused"), try await self.open(stub, "slow"),
        ]
        let task = Task<WHEPCloseReport, any Error> { await stub.ledger.closeAll(within: .seconds(2)) }
        try await eventually { stub.ledger.openSessionCount == 1 }
        let start = clock.uptime()
        #expect(try await running(clock, task) == WHEPCloseReport(closedCount: 1, notClosedCount: 2))
        #expect(clock.uptime() - start < .seconds(4))
        let left = try await stub.ledger.records().map(\.device.rawValue).sorted()
        #expect(left == ["refused", "slow"])
        _ = sessions
    }

    @Test func aStartUnderWayIsSeenThroughAndClosed() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let stub = LiveStub(post: { _, _ in
            for await _ in gate.stream { break }
            return try LiveStub.response()
        })
        let start = Task { try await stub.open() }
        try await eventually { stub.count(.post) == 1 }
        let closing = Task { await stub.ledger.closeAll(within: .seconds(60)) }
        try await eventually { stub.ledger.isShuttingDown }
        gate.continuation.finish()
        let error = await #expect(throws: RingError.self) { try await start.value }
        #expect(error?.liveEndReason == .shutdown)
        #expect(await closing.value == WHEPCloseReport(closedCount: 1, notClosedCount: 0))
        #expect(stub.count(.delete) == 1)
        #expect(try await stub.ledger.records() == [])
    }

    @Test func aScopeEndsWithTheReason() async throws {
        let stub = LiveStub()
        let engine = StubEngine()
        let isIn = Mutex(false)
        let task = Task {
            try await stub.client().withLiveSession(LiveStub.device, engine: engine) { _ in
                isIn.withLock { $0 = true }
                try await Task.sleep(for: .seconds(3600))
            }
        }
        try await eventually { isIn.withLock { $0 } }
        #expect(await stub.ledger.closeAll(within: .seconds(5)) == WHEPCloseReport(closedCount: 1))
        let error = await #expect(throws: RingError.self) { try await task.value }
        #expect(error?.code == .liveSessionEnded && error?.liveEndReason == .shutdown)
        #expect(await engine.closings == 1)
        #expect(stub.count(.delete) == 1)
    }

    @Test(arguments: [20.0, 600]) func aChainEndsWithTheReason(duration: Double) async throws {
        let stub = LiveStub()
        let isIn = Mutex(false)
        let task = Task {
            try await stub.client().withLiveChain(
                LiveStub.device, duration: .seconds(duration), makeEngine: { StubEngine() },
                onSession: { _ in isIn.withLock { $0 = true } })
        }
        try await eventually { isIn.withLock { $0 } }
        #expect(await stub.ledger.closeAll(within: .seconds(5)) == WHEPCloseReport(closedCount: 1))
        let error = await #expect(throws: RingError.self) { try await task.value }
        #expect(error?.liveEndReason == .shutdown)
        #expect(stub.count(.post) == 1 && stub.count(.delete) == 1)
    }

    @Test func anEngineThatComesTooLateIsClosed() async throws {
        let stub = LiveStub()
        let engine = StubEngine(beforeAccept: { await stub.ledger.closeAll(within: .seconds(5)) })
        // The session ends while the engine accepts the answer.
        let session = try await stub.client().open(LiveStub.device, engine: engine)
        #expect(session.endReason == .shutdown)
        #expect(await engine.closings == 1)
        #expect(stub.count(.delete) == 1)
    }
}
