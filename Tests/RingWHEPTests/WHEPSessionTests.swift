import Foundation
import RingCore
import RingTesting
import RingWHEP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct WHEPSessionTests {
    private struct Oops: Error {}

    @Test(arguments: [
        (RingPowerSource.battery, 30.0, Duration.seconds(28)), (.mains, 60, .seconds(58)), (.unknown, 30, .seconds(28)),
    ])
    func theDeadlineFollowsThePowerClass(power: RingPowerSource, limit: Double, useful: Duration) async throws {
        let stub = LiveStub()
        let session = try await stub.open(WHEPSessionOptions(power: power))
        #expect(session.expiresBy.timeIntervalSince(session.startedAt) == limit)
        #expect(session.remaining == useful)
        await session.close()
        #expect(session.remaining == .zero)
    }

    @Test func updatesCountDownWarnAndEndAndTheServerIsToldOnce() async throws {
        let clock = ManualClock()
        let stub = LiveStub(clock: clock)
        let session = try await stub.open(WHEPSessionOptions(power: .battery))
        let seen = Mutex<[WHEPSessionUpdate]>([])
        let reader = Task { for await update in session.updates() { seen.withLock { $0.append(update) } } }
        for second in 1...28 {
            try await eventually { seen.withLock { $0.count } == second }
            // The session's and the heartbeat of its lease.
            await clock.sleepers(atLeast: 2)
            clock.advance(by: .seconds(1))
        }
        await reader.value
        let updates = seen.withLock { $0 }
        #expect(updates.map(\.remaining) == (0...28).reversed().map { .seconds($0) })
        #expect(updates.filter(\.isEndingSoon).map(\.remaining) == (0...5).reversed().map { .seconds($0) })
        #expect(updates.compactMap(\.endReason) == [.deadline])
        #expect(stub.count(.delete) == 1)
        #expect(await session.close().isOver)
        #expect(stub.count(.delete) == 1)
        // A late listener learns the end at once.
        var late: [WHEPSessionUpdate] = []
        for await update in session.updates() { late.append(update) }
        #expect(late.map(\.endReason) == [.deadline])
    }

    @Test func theScopeClosesOnReturnAndOnThrow() async throws {
        let stub = LiveStub()
        let engine = StubEngine()
        let value = try await stub.client().withLiveSession(LiveStub.device, engine: engine) { _ in 42 }
        #expect(value == 42)
        #expect(stub.count(.post) == 1 && stub.count(.delete) == 1)
        #expect(await engine.accepted.count == 1)
        #expect(await engine.closings == 1)

        await #expect(throws: Oops.self) {
            try await stub.client().withLiveSession(LiveStub.device, engine: StubEngine()) { _ in throw Oops() }
        }
        #expect(stub.count(.post) == 2 && stub.count(.delete) == 2)
        #expect(stub.observer.events(WHEPSessionEnded.self).map(\.reason) == [.closed, .failed])
        #expect(try await stub.ledger.records() == [])
    }

    @Test func theScopeClosesOnCancellation() async throws {
        let stub = LiveStub()
        let isIn = Mutex(false)
        let task = Task {
            try await stub.client().withLiveSession(LiveStub.device, engine: StubEngine()) { session in
                isIn.withLock { $0 = true }
                for await _ in session.updates() {}
                try Task.checkCancellation()
            }
        }
        try await eventually { isIn.withLock { $0 } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(stub.count(.delete) == 1)
        #expect(stub.observer.events(WHEPSessionEnded.self).map(\.reason) == [.cancelled])
    }

    @Test func theScopeEndsWithTheDeadline() async throws {
        let clock = ManualClock()
        let stub = LiveStub(clock: clock)
        let offer = try Fixture.sdp("offer-aiortc-video")
        let task = Task {
            try await stub.client().withLiveSession(LiveStub.device, offer: offer) { _ in
                try await clock.sleep(for: .seconds(3600))
            }
        }
        let error = await #expect(throws: RingError.self) { try await running(clock, task) }
        #expect(error?.code == .liveSessionEnded)
        #expect(stub.count(.delete) == 1)
    }

    @Test func whatTheWorkReturnsAtTheDeadlineCounts() async throws {
        let clock = ManualClock()
        let stub = LiveStub(clock: clock)
        let offer = try Fixture.sdp("offer-aiortc-video")
        let task = Task {
            try await stub.client().withLiveSession(LiveStub.device, offer: offer) { session in
                var last: WHEPSessionUpdate?
                for await update in session.updates() { last = update }
                return last?.endReason
            }
        }
        let reason = try await running(clock, task)
        // The reader may be cancelled with the update or just before it.
        #expect(reason == .deadline || reason == nil)
        #expect(stub.count(.delete) == 1)
    }

    @Test func aStartThatIsCancelledWhileThePostRunsIsSeenThroughAndClosed() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let stub = LiveStub(post: { _, _ in
            for await _ in gate.stream { break }
            return try LiveStub.response()
        })
        let task = Task { try await stub.open() }
        try await eventually { stub.count(.post) == 1 }
        task.cancel()
        gate.continuation.yield()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(stub.count(.post) == 1 && stub.count(.delete) == 1)
        #expect(try await stub.ledger.records() == [])
        #expect(stub.observer.events(WHEPSessionEnded.self).map(\.reason) == [.cancelled])
    }

    @Test func aCancelledStartWaitsNoLongerThanAClosingMayTake() async throws {
        let clock = ManualClock()
        let stub = LiveStub(
            clock: clock,
            post: { _, _ in
                try await Task.sleep(for: .seconds(3600))
                return try LiveStub.response()
            })
        let task = Task { try await stub.open() }
        try await eventually { stub.count(.post) == 1 }
        task.cancel()
        let start = clock.uptime()
        await #expect(throws: CancellationError.self) { try await running(clock, task) }
        #expect(clock.uptime() - start < .seconds(10))
        // It is unknown whether the camera streams, and the ledger says so.
        #expect(try await stub.ledger.records().map(\.sessionURL) == [nil])
        #expect(stub.observer.events(WHEPStartLost.self).count == 1)
    }

    @Test func anEngineThatRefusesTheAnswerClosesTheSession() async throws {
        let stub = LiveStub()
        let engine = StubEngine(failure: StubEngineError())
        await #expect(throws: StubEngineError.self) {
            try await stub.client().open(LiveStub.device, engine: engine)
        }
        #expect(stub.count(.delete) == 1)
        #expect(await engine.closings == 1)
    }

    @Test func theEngineIsClosedWhenNoSessionCameAbout() async throws {
        let stub = LiveStub(post: { _, _ in RingHTTPResponse(status: 404) })
        let engine = StubEngine()
        await #expect(throws: RingError.self) { try await stub.client().open(LiveStub.device, engine: engine) }
        #expect(await engine.closings == 1)
        #expect(await engine.accepted.isEmpty)
    }

    @Test func lettingGoOfASessionClosesIt() async throws {
        let stub = LiveStub()
        do {
            let session = try await stub.open()
            #expect(session.endReason == nil)
        }
        try await eventually { stub.count(.delete) == 1 }
        try await eventually { stub.observer.events(WHEPSessionEnded.self).map(\.reason) == [.abandoned] }
    }

    @Test func aDetachedSessionIsSomebodyElses() async throws {
        let stub = LiveStub()
        do {
            let session = try await stub.open()
            await session.detach()
            #expect(session.endReason == .detached)
            #expect(try await stub.ledger.records() == [])
            guard case .detached = await session.close() else {
                Issue.record("a detached session was closed")
                return
            }
        }
        #expect(stub.count(.delete) == 0)
    }

    // MARK: Retry-After as policy

    @Test func aStartThatWasPutOffIsTriedAgainWithANewOfferWhenThePolicySaysSo() async throws {
        let clock = ManualClock()
        let stub = LiveStub(
            clock: clock,
            post: { _, number in
                try number == 1
                    ? .json(
                        #"{"errors":[{"title":"Device Unavailable"}]}"#, status: 503, headerFields: [.retryAfter: "2"])
                    : LiveStub.response()
            })
        let engine = StubEngine()
        let retrying = WHEPSessionOptions(retry: WHEPRetryPolicy(maximumOfferCount: 2))
        let session = try await running(
            clock, Task { try await stub.client().open(LiveStub.device, engine: engine, options: retrying) })
        #expect(await engine.offers == 2)
        #expect(stub.count(.post) == 2)
        #expect(clock.sleeps.contains(.seconds(2)))
        await session.close()
    }

    @Test(
        arguments: [
            (503, "2", "", 1, 1), (503, nil, "", 3, 1), (503, "3600", "", 3, 1),
            (503, "2", "Device is currently offline", 3, 1), (409, "2", "", 3, 3), (404, "2", "", 3, 1),
            (500, "2", "", 3, 1),
        ] as [(Int, String?, String, Int, Int)])
    func thePolicyDecides(status: Int, retryAfter: String?, detail: String, attempts: Int, posts: Int) async throws {
        let clock = ManualClock()
        let stub = LiveStub(
            clock: clock,
            post: { _, _ in
                var fields: RingHTTPFields = [:]
                fields[.retryAfter] = retryAfter
                return .json(
                    #"{"errors":[{"title":"Device Unavailable","detail":"\#(detail)"}]}"#, status: status,
                    headerFields: fields)
            })
        let error = await #expect(throws: RingError.self) {
            try await running(
                clock,
                Task {
                    try await stub.client().open(
                        LiveStub.device, engine: StubEngine(),
                        options: WHEPSessionOptions(retry: WHEPRetryPolicy(maximumOfferCount: attempts)))
                })
        }
        #expect(error?.status == status)
        #expect(stub.count(.post) == posts)
    }

    @Test func withoutRetryAfterTheDefaultDelayDoubles() async throws {
        let clock = ManualClock()
        let stub = LiveStub(
            clock: clock,
            post: { _, _ in .json(#"{"errors":[{"title":"Device Unavailable"}]}"#, status: 503) })
        let options = WHEPSessionOptions(retry: WHEPRetryPolicy(maximumOfferCount: 4, defaultDelay: .seconds(2)))
        let engine = StubEngine()
        let task = Task { try await stub.client().open(LiveStub.device, engine: engine, options: options) }
        let error = await #expect(throws: RingError.self) { try await running(clock, task) }
        #expect(error?.status == 503)
        #expect(stub.count(.post) == 4)
        #expect(await engine.offers == 4)
        #expect(await engine.closings == 1)
        #expect([2, 4, 8].allSatisfy { clock.sleeps.contains(.seconds($0)) })
    }

    // MARK: Chains

    @Test func aChainOverlapsAndEndsEverySession() async throws {
        let clock = ManualClock()
        let stub = LiveStub(clock: clock)
        let shown = Mutex<[URL]>([])
        let client = try stub.client()
        let task = Task {
            try await client.withLiveChain(
                LiveStub.device, duration: .seconds(70), options: WHEPSessionOptions(power: .battery),
                makeEngine: { StubEngine() }, onSession: { session in shown.withLock { $0.append(session.url) } })
        }
        let watcher = Task {
            var mostOpen = 0
            while !Task.isCancelled {
                mostOpen = max(mostOpen, stub.count(.post) - stub.count(.delete))
                await Task.yield()
            }
            return mostOpen
        }
        try await running(clock, task)
        watcher.cancel()
        let mostOpen = await watcher.value
        #expect(shown.withLock { $0.count } == stub.count(.post))
        #expect((3...4).contains(stub.count(.post)))
        #expect(stub.count(.delete) == stub.count(.post))
        #expect(mostOpen == 2)
        #expect(try await stub.ledger.records() == [])
    }

    @Test func aServerWithOneSessionADeviceGetsThemOneAfterTheOther() async throws {
        let clock = ManualClock()
        let open = Mutex(0)
        let stub = LiveStub(
            clock: clock,
            post: { _, number in
                try open.withLock { count in
                    guard count == 0 else { return RingHTTPResponse(status: 409, headerFields: [.retryAfter: "5"]) }
                    count = 1
                    return try LiveStub.response(number: number)
                }
            },
            delete: { _, _ in
                open.withLock { $0 = 0 }
                return RingHTTPResponse(status: 200)
            })
        let client = try stub.client()
        let task = Task {
            try await client.withLiveChain(
                LiveStub.device, duration: .seconds(40), options: WHEPSessionOptions(power: .battery),
                makeEngine: { StubEngine() }, onSession: { _ in })
        }
        try await running(clock, task)
        #expect(stub.count(.post) == 3 && stub.count(.delete) == 2)
    }

    @Test func aCancelledChainLeavesNothingOpen() async throws {
        let clock = ManualClock()
        let stub = LiveStub(clock: clock)
        let client = try stub.client()
        let shown = Mutex(false)
        let task = Task {
            try await client.withLiveChain(
                LiveStub.device, duration: .seconds(600), makeEngine: { StubEngine() },
                onSession: { _ in shown.withLock { $0 = true } })
        }
        try await eventually { shown.withLock { $0 } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(stub.count(.post) == 1 && stub.count(.delete) == 1)
    }
}
