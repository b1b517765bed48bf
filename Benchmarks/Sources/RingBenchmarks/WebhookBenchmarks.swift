import Foundation
import RingCore
import RingCrypto
import RingPostgres
import RingSQLite
import RingWebhooks

extension Benchmark {
    /// One motion webhook of 0.7 KB from the raw bytes to the typed event, beside its parts and Foundation.
    static let webhookDecode = Benchmark(
        name: "webhook.verify-decode", unit: "event", sizes: [1],
        contenders: { _ in
            let body = WebhookDocument.body(0)
            let key = try RingHMACKey("a key for measuring")
            let verifier = try RingWebhookVerifier(keys: [key])
            let header = RingWebhookSignature(signing: body, key: key).headerValue
            let data = Data(body)
            return [
                Contender("verify and decode") {
                    try verifier.verify(body: body, signature: header)
                    return try RingWebhookEvent(decoding: body).componentIDs.count
                },
                Contender("sign alone") { RingWebhookSignature(signing: body, key: key).hashValue & 1 },
                Contender("verify alone") { try verifier.verify(body: body, signature: header).keyIndex },
                Contender("decode alone") { try RingWebhookEvent(decoding: body).componentIDs.count },
                Contender("verify, then JSONDecoder") {
                    try verifier.verify(body: body, signature: header)
                    return try JSONDecoder().decode(PlainWebhook.self, from: data).data.attributes.component_ids?.count
                        ?? 0
                },
            ]
        },
        goals: [.atMost(microsecondsAUnit: 2.5), .atLeast(4, timesAsFastAs: "verify, then JSONDecoder")])

    /// Distinct events from the raw bytes through verification, the file on the disk, a handler, and its settlement.
    static let webhookInbox = Benchmark(
        name: "webhook.inbox", unit: "event", measures: .wallTime, sizes: [500, 2_000],
        contenders: { size in
            let keys = try RingSealingKeyRing(active: .generate())
            return [
                Contender("SQLite, durable, 64 at once") { try await InboxRun(isDurable: true).events(size) },
                Contender("SQLite, durable, sealed, 64 at once") {
                    try await InboxRun(isDurable: true, sealing: keys).events(size)
                },
                Contender("memory, 64 at once") { try await InboxRun(isDurable: false).events(size) },
            ]
        },
        // 2,000 durable events a second.
        goals: [.atMost(microsecondsAUnit: 500)])

    /// The same on PostgreSQL, beside SQLite. `RING_BENCHMARK_POSTGRES=postgres://…` names a server; nothing is started here, and
    /// without one nothing is measured.
    static let postgresInbox = Benchmark(
        name: "storage.inbox", unit: "event", measures: .wallTime, sizes: [500, 2_000, 5_000],
        contenders: { size in
            guard let url = ProcessInfo.processInfo.environment["RING_BENCHMARK_POSTGRES"] else { return [] }
            var options = RingPostgresOptions()
            options.schema = "bench_\(UInt32.random(in: 0 ... .max))"
            let storage = try await RingPostgresDatabase.open(url, options: options)
            return [
                Contender("PostgreSQL, durable, 64 at once") {
                    try await InboxRun(isDurable: true, storage: storage).events(size)
                },
                Contender("SQLite, durable, 64 at once") { try await InboxRun(isDurable: true).events(size) },
            ]
        },
        // 5,000 durable events a second.
        goals: [.atMost(microsecondsAUnit: 200)])

    /// A nonce against a pool of unclaimed accounts, the match last.
    static let nonceSearch = Benchmark(
        name: "nonce.search", unit: "account", sizes: [1_000, 10_000, 100_000],
        contenders: { size in
            let key = try RingHMACKey("a key for measuring")
            let pool = (0..<size).map { "ava1.ring.account.POOL\(1_000_000 + $0)" }
            let time = "1795000000123"
            let nonce = RingLinkNonce.compute(time: time, accountID: pool[size - 1], key: key)
            let search = try RingLinkNonceSearch(nonce: nonce, time: time, keys: [key])
            return [
                Contender("RingLinkNonceSearch") { search.firstMatch(in: pool)?.accountIndex ?? 0 },
                // As on a processor without instructions for SHA-256.
                Contender("RingLinkNonceSearch, without pairs") {
                    var found = 0
                    for (index, account) in pool.enumerated() where search.keyIndex(matching: account) != nil {
                        found = index
                    }
                    return found
                },
                Contender("one nonce after the other") {
                    pool.firstIndex {
                        RingConstantTime.areEqual(RingLinkNonce.compute(time: time, accountID: $0, key: key), nonce)
                    } ?? 0
                },
            ]
        },
        // 20 ms for 100,000 accounts.
        goals: [.atMost(microsecondsAUnit: 0.2)])
}

/// A webhook as Ring sends it for a multi-camera device: 0.7 KB with an identifier of live length.
private enum WebhookDocument {
    static func body(_ number: Int) -> [UInt8] {
        let device = "ava1.ring.device.DEVICEIDENTIFIEROFABOUTTHELENGTHTHATISSEENLIVE\(1_000 + number % 100)"
        var draft = RingWebhookDraft(
            kind: .motionDetected, account: RingAccountID(rawValue: "ava1.ring.account.ACCOUNT\(number % 10)"),
            device: RingDeviceID(rawValue: device), subType: .human, occurredAt: Date())
        draft.componentIDs = ["1"]
        return draft.body
    }
}

/// What a client of Codable would write.
private struct PlainWebhook: Decodable {
    struct Meta: Decodable { var version, time, request_id: String, account_id: String? }
    struct Attributes: Decodable {
        var source: String?, source_type: String?, timestamp: Int64?, sub_type: String?, component_ids: [String]?
    }
    struct Payload: Decodable { var id, type: String, attributes: Attributes }
    var meta: Meta
    var data: Payload
}

/// One inbox from its opening to the settlement of every event.
private struct InboxRun {
    var isDurable: Bool
    var sealing: RingSealingKeyRing?
    var storage: (any RingStorage)?

    func events(_ count: Int) async throws -> Int {
        let path = FileManager.default.temporaryDirectory.path + "/ring-benchmark-\(UUID().uuidString).sqlite"
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let storage: any RingStorage =
            if let storage { storage } else if self.isDurable {
                try await RingSQLiteDatabase.open(.file(path))
            } else {
                RingMemoryStorage()
            }
        let key = try RingHMACKey("a key for measuring")
        var options = RingWebhookInboxOptions()
        options.concurrency = 64
        let (handled, note) = AsyncStream.makeStream(of: Void.self)
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [key]), storage: storage, sealing: self.sealing, options: options
        ) { _ in note.yield() }
        let work = Task { await inbox.run() }
        let accepted = await withTaskGroup(of: Int.self) { group in
            for lane in 0..<64 {
                group.addTask {
                    var accepted = 0
                    for number in stride(from: lane, to: count, by: 64) {
                        let body = WebhookDocument.body(number)
                        let headers: RingHTTPFields = [
                            "Content-Type": "application/json",
                            "X-Signature": RingWebhookSignature(signing: body, key: key).headerValue,
                        ]
                        if await inbox.handle(headers: headers, body: body).outcome == .accepted { accepted += 1 }
                    }
                    return accepted
                }
            }
            return await group.reduce(0, +)
        }
        var iterator = handled.makeAsyncIterator()
        for _ in 0..<accepted { await iterator.next() }
        work.cancel()
        await work.value
        guard accepted == count else { throw CocoaError(.coderInvalidValue) }
        return accepted
    }
}
