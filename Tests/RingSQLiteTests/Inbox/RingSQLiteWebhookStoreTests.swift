import Foundation
import RingCore
import RingSQLite
import RingTesting
import RingWebhooks
import Testing

@Suite struct RingSQLiteWebhookStoreTests {
    static let now = Date(timeIntervalSince1970: 1_795_000_000)

    @Test(arguments: WebhookStoreConformance.rules)
    func conformsInAFile(rule: WebhookStoreConformance.Rule) async throws {
        let folder = TemporaryFolder()
        try await rule.check(RingSQLiteWebhookStore.open(.file(folder.file())))
    }

    @Test(arguments: WebhookStoreConformance.rules)
    func conformsInMemory(rule: WebhookStoreConformance.Rule) async throws {
        try await rule.check(RingSQLiteWebhookStore.open(.memory))
    }

    static func webhook(_ name: String, lane: String? = nil, position: Int64 = 0) -> RingStoredWebhook {
        RingStoredWebhook(
            key: RingWebhookKey(requestID: RingRequestID(rawValue: name), eventID: "e"), lane: lane,
            position: position, body: Array("body".utf8), receivedAt: Self.now)
    }

    @Test func everythingIsThereAfterReopening() async throws {
        let folder = TemporaryFolder()
        let path = folder.file()
        let before = try await RingSQLiteWebhookStore.open(.file(path))
        for name in ["done", "running", "waiting"] {
            _ = try await before.save(Self.webhook(name), isQuarantined: false)
        }
        _ = try await before.save(Self.webhook("poison"), isQuarantined: true)
        _ = try await before.claim(.init(limit: 2, owner: "o", now: Self.now, leaseUntil: Self.now + 30))
        _ = try await before.settle(Self.webhook("done").key, owner: "o", as: .done, now: Self.now)
        await before.close()

        let after = try await RingSQLiteWebhookStore.open(.file(path))
        #expect(try await after.counts() == RingWebhookCounts(waiting: 1, running: 1, done: 1, quarantined: 1))
        for name in ["done", "running", "waiting", "poison"] {
            #expect(try await !after.save(Self.webhook(name), isQuarantined: false))
        }
        let claimed = try await after.claim(
            .init(limit: 9, owner: "p", now: Self.now + 30, leaseUntil: Self.now + 60))
        #expect(Set(claimed.map(\.key.requestID)) == ["running", "waiting"])
    }

    @Test func twoConnectionsShareOneInbox() async throws {
        let folder = TemporaryFolder()
        let path = folder.file()
        let stores = [
            try await RingSQLiteWebhookStore.open(.file(path)), try await RingSQLiteWebhookStore.open(.file(path)),
        ]
        let new = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<200 {
                group.addTask { try await stores[index % 2].save(Self.webhook("w\(index / 2)"), isQuarantined: false) }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(new == 100)
        let claimed = try await withThrowingTaskGroup(of: [RingStoredWebhook].self) { group in
            for index in 0..<20 {
                group.addTask {
                    try await stores[index % 2].claim(
                        .init(limit: 5, owner: "o\(index)", now: Self.now, leaseUntil: Self.now + 30))
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 100)
        #expect(Set(claimed.map(\.key)).count == 100)
    }

    @Test func aClosedStoreFailsAndTheInboxAsksRingToComeAgain() async throws {
        let store = try await RingSQLiteWebhookStore.open(.memory)
        await store.close()
        await #expect(throws: RingError.self) { try await store.counts() }
        let signer = try WebhookSigner()
        let clock = ManualClock()
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [signer.key]), store: store, clock: clock, handler: { _ in })
        let draft = RingWebhookDraft(kind: .buttonPress, account: "a", device: "d", occurredAt: clock.now())
        #expect(await signer.send(draft, to: inbox).outcome == .storeFailed)
    }

    @Test func aLongLaneIsClaimedFromItsFront() async throws {
        let store = try await RingSQLiteWebhookStore.open(.memory)
        // In reverse, so that every newcomer takes the place of the first.
        for index in (0..<500).reversed() {
            _ = try await store.save(
                Self.webhook("w\(index)", lane: "x", position: Int64(index)), isQuarantined: false)
        }
        for index in 0..<500 {
            let claimed = try await store.claim(
                .init(limit: 10, owner: "o", now: Self.now, leaseUntil: Self.now + 30))
            #expect(claimed.map(\.position) == [Int64(index)])
            for webhook in claimed {
                #expect(try await store.settle(webhook.key, owner: "o", as: .done, now: Self.now))
            }
        }
        #expect(try await store.counts() == RingWebhookCounts(done: 500))
    }

    @Test func aBigPurgeIsDoneInPieces() async throws {
        let store = try await RingSQLiteWebhookStore.open(.memory)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<2_500 {
                group.addTask { _ = try await store.save(Self.webhook("w\(index)"), isQuarantined: true) }
            }
            try await group.waitForAll()
        }
        #expect(try await store.purge(doneBefore: .distantFuture, quarantinedBefore: Self.now + 1) == 2_500)
        #expect(try await store.counts() == RingWebhookCounts())
    }
}
