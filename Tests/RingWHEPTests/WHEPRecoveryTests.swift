import Foundation
import RingCore
import RingTesting
import RingWHEP
import Testing

@Suite(.timeLimit(.minutes(1))) struct WHEPRecoveryTests {
    private func record(
        _ id: String, _ stub: LiveStub, url: String?, owner: String = "default", incarnation: String = "before",
        account: RingAccountID? = "account-1", runs seconds: Double = 60
    ) -> WHEPSessionRecord {
        WHEPSessionRecord(
            id: id, owner: WHEPSessionOwner(name: owner, incarnation: incarnation), account: account,
            device: LiveStub.device, startedAt: stub.clock.now() - 5, mayRunUntil: stub.clock.now() + seconds,
            sessionURL: url.flatMap { URL(string: LiveStub.origin + LiveStub.sessions + $0) })
    }

    @Test func closesWhatTheProcessBeforeLeftAndNothingElse() async throws {
        let stub = LiveStub(delete: { request, _ in
            RingHTTPResponse(
                status: request.url.absoluteString.hasSuffix("gone")
                    ? 404 : request.url.absoluteString.hasSuffix("stuck") ? 403 : 200)
        })
        let foreign = WHEPSessionRecord(
            id: "tampered", owner: WHEPSessionOwner(incarnation: "before"), account: "account-1",
            device: LiveStub.device, startedAt: stub.clock.now(), mayRunUntil: stub.clock.now() + 60,
            sessionURL: URL(string: "https://evil.example/v1/devices/a/media/streaming/whep/sessions/1"))
        for record in [
            self.record("open", stub, url: "/open"), self.record("gone", stub, url: "/gone"),
            self.record("stuck", stub, url: "/stuck"), self.record("old", stub, url: "/old", runs: -1),
            self.record("lost", stub, url: nil),
            self.record("mine", stub, url: "/mine", incarnation: WHEPSessionOwner().incarnation),
            self.record("other", stub, url: "/other", owner: "worker-2"),
            self.record("stranger", stub, url: "/stranger", account: "account-2"), foreign,
        ] { try await stub.ledger.insert(record) }

        let governor = WHEPGovernor(limits: .none, clock: stub.clock)
        let recovery = try await stub.client(governor: governor).recover()
        #expect(recovery.closed.map(\.id).sorted() == ["gone", "open"])
        #expect(recovery.expired.map(\.id) == ["old"])
        #expect(recovery.unknown.map(\.id).sorted() == ["lost", "tampered"])
        #expect(recovery.failed.map(\.id) == ["stuck"])
        #expect(stub.targets(.delete).sorted() == ["/gone", "/open", "/stuck"].map { LiveStub.sessions + $0 })
        let left = try await stub.ledger.records().map(\.id).sorted()
        #expect(left == ["lost", "mine", "other", "stranger", "stuck", "tampered"])
        // The device may still be streaming.
        let error = await #expect(throws: RingError.self) { try await governor.admit(LiveStub.device, power: .line) }
        #expect(error?.code == .liveSessionBusy)
    }

    @Test func waitsForWhatNobodyCanClose() async throws {
        let stub = LiveStub(clock: ManualClock(autoAdvance: true))
        try await stub.ledger.insert(self.record("lost", stub, url: nil, runs: 40))
        let start = stub.clock.uptime()
        let recovery = try await stub.client().recover(waitsForUnknown: true)
        #expect(recovery.unknown.map(\.id) == ["lost"])
        #expect(stub.clock.uptime() - start >= .seconds(40))
        #expect(try await stub.ledger.records() == [])
    }

    @Test func aLedgerThatCannotWriteKeepsTheCameraOff() async throws {
        struct Broken: WHEPSessionLedger {
            let failsUpdate: Bool
            func insert(_ record: WHEPSessionRecord) async throws { if !self.failsUpdate { throw Self.error } }
            func update(_ id: String, sessionURL: URL, mayRunUntil: Date) async throws { throw Self.error }
            func remove(_ id: String) async throws {}
            func records() async throws -> [WHEPSessionRecord] { throw Self.error }
            static let error = RingError(code: .storageFailed, message: "disk full")
        }
        for (failsUpdate, posts) in [(false, 0), (true, 1)] {
            let stub = LiveStub()
            let api = try stub.client().api
            let client = WHEPClient(api: api, ledger: Broken(failsUpdate: failsUpdate))
            let error = await #expect(throws: RingError.self) {
                try await client.open(LiveStub.device, offer: Fixture.sdp("offer-aiortc-video"))
            }
            #expect(error?.code == .storageFailed)
            #expect(stub.count(.post) == posts && stub.count(.delete) == posts)
            await #expect(throws: RingError.self) { try await client.recover() }
        }
    }
}
