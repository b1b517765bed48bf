import Foundation
import RingCore
import RingCrypto
import RingTesting
import RingWHEP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct WHEPRecoveryTests {
    /// Another process: the same storage, its own ledger and leases.
    private struct Process {
        let storage: RingMemoryStorage
        let ledger: WHEPSessionLedger
        let governor: WHEPGovernor
        let client: WHEPClient

        init(
            _ stub: LiveStub, account: RingAccountID? = "account-1", sealing: RingSealingKeyRing? = nil
        ) throws {
            self.storage = stub.storage.anotherProcess()
            self.ledger = WHEPSessionLedger(
                storage: self.storage, sealing: sealing, environment: RingEnvironment(clock: stub.clock))
            self.governor = WHEPGovernor(limits: .none, clock: stub.clock)
            self.client = try stub.client(governor: self.governor, ledger: self.ledger, account: account)
        }

        func open(_ device: RingDeviceID = LiveStub.device) async throws -> WHEPSession {
            try await self.client.open(device, offer: Fixture.sdp("offer-aiortc-video"))
        }
    }

    /// A stub whose sessions are named after their devices.
    private func stub(delete: @escaping LiveStub.Handler = { _, _ in RingHTTPResponse(status: 200) }) -> LiveStub {
        LiveStub(
            post: { request, number in
                try LiveStub.response(location: request.url.absoluteString + "/s\(number)")
            }, delete: delete)
    }

    private static let lost: LiveStub.Handler = { _, _ in
        throw RingError(code: .timedOut, message: "no response", delivery: .unknown)
    }

    @Test func closesTheSessionOfADeadProcessAndNotThatOfALivingOne() async throws {
        let stub = self.stub()
        let (dead, living, next) = (try Process(stub), try Process(stub), try Process(stub))
        let orphan = try await dead.open("cam-dead")
        let kept = try await living.open("cam-living")
        #expect(try await next.client.recover() == WHEPRecovery())
        #expect(stub.count(.delete) == 0)

        dead.storage.crash(isVisible: true)
        let recovery = try await next.client.recover()
        #expect(recovery.closed.map(\.device) == ["cam-dead"])
        #expect(recovery.isComplete)
        #expect(stub.targets(.delete) == ["/v1/devices/cam-dead/media/streaming/whep/sessions/s1"])
        #expect(try await next.ledger.records().map(\.device) == ["cam-living"])
        #expect(try await next.client.recover() == WHEPRecovery())
        #expect(kept.endReason == nil)
        await kept.close()
        _ = orphan
    }

    @Test func aProcessThatCannotBeSeenToDieIsRecoveredWhenItsLeaseHasEnded() async throws {
        let stub = self.stub()
        let (dead, next) = (try Process(stub), try Process(stub))
        let orphan = try await dead.open()
        dead.storage.crash(isVisible: false)
        #expect(try await next.client.recover() == WHEPRecovery())
        stub.clock.advance(by: .seconds(16))
        #expect(try await next.client.recover().closed.count == 1)
        // The tasks of the process that "died" go on in this test: it may have closed its session when its lease was over.
        #expect((1...2).contains(stub.count(.delete)))
        _ = orphan
    }

    @Test func theHeartbeatKeepsALongSessionFromBeingRecovered() async throws {
        let stub = self.stub()
        let (living, next) = (try Process(stub), try Process(stub))
        let session = try await living.open()
        for _ in 0..<5 {
            await stub.clock.sleepers(atLeast: 2)
            stub.clock.advance(by: .seconds(5))
            #expect(try await next.client.recover() == WHEPRecovery())
        }
        #expect(stub.clock.uptime() == .seconds(25) && stub.count(.delete) == 0)
        #expect(session.endReason == nil)
        await session.close()
    }

    @Test func itsOwnSessionIsNeverRecoveredEvenWhenTheLeaseHasEnded() async throws {
        let stub = self.stub()
        let process = try Process(stub)
        let session = try await process.open()
        // One step past the lease's end, before the heartbeat has a chance.
        stub.clock.advance(by: .seconds(20))
        #expect(try await process.client.recover() == WHEPRecovery())
        #expect(try await process.ledger.accountsToRecover() == [])
        #expect(stub.count(.delete) == 0)
        await session.close()
    }

    @Test func aSessionWhoseRecordWasTakenOverEnds() async throws {
        let stub = self.stub()
        let (suspended, next) = (try Process(stub), try Process(stub))
        let session = try await suspended.open()
        let record = try #require(try await next.ledger.records().first)
        // What another process does that found the lease ended.
        let stored = try #require(try await next.storage.records(matching: Self.all).first)
        var taken = stored
        taken.version += 1
        #expect(
            try await next.storage.commit([
                .put(taken, replacing: stored.version, lease: .take(token: 99, for: .seconds(15)))
            ]))
        await stub.clock.sleepers(atLeast: 2)
        stub.clock.advance(by: .seconds(5))
        for await update in session.updates() where update.endReason != nil { break }
        #expect(session.endReason == .takenOver)
        #expect(record.sessionURL == session.url)
        #expect(stub.count(.delete) == 1)
    }

    private static let all = RingStorageQuery(
        RingStorageCollection(name: "live", indexes: ["account", "device", "expires", "sealing_key"]))

    @Test func twoRecoveringProcessesSendOneDelete() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let stub = self.stub(delete: { _, _ in
            for await _ in gate.stream { break }
            return RingHTTPResponse(status: 200)
        })
        let (dead, first, second) = (try Process(stub), try Process(stub), try Process(stub))
        let orphan = try await dead.open()
        dead.storage.crash(isVisible: true)
        let closing = Task { try await first.client.recover() }
        try await eventually { stub.count(.delete) == 1 }
        #expect(try await second.client.recover() == WHEPRecovery())
        // Nor does the same process close it twice.
        #expect(try await first.client.recover() == WHEPRecovery())
        gate.continuation.finish()
        #expect(try await closing.value.closed.count == 1)
        #expect(stub.count(.delete) == 1)
        _ = orphan
    }

    @Test func aRecoveryThatDiesWhileClosingIsTakenOver() async throws {
        let stub = self.stub(delete: { _, number in
            if number == 1 { try await Task.sleep(for: .seconds(3600)) }
            return RingHTTPResponse(status: 200)
        })
        let (dead, first, second) = (try Process(stub), try Process(stub), try Process(stub))
        let orphan = try await dead.open()
        dead.storage.crash(isVisible: true)
        let closing = Task { try await first.client.recover() }
        try await eventually { stub.count(.delete) == 1 }
        first.storage.crash(isVisible: true)
        #expect(try await second.client.recover().closed.count == 1)
        #expect(try await second.ledger.records() == [])
        closing.cancel()
        _ = try? await closing.value
        _ = orphan
    }

    @Test func aFailedClosingIsTriedAgainAndEndsInTime() async throws {
        let isDown = Mutex(true)
        let stub = self.stub(delete: { _, _ in RingHTTPResponse(status: isDown.withLock { $0 } ? 403 : 200) })
        let (dead, next) = (try Process(stub), try Process(stub))
        let orphans = [try await dead.open("cam-a"), try await dead.open("cam-b")]
        dead.storage.crash(isVisible: true)
        for round in 1...3 {
            #expect(
                try await next.client.recover().failed.map(\.device).sorted { $0.rawValue < $1.rawValue } == [
                    "cam-a", "cam-b",
                ])
            #expect(stub.count(.delete) == 2 * round)
            // A further try takes no further place.
            #expect(await next.governor.openSessionCount == 2)
        }
        let error = await #expect(throws: RingError.self) { try await next.open("cam-a") }
        #expect(error?.code == .liveSessionBusy)
        #expect(error?.retryAfter == .seconds(60))
        isDown.withLock { $0 = false }
        #expect(try await next.client.recover().closed.count == 2)
        #expect(await next.governor.openSessionCount == 0)
        await (try await next.open("cam-a")).close()
        _ = orphans
    }

    // MARK: Sessions that cannot be closed

    @Test func aLostStartStaysUntilItHasSurelyEnded() async throws {
        let stub = LiveStub(post: Self.lost)
        let (dead, next) = (try Process(stub), try Process(stub))
        await #expect(throws: RingError.self) { try await dead.open() }
        // Its own process: from the moment of the loss. Another one: from the moment of the find.
        stub.clock.advance(by: .seconds(30))
        #expect(try await next.client.recover().unknown.count == 1)
        #expect(await next.governor.openSessionCount == 1)
        stub.clock.advance(by: .seconds(29.5))
        #expect(try await dead.client.recover().unknown.count == 1)
        stub.clock.advance(by: .seconds(1))
        #expect(try await dead.client.recover().expired.count == 1)
        #expect(try await next.client.recover() == WHEPRecovery())
        #expect(try await next.ledger.records() == [])
    }

    @Test(arguments: [-86_400, -60, 0, 60, 86_400, 518_400] as [Double])
    func aWallClockStepNeitherForgetsNorBlocksForEver(step: Double) async throws {
        let stub = LiveStub(post: Self.lost)
        let dead = try Process(stub)
        await #expect(throws: RingError.self) { try await dead.open() }
        dead.storage.crash(isVisible: true)
        // The next process sees another wall clock.
        let wall = SteppedClock(clock: stub.clock, step: step)
        let ledger = WHEPSessionLedger(
            storage: stub.storage.anotherProcess(), environment: RingEnvironment(clock: wall))
        let governor = WHEPGovernor(limits: .none, clock: stub.clock)
        let api = try stub.client().api
        let client = WHEPClient(
            api: RingAPIClient(
                baseURL: api.baseURL, account: "account-1", transport: StubTransport(RingHTTPResponse(status: 200)),
                environment: RingEnvironment(clock: wall)), ledger: ledger, governor: governor)
        // The start's record runs for the negotiation, the closing and the longest session.
        for _ in 0..<8 {
            #expect(try await client.recover().unknown.count == 1)
            #expect(await governor.openSessionCount == 1)
            stub.clock.advance(by: .seconds(10))
        }
        stub.clock.advance(by: .seconds(5))
        #expect(try await client.recover().expired.count == 1)
        #expect(await governor.openSessionCount == 0)
        #expect(try await ledger.records() == [])
    }

    @Test func aRecordOfLongAgoIsRemovedAtOnce() async throws {
        let stub = LiveStub(post: Self.lost)
        let (dead, next) = (try Process(stub), try Process(stub))
        await #expect(throws: RingError.self) { try await dead.open() }
        dead.storage.crash(isVisible: true)
        stub.clock.advance(by: .seconds(8 * 86_400))
        #expect(try await next.client.recover().expired.count == 1)
        #expect(try await next.ledger.records() == [])
    }

    @Test func aURLOutsideTheAPIIsNeverAsked() async throws {
        let stub = self.stub()
        let (dead, next) = (try Process(stub), try Process(stub))
        let foreign = WHEPClient(
            api: RingAPIClient(
                baseURL: try #require(URL(string: "https://evil.example")), account: "account-1",
                transport: StubTransport { request in
                    request.method == .post
                        ? try LiveStub.response(location: request.url.absoluteString + "/1")
                        : RingHTTPResponse(status: 200)
                }, environment: RingEnvironment(clock: stub.clock)), ledger: dead.ledger, governor: dead.governor)
        let orphan = try await foreign.open("cam", offer: Fixture.sdp("offer-aiortc-video"))
        dead.storage.crash(isVisible: true)
        #expect(try await next.client.recover().unknown.map(\.device) == ["cam"])
        #expect(stub.count(.delete) == 0)
        _ = orphan
    }

    @Test func accountsAreRecoveredByThemselves() async throws {
        let stub = self.stub()
        let dead = try Process(stub)
        let others = [
            try stub.client(ledger: dead.ledger, account: "account-2"),
            try stub.client(ledger: dead.ledger, account: nil),
        ]
        var orphans = [try await dead.open("cam-1")]
        for (number, client) in others.enumerated() {
            orphans.append(
                try await client.open(
                    RingDeviceID(rawValue: "cam-\(number + 2)"), offer: Fixture.sdp("offer-aiortc-video")))
        }
        dead.storage.crash(isVisible: true)
        let next = try Process(stub)
        #expect(try await next.ledger.accountsToRecover() == [nil, "account-1", "account-2"])
        #expect(try await next.client.recover().closed.map(\.device) == ["cam-1"])
        #expect(try await next.ledger.accountsToRecover() == [nil, "account-2"])
        let anonymous = try stub.client(ledger: next.ledger, account: nil)
        #expect(try await anonymous.recover().closed.map(\.device) == ["cam-3"])
        #expect(try await next.ledger.records().map(\.device) == ["cam-2"])
        _ = orphans
    }

    // MARK: Sealing

    private static func keys(_ id: String, retired: [RingSealingKey] = []) throws -> RingSealingKeyRing {
        try RingSealingKeyRing(active: Self.key(id), retired: retired)
    }

    private static func key(_ id: String) throws -> RingSealingKey {
        try RingSealingKey(bytes: [UInt8](repeating: UInt8(id.utf8.count), count: 32), id: id)
    }

    @Test func theStorageNeverHoldsTheURLInTheClear() async throws {
        let stub = self.stub()
        let (sealed, plain) = (try Process(stub, sealing: Self.keys("k1")), try Process(stub))
        let sessions = [try await sealed.open("cam-sealed"), try await plain.open("cam-plain")]
        let stored = try await stub.storage.records(matching: Self.all)
        #expect(stored.count == 2)
        for record in stored {
            let isSealed = record.keys[1] == .text("cam-sealed")
            let bytes = record.payload + record.keys.flatMap { Array("\(String(describing: $0))".utf8) }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("whep/sessions") == !isSealed)
            #expect(text.contains("https://") == !isSealed)
            #expect(record.keys[3] == (isSealed ? .text("k1") : nil))
        }
        #expect(try await sealed.ledger.records().compactMap(\.sessionURL).count == 2)
        for session in sessions { await session.close() }
    }

    @Test func aURLThatCannotBeOpenedIsReportedAndKeptUntilItsTimeIsOver() async throws {
        let stub = self.stub()
        let dead = try Process(stub, sealing: Self.keys("old"))
        let orphan = try await dead.open()
        dead.storage.crash(isVisible: true)
        let next = try Process(stub, sealing: Self.keys("newer"))
        #expect(try await next.client.recover().unreadable.map(\.device) == [LiveStub.device])
        #expect(try await next.ledger.records().map(\.isUnreadable) == [true])
        #expect(await next.governor.openSessionCount == 1)
        // A process that has the key closes it.
        let both = try Process(stub, sealing: Self.keys("newer", retired: [Self.key("old")]))
        #expect(try await both.client.recover().closed.count == 1)
        #expect(try await next.client.recover() == WHEPRecovery())

        let again = try Process(stub, sealing: Self.keys("old"))
        let second = try await again.open()
        again.storage.crash(isVisible: true)
        #expect(try await next.client.recover().unreadable.count == 1)
        stub.clock.advance(by: .seconds(60))
        #expect(try await next.client.recover().expired.count == 1)
        #expect(try await next.ledger.records() == [])
        _ = (orphan, second)
    }

    @Test func aDamagedRecordHidesNoOther() async throws {
        let stub = self.stub()
        let (dead, next) = (try Process(stub), try Process(stub))
        let orphan = try await dead.open("cam-1")
        dead.storage.crash(isVisible: true)
        let id = RingStorageID(Self.all.collection, "damaged")
        #expect(
            try await next.storage.commit([
                .put(
                    RingStorageRecord(
                        id: id, version: 1, keys: [.text("account-1"), .text("cam-2"), .integer(0), nil],
                        payload: [1, 2, 9]), replacing: nil)
            ]))
        let recovery = try await next.client.recover()
        #expect(recovery.closed.map(\.device) == ["cam-1"])
        // Written long ago, by its index key.
        #expect(recovery.expired.map(\.device) == ["cam-2"])
        #expect(try await next.ledger.records() == [])
        _ = orphan
    }

    // MARK: A storage that fails

    @Test func aLedgerThatCannotWriteKeepsTheCameraOff() async throws {
        for (failsFrom, posts) in [(1, 0), (2, 1)] {
            let stub = LiveStub()
            let storage = FailingStorage(stub.storage, failsFrom: failsFrom)
            let ledger = WHEPSessionLedger(storage: storage, environment: RingEnvironment(clock: stub.clock))
            let client = try stub.client(ledger: ledger)
            let error = await #expect(throws: RingError.self) {
                try await client.open(LiveStub.device, offer: Fixture.sdp("offer-aiortc-video"))
            }
            #expect(error?.code == .storageFailed)
            #expect(stub.count(.post) == posts && stub.count(.delete) == posts)
            #expect(ledger.openSessionCount == 0)
            // What could not be deleted then is deleted by the next recovery, without blocking the device.
            storage.recover()
            stub.clock.advance(by: .seconds(16))
            _ = try await client.recover()
            #expect(try await ledger.records() == [])
            await (try await client.open(LiveStub.device, offer: Fixture.sdp("offer-aiortc-video"))).close()
        }
    }

    @Test func aWriteThatWasMadeAlthoughTheStorageThrewCounts() async throws {
        let stub = LiveStub()
        let storage = FailingStorage(stub.storage, failsFrom: .max, throwsAfterwards: true)
        let ledger = WHEPSessionLedger(storage: storage, environment: RingEnvironment(clock: stub.clock))
        let session = try await stub.client(ledger: ledger).open(
            LiveStub.device, offer: Fixture.sdp("offer-aiortc-video"))
        #expect(try await ledger.records().map(\.sessionURL) == [session.url])
        await session.close()
        #expect(try await ledger.records() == [])
        #expect(stub.count(.post) == 1 && stub.count(.delete) == 1)
    }
}

