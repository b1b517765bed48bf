internal import RingCore
internal import RingWebhooks

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension WebhookStoreConformance {
    static let start = Date(timeIntervalSince1970: 1_795_000_000)

    static func webhook(
        _ name: String, event: String = "e", lane: String? = nil, position: Int64 = 0, at seconds: Double = 0,
        reason: String? = nil
    ) -> RingStoredWebhook {
        RingStoredWebhook(
            key: key(name, event), lane: lane, position: position, body: Array("body of \(name)".utf8) + [0, 255],
            receivedAt: start + seconds, reason: reason)
    }

    static func key(_ name: String, _ event: String = "e") -> RingWebhookKey {
        RingWebhookKey(requestID: RingRequestID(rawValue: name), eventID: RingEventID(rawValue: event))
    }

    static func claim(
        _ store: any RingWebhookStore, _ limit: Int = 100, owner: String = "one", at seconds: Double = 0,
        lease: Double = 30
    ) async throws -> [String] {
        try await store.claim(
            RingWebhookClaim(
                limit: limit, owner: owner, now: start + seconds, leaseUntil: start + seconds + lease)
        ).map(\.key.requestID.rawValue)
    }

    static func require(_ condition: Bool, _ rule: String) throws {
        guard condition else { throw Violation(description: rule) }
    }

    static let saving: [Rule] = [
        Rule("a webhook is kept as it came") { store in
            let webhook = webhook("a", lane: "lane", position: 7)
            try require(await store.save(webhook, isQuarantined: false), "the first save is new")
            let claimed = try await store.claim(
                RingWebhookClaim(limit: 1, owner: "one", now: start, leaseUntil: start + 1))
            var expected = webhook
            expected.attempts = 1
            try require(claimed == [expected], "every property comes back, with one attempt more")
        },
        Rule("a repeated key is a duplicate in every state") { store in
            try require(await store.save(webhook("a"), isQuarantined: false), "new")
            try require(await !store.save(webhook("a"), isQuarantined: false), "duplicate while it waits")
            try require(await !store.save(webhook("a"), isQuarantined: true), "duplicate for the quarantine too")
            _ = try await claim(store)
            try require(await !store.save(webhook("a"), isQuarantined: false), "duplicate while it runs")
            _ = try await store.settle(key("a"), owner: "one", as: .done, now: start)
            try require(await !store.save(webhook("a"), isQuarantined: false), "duplicate when it is done")
            try require(await store.save(webhook("q"), isQuarantined: true), "new")
            try require(await !store.save(webhook("q"), isQuarantined: false), "duplicate while quarantined")
            try require(await store.counts() == RingWebhookCounts(done: 1, quarantined: 1), "no second copy")
        },
        Rule("both names count") { store in
            try require(await store.save(webhook("a", event: "1"), isQuarantined: false), "new")
            try require(await store.save(webhook("a", event: "2"), isQuarantined: false), "another event")
            try require(await store.save(webhook("b", event: "1"), isQuarantined: false), "another request")
            try require(await store.save(webhook("", event: "ab"), isQuarantined: false), "no request id")
            try require(await store.save(webhook("ab", event: ""), isQuarantined: false), "no event id")
            try require(await store.counts().waiting == 5, "five keys")
            try require(await store.backlog() == 5, "and a backlog of five")
        },
        Rule("of concurrent saves of one key exactly one is new") { store in
            let new = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<64 {
                    group.addTask { try await store.save(webhook("a\(index % 4)"), isQuarantined: false) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try require(new == 4, "four keys were saved, \(new) were called new")
        },
    ]

    static let claiming: [Rule] = [
        Rule("webhooks are claimed once, oldest first, up to the limit") { store in
            for name in ["a", "b", "c"] { _ = try await store.save(webhook(name), isQuarantined: false) }
            try require(await claim(store, 2) == ["a", "b"], "the first two")
            try require(await claim(store, 2, owner: "two") == ["c"], "what is left")
            try require(await claim(store).isEmpty, "nothing is claimed twice")
            try require(await claim(store, 0).isEmpty, "no limit below one claims")
        },
        Rule("concurrent claims share nothing") { store in
            for index in 0..<100 { _ = try await store.save(webhook("w\(index)"), isQuarantined: false) }
            let names = try await withThrowingTaskGroup(of: [String].self) { group in
                for index in 0..<10 { group.addTask { try await claim(store, 10, owner: "o\(index)") } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try require(names.count == 100 && Set(names).count == 100, "each exactly once, not \(names.count)")
        },
        Rule("a lease that ended is claimed by another, with one attempt more") { store in
            _ = try await store.save(webhook("a"), isQuarantined: false)
            _ = try await claim(store, lease: 30)
            try require(await claim(store, owner: "two", at: 29).isEmpty, "not before the end")
            let again = try await store.claim(
                RingWebhookClaim(limit: 1, owner: "two", now: start + 30, leaseUntil: start + 60))
            try require(again.map(\.attempts) == [2], "at the end, as the second attempt")
            let late = try await store.settle(key("a"), owner: "one", as: .done, now: start + 31)
            try require(!late, "the old owner may not settle any more")
            try require(await store.counts().running == 1, "and changed nothing")
        },
        Rule("an extended lease keeps others away") { store in
            _ = try await store.save(webhook("a"), isQuarantined: false)
            _ = try await claim(store, lease: 30)
            let kept = try await store.extend([key("a"), key("b")], owner: "one", until: start + 60)
            try require(kept == [key("a")], "what is held is extended, what is not is not")
            try require(await claim(store, owner: "two", at: 59).isEmpty, "the new end counts")
            try require(
                await store.extend([key("a")], owner: "two", until: start + 90).isEmpty, "only the owner extends")
            try require(await claim(store, owner: "two", at: 60) == ["a"], "and then it is free")
        },
        Rule("leases can be given up at once") { store in
            for name in ["a", "b"] { _ = try await store.save(webhook(name), isQuarantined: false) }
            _ = try await claim(store, 1, owner: "one")
            _ = try await claim(store, 1, owner: "two")
            try await store.giveUpLeases(of: "one", now: start + 1)
            try require(await claim(store, owner: "three", at: 1) == ["a"], "those of one owner alone")
        },
    ]

    static let lanes: [Rule] = [
        Rule("a lane is worked on one after the other, by position") { store in
            _ = try await store.save(webhook("late", lane: "x", position: 2), isQuarantined: false)
            _ = try await store.save(webhook("early", lane: "x", position: 1), isQuarantined: false)
            _ = try await store.save(webhook("other", lane: "y", position: 9), isQuarantined: false)
            _ = try await store.save(webhook("free"), isQuarantined: false)
            try require(await Set(claim(store)) == ["early", "other", "free"], "the first of each lane, and the free")
            try require(await claim(store).isEmpty, "the lane is busy")
            _ = try await store.settle(key("early"), owner: "one", as: .done, now: start)
            try require(await claim(store) == ["late"], "then the next")
        },
        Rule("a lane waits for the retry of its first") { store in
            _ = try await store.save(webhook("first", lane: "x", position: 1), isQuarantined: false)
            _ = try await store.save(webhook("second", lane: "x", position: 2), isQuarantined: false)
            _ = try await claim(store)
            _ = try await store.settle(
                key("first"), owner: "one", as: .retry(at: start + 10, reason: "r"), now: start)
            try require(await claim(store, at: 9).isEmpty, "nothing of the lane before")
            try require(await claim(store, at: 10) == ["first"], "then its first")
            _ = try await store.settle(key("first"), owner: "one", as: .quarantined(reason: "r"), now: start + 10)
            try require(await claim(store, at: 10) == ["second"], "a quarantined one does not hold up its lane")
        },
        Rule("equal positions keep the order of arrival") { store in
            for name in ["c", "a", "b"] {
                _ = try await store.save(webhook(name, lane: "x", position: 5), isQuarantined: false)
            }
            var order: [String] = []
            while let next = try await claim(store).first {
                order.append(next)
                _ = try await store.settle(key(next), owner: "one", as: .done, now: start)
            }
            try require(order == ["c", "a", "b"], "the order of arrival, not \(order)")
        },
    ]
}
