import Foundation
import RingCore
import RingCrypto
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// Bodies in the storage are sealed, and nothing is lost while a key is missing.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookSealingTests {
    let working: RingWebhookWorkingTests
    let old: RingSealingKeyRing
    let new: RingSealingKeyRing

    init() throws {
        self.working = try RingWebhookWorkingTests()
        let first = try RingSealingKey(bytes: Array(repeating: 1, count: 32), id: "first")
        let second = try RingSealingKey(bytes: Array(repeating: 2, count: 32), id: "second")
        self.old = try RingSealingKeyRing(active: first)
        self.new = try RingSealingKeyRing(active: second, retired: [first])
    }

    private func store(_ keys: RingSealingKeyRing?) -> RingWebhookStore {
        RingWebhookStore(
            storage: self.working.storage, sealing: keys, environment: self.working.environment)
    }

    @Test func noBodyIsStoredInTheOpen() async throws {
        let inbox = try self.working.inbox(sealing: self.old) { _ in }
        let draft = self.working.draft("a-secret-device")
        _ = await self.working.signer.send(draft, to: inbox)
        let poison = Array("a-secret-device".utf8)
        _ = await inbox.handle(headers: self.working.signer.headers(for: poison), body: poison)
        for record in try await self.working.storage.records(
            matching: RingStorageQuery(RingStoredWebhook.collection))
        {
            #expect(!String(decoding: record.payload, as: UTF8.self).contains("secret-device\""))
            #expect(record.keys[4] == .text("first"))
        }
        #expect(try await inbox.quarantined().map(\.body) == [poison])
    }

    @Test func aSealedBodyOpensForItsOwnRecordOnly() async throws {
        let store = self.store(self.old)
        let inbox = try self.working.inbox(sealing: self.old) { _ in Issue.record("a foreign body was opened") }
        for device in ["x", "y"] {
            _ = await self.working.signer.send(self.working.draft(RingDeviceID(rawValue: device)), to: inbox)
        }
        var records = try await self.working.storage.records(matching: RingStorageQuery(RingStoredWebhook.collection))
        var (left, right) = (try RingStoredWebhook(records[0]), try RingStoredWebhook(records[1]))
        swap(&left.body, &right.body)
        records = [left.record, right.record]
        for record in records {
            var next = record
            next.version += 1
            #expect(try await self.working.storage.commit([.put(next, replacing: record.version)]))
        }
        let work = Task { await inbox.run() }
        try await self.working.advance { try await store.counts().quarantined == 2 }
        work.cancel()
        await work.value
        #expect(try await inbox.quarantined().allSatisfy { $0.body == nil && $0.reason.hasPrefix("unreadable_body") })
        #expect(self.working.observer.events(RingWebhookUnreadable.self).count == 2)
    }

    @Test(arguments: [RingWebhookInboxOptions.Ordering.none, .perDevice])
    func aWebhookWhoseKeyIsMissingWaits(ordering: RingWebhookInboxOptions.Ordering) async throws {
        let handled = Counter()
        let attempts = Mutex<[Int]>([])
        let newest = try self.working.inbox(sealing: self.new, change: { $0.ordering = ordering }) { delivery in
            attempts.withLock { $0.append(delivery.attempt) }
            handled.increment()
        }
        for _ in 0..<100 { _ = await self.working.signer.send(self.working.draft(), to: newest) }

        let opened = Counter()
        for keys in [self.old, nil] {
            let other = try self.working.inbox(sealing: keys, change: { $0.ordering = ordering }) { _ in
                opened.increment()
            }
            // Much longer than the duration of twelve attempts.
            let work = Task { await other.run() }
            await self.working.clock.advanceUntilQuiet(by: .seconds(200))
            // What this process can open is not held up by what it cannot.
            if ordering == .none {
                var draft = self.working.draft("other")
                // After all of them in the order of names.
                draft.requestID = RingRequestID(rawValue: "\(String(repeating: "z", count: 50))\(keys == nil)")
                let count = opened.value
                _ = await self.working.signer.send(draft, to: other)
                try await self.working.advance { opened.value > count }
            }
            work.cancel()
            await work.value
        }
        #expect(opened.value == (ordering == .none ? 2 : 0))
        #expect(try await newest.counts().waiting == 100)
        #expect(try await newest.counts().quarantined == 0)
        // Once an hour, not once for each webhook.
        let told = self.working.observer.events(RingWebhookKeyMissing.self).filter { $0.keyID == "second" }
        #expect((2...4).contains(told.count))

        let work = Task { await newest.run() }
        // In short steps: a lease of fifteen seconds must not end because the machine is busy.
        try await self.working.advance(by: .milliseconds(20)) { handled.value == 100 }
        work.cancel()
        await work.value
        #expect(attempts.withLock { $0.allSatisfy { $0 == 1 } })
    }

    @Test func aNewProcessWorksOnWhatAnOldOneSealedAndResealsTheQuarantine() async throws {
        let old = try self.working.inbox(sealing: self.old) { _ in }
        _ = await self.working.signer.send(self.working.draft(), to: old)
        let poison = Array("[]".utf8)
        _ = await old.handle(headers: self.working.signer.headers(for: poison), body: poison)
        let handled = Counter()
        let inbox = try self.working.inbox(sealing: self.new) { _ in handled.increment() }
        let work = Task { await inbox.run() }
        await handled.reaches(1)
        await self.working.clock.quiet()
        work.cancel()
        await work.value
        // The old key can go now.
        let last = self.store(try RingSealingKeyRing(active: self.new.active))
        #expect(try await last.quarantined(limit: 9).map(\.body) == [poison])
    }

    @Test func aListNamesWhatItCannotOpen() async throws {
        let inbox = try self.working.inbox(sealing: self.new) { _ in }
        let poison = Array("[]".utf8)
        _ = await inbox.handle(headers: self.working.signer.headers(for: poison), body: poison)
        let found = try await self.store(self.old).quarantined(limit: 9)
        #expect(found.map(\.body) == [nil])
        #expect(found.first?.reason.hasPrefix("not_an_event") == true)
    }
}
