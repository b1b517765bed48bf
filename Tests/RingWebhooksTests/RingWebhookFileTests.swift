import Foundation
import RingCore
import RingCrypto
import RingSQLite
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// The inbox on a file, with the machine's own clock.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookFileTests {
    private func withFile(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/ring-inbox-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder + "/ring.sqlite")
    }

    /// How often each webhook was worked on.
    private final class Runs: Sendable {
        private let state = Mutex<[RingWebhookKey: Int]>([:])
        var counts: [RingWebhookKey: Int] { self.state.withLock { $0 } }
        func note(_ key: RingWebhookKey) { self.state.withLock { $0[key, default: 0] += 1 } }
    }

    private func webhook(_ name: String, lane: String?, position: Int64 = 0) -> RingStoredWebhook {
        RingStoredWebhook(
            key: RingWebhookKey(requestID: RingRequestID(rawValue: name), eventID: "e"), lane: lane,
            position: position, receivedAt: Date(), body: Array(name.utf8))
    }

    private func take(_ store: RingWebhookStore, _ limit: Int = 100) async throws -> [RingWebhookClaim] {
        var claims: [RingWebhookClaim] = []
        for inLanes in [false, true] {
            let candidates = try await store.candidates(
                inLanes: inLanes, due: 0...Date().storageMicroseconds, limit: limit, excluding: [], for: .seconds(15))
            for candidate in candidates {
                let take = try await store.take(
                    candidate, for: .seconds(15), maximumDelay: .seconds(60), quarantineEnd: .max)
                if case .taken(let claim) = take { claims.append(claim) }
            }
        }
        return claims
    }

    @Test(arguments: [nil, "lane"] as [String?])
    func saversAndWorkersOfOneFileLoseNothingAndShareNothing(lane: String?) async throws {
        try await self.withFile { path in
            var opened: [RingWebhookStore] = []
            for _ in 0..<3 {
                opened.append(
                    RingWebhookStore(
                        storage: try await RingSQLiteDatabase.open(.file(path)), sealing: nil, environment: .init()))
            }
            let stores = opened
            let seen = Runs()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, store) in stores.enumerated() {
                    group.addTask {
                        for number in 0..<40 {
                            _ = try await store.save(
                                self.webhook("\(index)-\(number)", lane: lane, position: Int64(number)))
                        }
                    }
                    group.addTask {
                        while try await store.counts().done < 120 {
                            for claim in try await self.take(store) {
                                seen.note(claim.webhook.key)
                                #expect(try await store.settle(claim, as: .done, expires: 1))
                            }
                            await Task.yield()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(seen.counts.count == 120 && seen.counts.values.allSatisfy { $0 == 1 })
            #expect(try await stores[0].counts() == RingWebhookCounts(done: 120))
            #expect(try await stores[0].purge(keepingDone: .seconds(60), quarantined: .seconds(60)) == 120)
            #expect(try await stores[0].counts() == RingWebhookCounts())
        }
    }

    @Test func whatAClosedProcessHeldIsFreeAtOnce() async throws {
        try await self.withFile { path in
            let (first, second) = (
                try await RingSQLiteDatabase.open(.file(path)), try await RingSQLiteDatabase.open(.file(path))
            )
            let (one, two) = (
                RingWebhookStore(storage: first, sealing: nil, environment: .init()),
                RingWebhookStore(storage: second, sealing: nil, environment: .init())
            )
            for lane in [nil, "lane"] as [String?] {
                _ = try await one.save(self.webhook(lane ?? "none", lane: lane))
            }
            let held = try await self.take(one)
            #expect(held.count == 2)
            #expect(try await self.take(two).isEmpty)
            #expect(try await two.counts() == RingWebhookCounts(running: 2))
            await first.close()
            #expect(try await self.take(two).map(\.webhook.attempts) == [2, 2])
        }
    }

    @Test(arguments: [RingWebhookInboxOptions.Ordering.none, .perDevice], [false, true])
    func everyEventIsHandledOnce(ordering: RingWebhookInboxOptions.Ordering, isSealed: Bool) async throws {
        try await self.withFile { path in
            let storage = try await RingSQLiteDatabase.open(.file(path))
            let signer = try WebhookSigner()
            let keys = try RingSealingKeyRing(
                active: RingSealingKey(bytes: Array(repeating: 1, count: 32), id: "key"))
            var options = RingWebhookInboxOptions()
            options.ordering = ordering
            let seen = Runs()
            let handled = Counter()
            let inbox = RingWebhookInbox(
                verifier: try RingWebhookVerifier(keys: [signer.key]), storage: storage,
                sealing: isSealed ? keys : nil, options: options
            ) { delivery in
                seen.note(delivery.key)
                handled.increment()
            }
            let work = Task { await inbox.run() }
            await withTaskGroup { group in
                for index in 0..<200 {
                    group.addTask {
                        let draft = RingWebhookDraft(
                            kind: .motionDetected, account: "a", device: RingDeviceID(rawValue: "d\(index % 5)"),
                            occurredAt: Date())
                        #expect(await signer.send(draft, to: inbox).outcome == .accepted)
                    }
                }
            }
            await handled.reaches(200)
            work.cancel()
            await work.value
            #expect(seen.counts.count == 200 && seen.counts.values.allSatisfy { $0 == 1 })
            #expect(try await inbox.counts() == RingWebhookCounts(done: 200))
            await storage.close()
        }
    }
}
