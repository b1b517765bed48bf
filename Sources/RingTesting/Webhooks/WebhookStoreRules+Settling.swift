internal import RingWebhooks

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension WebhookStoreConformance {
    static let settling: [Rule] = [
        Rule("done is done, and keeps no body") { store in
            _ = try await store.save(webhook("a"), isQuarantined: false)
            _ = try await claim(store)
            try require(await store.settle(key("a"), owner: "one", as: .done, now: start), "the owner settles")
            try require(await !store.settle(key("a"), owner: "one", as: .done, now: start), "once")
            try require(await claim(store, at: 1e6).isEmpty, "it never comes again")
            try require(await store.counts() == RingWebhookCounts(done: 1), "it is counted as done")
        },
        Rule("a retry waits until its moment and remembers its reason") { store in
            _ = try await store.save(webhook("a"), isQuarantined: false)
            _ = try await claim(store)
            _ = try await store.settle(key("a"), owner: "one", as: .retry(at: start + 5, reason: "why"), now: start)
            try require(await claim(store, at: 4.9).isEmpty, "not before its moment")
            let again = try await store.claim(
                RingWebhookClaim(limit: 1, owner: "one", now: start + 5, leaseUntil: start + 9))
            try require(again.map(\.attempts) == [2] && again.first?.reason == "why", "as the second attempt")
            try require(again.first?.body == webhook("a").body, "with its body")
        },
        Rule("given back counts no attempt") { store in
            _ = try await store.save(webhook("a"), isQuarantined: false)
            _ = try await claim(store)
            _ = try await store.settle(key("a"), owner: "one", as: .givenBack, now: start)
            let again = try await store.claim(
                RingWebhookClaim(limit: 1, owner: "one", now: start, leaseUntil: start + 1))
            try require(again.map(\.attempts) == [1], "the first attempt once more")
        },
        Rule("what nobody holds cannot be settled") { store in
            _ = try await store.save(webhook("a"), isQuarantined: false)
            try require(await !store.settle(key("a"), owner: "one", as: .done, now: start), "it waits")
            try require(await !store.settle(key("b"), owner: "one", as: .done, now: start), "it does not exist")
            _ = try await claim(store)
            try require(await !store.settle(key("a"), owner: "two", as: .done, now: start), "another holds it")
        },
    ]

    static let keeping: [Rule] = [
        Rule("the quarantine can be read and released") { store in
            _ = try await store.save(webhook("a", reason: "odd"), isQuarantined: true)
            _ = try await store.save(webhook("b"), isQuarantined: false)
            try require(await claim(store) == ["b"], "what is quarantined is not claimed")
            _ = try await store.settle(key("b"), owner: "one", as: .quarantined(reason: "bad"), now: start)
            let found = try await store.quarantined(limit: 10)
            try require(found.map(\.key) == [key("a"), key("b")], "oldest first")
            try require(found.map(\.reason) == ["odd", "bad"], "with the reasons")
            try require(found.map(\.body) == [webhook("a").body, webhook("b").body], "and the bodies")
            try require(await store.quarantined(limit: 1).count == 1, "up to the limit")
            try require(await store.release(key("b"), now: start + 1), "released")
            try require(await !store.release(key("b"), now: start + 1), "once")
            try require(await !store.release(key("c"), now: start + 1), "if it exists")
            let again = try await store.claim(
                RingWebhookClaim(limit: 9, owner: "one", now: start + 1, leaseUntil: start + 2))
            try require(again.map(\.key) == [key("b")] && again.first?.attempts == 1, "with its attempts at zero")
        },
        Rule("purging forgets what is done or quarantined and old, and nothing else") { store in
            for (name, seconds) in [("old", 0.0), ("new", 100), ("running", 0), ("waiting", 0)] {
                _ = try await store.save(webhook(name, at: seconds), isQuarantined: false)
            }
            _ = try await store.save(webhook("oldQuarantined"), isQuarantined: true)
            _ = try await store.save(webhook("newQuarantined", at: 100), isQuarantined: true)
            _ = try await claim(store, 4, at: 100, lease: 1e6)
            for name in ["old", "new"] {
                _ = try await store.settle(key(name), owner: "one", as: .done, now: start + 100)
            }
            _ = try await store.settle(
                key("waiting"), owner: "one", as: .retry(at: start + 1e6, reason: "r"), now: start + 100)
            let purged = try await store.purge(doneBefore: start + 50, quarantinedBefore: start + 50)
            try require(purged == 2, "two are old, not \(purged)")
            let expected = RingWebhookCounts(waiting: 1, running: 1, done: 1, quarantined: 1)
            try require(await store.counts() == expected, "the others stay")
            try require(await store.save(webhook("old"), isQuarantined: false), "what was forgotten is new again")
            try require(await !store.save(webhook("new"), isQuarantined: false), "what was not is a duplicate")
        },
    ]
}
