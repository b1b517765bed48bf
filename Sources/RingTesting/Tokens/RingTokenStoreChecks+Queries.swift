internal import RingCore
internal import RingOAuth

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingTokenStoreChecks {
    private static func expect(
        _ query: RingTokenQuery, limit: Int? = nil, gives names: [String], _ store: any RingTokenStore
    ) async throws {
        let found = try await store.accounts(query, limit: limit).map(\.rawValue)
        try Self.expect(found == names, "\(query) gives \(names), not \(found)")
    }

    static let queries: [Check] = [
        Check("all accounts come in the order of their bytes, in pages") { store in
            for name in ["b", "a", "Z", "ä", "aa", "removed"] {
                try await Self.put(Self.record(name, stage: name == "removed" ? .removed : .linked), store)
            }
            try await Self.expect(.all(after: nil), gives: ["Z", "a", "aa", "b", "removed", "ä"], store)
            try await Self.expect(.all(after: "a"), limit: 2, gives: ["aa", "b"], store)
            try await Self.expect(.all(after: "ä"), gives: [], store)
        },
        Check("what is due for a refresh comes longest due first") { store in
            for (name, due) in [("late", 10.0), ("later", 20), ("first", 5), ("never", -1), ("dead", 1), ("gone", 1)] {
                var record = Self.record(name, stage: name == "gone" ? .removed : .linked)
                record.condition = name == "dead" ? .relinkRequired : name == "first" ? .uncertain : .current
                record.refreshDueAt = due < 0 ? nil : Self.now + due
                try await Self.put(record, store)
            }
            try await Self.expect(.refreshDue(by: Self.now + 4), gives: [], store)
            try await Self.expect(.refreshDue(by: Self.now + 10), gives: ["first", "late"], store)
            try await Self.expect(.refreshDue(by: Self.now + 99), gives: ["first", "late", "later"], store)
            try await Self.expect(.refreshDue(by: Self.now + 99), limit: 1, gives: ["first"], store)
        },
        Check("the unclaimed pool is young, what was abandoned is old") { store in
            for (name, stage, age) in [
                ("young", RingLinkStage.unclaimed, 0.0), ("edge", .unclaimed, -900), ("old", .unclaimed, -901),
                ("mine", .claimed, -9_999), ("done", .linked, -901), ("again", .linked, -60), ("gone", .removed, 0),
                ("strange", .unidentified, -901), ("fresh", .unidentified, 0),
            ] {
                var record = Self.record(name, stage: stage)
                record.exchangedAt = Self.now + age
                try await Self.put(record, store)
            }
            try await Self.expect(.pool(since: Self.now - 900), gives: ["again", "edge", "mine", "young"], store)
            try await Self.expect(.abandoned(.unclaimed, before: Self.now - 900), gives: ["old"], store)
            try await Self.expect(.abandoned(.unidentified, before: Self.now - 900), gives: ["strange"], store)
            try await Self.expect(.unidentified, gives: ["fresh", "strange"], store)
        },
        Check("a principal's accounts and a seed's account are found") { store in
            var mine = Self.record("mine", stage: .claimed)
            mine.link = RingLinkProgress(
                principal: RingPrincipal(rawValue: "user-1"), nonce: "", time: "", accountIdentifier: nil)
            var seeded = Self.record("seeded")
            seeded.seed = "fingerprint"
            for record in [mine, seeded, Self.record("other")] { try await Self.put(record, store) }
            try await Self.expect(.principal(RingPrincipal(rawValue: "user-1")), gives: ["mine"], store)
            try await Self.expect(.principal(RingPrincipal(rawValue: "user-2")), gives: [], store)
            try await Self.expect(.seed("fingerprint"), gives: ["seeded"], store)
            try await Self.expect(.seed("other"), gives: [], store)
            // A changed record is found by what it is now.
            var freed = mine
            freed.link = nil
            freed.stage = .unclaimed
            freed.version += 1
            try Self.expect(try await store.commit([.put(freed, replacing: mine.version)]), "the change is taken")
            try await Self.expect(.principal(RingPrincipal(rawValue: "user-1")), gives: [], store)
            try await Self.expect(.pool(since: Self.now), gives: ["mine", "other", "seeded"], store)
        },
    ]
}