/// Another wall clock over the same uptime.
private struct SteppedClock: RingClock {
    let clock: ManualClock
    let step: Double
    func now() -> Date { self.clock.now() + self.step }
    func uptime() -> Duration { self.clock.uptime() }
    func sleep(for duration: Duration) async throws { try await self.clock.sleep(for: duration) }
}

/// A storage whose writes fail from one on, or are made and reported as failures.
private final class FailingStorage: RingStorage {
    private let storage: RingMemoryStorage
    private let state: Mutex<(writes: Int, failsFrom: Int)>
    private let throwsAfterwards: Bool
    private static let error = RingError(code: .storageFailed, message: "disk full")

    init(_ storage: RingMemoryStorage, failsFrom: Int, throwsAfterwards: Bool = false) {
        self.storage = storage
        self.state = Mutex((0, failsFrom))
        self.throwsAfterwards = throwsAfterwards
    }

    func recover() { self.state.withLock { $0.failsFrom = .max } }

    private func check() throws { if self.state.withLock({ $0.writes >= $0.failsFrom }) { throw Self.error } }

    var location: String { "failing" }
    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        try self.check()
        return try await self.storage.records(ids)
    }
    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try self.check()
        return try await self.storage.records(matching: query)
    }
    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        self.state.withLock { $0.writes += 1 }
        try self.check()
        let isDone = try await self.storage.commit(changes)
        if self.throwsAfterwards { throw Self.error }
        return isDone
    }
    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        try await self.storage.extend(leases, by: duration)
    }
    func close() async { await self.storage.close() }
}
