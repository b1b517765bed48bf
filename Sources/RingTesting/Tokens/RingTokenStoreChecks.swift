internal import RingCore
internal import RingOAuth

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The checks of ``RingTokenStoreConformance``.
enum RingTokenStoreChecks {
    typealias Check = RingTokenStoreConformance.Check

    /// A moment with microseconds, which every store must keep.
    static let now = Date(timeIntervalSince1970: 1_795_000_000.123_456)

    static func record(_ account: String, stage: RingLinkStage = .linked) -> RingTokenRecord {
        var record = RingTokenRecord(
            accountID: RingAccountID(rawValue: account), stage: stage,
            tokens: OAuthTokens(
                accessToken: RingAccessToken("access \u{0} ü \(account)"), accessExpiresAt: Self.now + 14_400,
                refreshToken: OAuthRefreshToken("refresh \(account)"), refreshExpiresAt: Self.now + 2_592_000,
                issuedAt: Self.now, scope: "ava.v1:read other"), now: Self.now)
        record.refreshDueAt = Self.now + 86_400
        return record
    }

    static func expect(_ isTrue: Bool, _ message: String) throws {
        guard isTrue else { throw RingTokenStoreConformance.Violation(description: message) }
    }

    static func put(_ record: RingTokenRecord, _ store: any RingTokenStore) async throws {
        try Self.expect(try await store.commit([.put(record, replacing: nil)]), "a new record is taken")
    }

    static let records: [Check] = [
        Check("a record comes back as it was written") { store in
            var full = Self.record("account/with ü and 'quotes'")
            full.condition = .uncertain
            full.generation = 7
            full.fence = 9
            full.attempt = RingRefreshAttempt(
                holder: "me", fence: 9, startedAt: Self.now, expiresAt: Self.now + 60)
            full.link = RingLinkProgress(
                principal: RingPrincipal(rawValue: "user-1"), nonce: "n", time: "1795000000123",
                accountIdentifier: "r***e", step: .confirming, worker: "w", workerExpiresAt: Self.now + 30)
            full.seed = "fingerprint"
            full.linkedAt = Self.now + 1
            full.warnedDays = 5
            try await Self.put(full, store)
            let bare = RingTokenRecord(
                accountID: "bare", stage: .removed, tokens: nil, now: Self.now, condition: .relinkRequired)
            try await Self.put(bare, store)
            for record in [full, bare] {
                guard let found = try await store.record(for: record.accountID) else {
                    throw RingTokenStoreConformance.Violation(description: "a written record is found")
                }
                try Self.expect(Self.facts(found) == Self.facts(record), "every field survives: \(Self.facts(found))")
            }
        },
        Check("an unknown account has no record") { store in
            let found = try await store.record(for: "nobody")
            try Self.expect(found == nil, "nothing is found")
        },
        Check("a write needs the stored version") { store in
            var record = Self.record("a")
            try await Self.put(record, store)
            try Self.expect(!(try await store.commit([.put(record, replacing: nil)])), "a second insert is refused")
            let first = record.version
            record.version += 1
            try Self.expect(try await store.commit([.put(record, replacing: first)]), "the right version is taken")
            record.version += 1
            try Self.expect(!(try await store.commit([.put(record, replacing: first)])), "the old version is refused")
            let other = Self.record("missing")
            try Self.expect(!(try await store.commit([.put(other, replacing: 1)])), "no version of nothing")
            try Self.expect(!(try await store.commit([.delete("a", version: first)])), "nor may it delete")
            try Self.expect(try await store.commit([.delete("a", version: first + 1)]), "the right one may")
            let found = try await store.record(for: "a")
            try Self.expect(found == nil, "deleted is gone")
        },
        Check("several changes are all written, or none") { store in
            let (first, second) = (Self.record("a"), Self.record("b"))
            try await Self.put(first, store)
            var changed = first
            changed.version += 1
            changed.generation += 1
            let isTaken = try await store.commit([
                .put(changed, replacing: first.version), .put(second, replacing: 5),
            ])
            try Self.expect(!isTaken, "one broken precondition refuses all")
            let kept = try await store.record(for: "a")
            try Self.expect(kept?.generation == first.generation, "and changes nothing")
            let isMoved = try await store.commit([
                .delete("a", version: first.version), .put(second, replacing: nil),
            ])
            try Self.expect(isMoved, "a move is one commit")
            let (gone, come) = (try await store.record(for: "a"), try await store.record(for: "b"))
            try Self.expect(gone == nil && come != nil, "with both ends of it")
        },
        Check("of many writers of one version, one wins") { store in
            let record = Self.record("a")
            try await Self.put(record, store)
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<32 {
                    group.addTask {
                        var mine = record
                        mine.version += 1
                        mine.generation = Int64(number)
                        return try await store.commit([.put(mine, replacing: record.version)])
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            try Self.expect(winners == 1, "one of 32 wins, not \(winners)")
        },
    ]

    /// Every field as text, secrets included: these are a test's own.
    private static func facts(_ record: RingTokenRecord) -> [String] {
        let tokens = record.tokens.map { tokens in
            [
                tokens.accessToken?.revealed ?? "nil", tokens.refreshToken?.revealed ?? "nil", tokens.scope.rawValue,
                Self.text(tokens.accessExpiresAt), Self.text(tokens.refreshExpiresAt), Self.text(tokens.issuedAt),
            ]
        }
        let link = record.link.map { link in
            [
                link.principal.rawValue, link.nonce, link.time, link.accountIdentifier ?? "nil", link.step.rawValue,
                link.worker ?? "nil", Self.text(link.workerExpiresAt),
            ]
        }
        let attempt = record.attempt.map {
            [$0.holder, "\($0.fence)", Self.text($0.startedAt), Self.text($0.expiresAt)]
        }
        return [
            record.accountID.rawValue, "\(record.version)", record.stage.rawValue, record.condition.rawValue,
            "\(record.generation)", "\(record.fence)", record.seed ?? "nil", Self.text(record.exchangedAt),
            record.linkedAt.map(Self.text) ?? "nil", record.refreshDueAt.map(Self.text) ?? "nil",
            record.warnedDays.map(String.init) ?? "nil",
        ] + (tokens ?? ["no tokens"]) + (link ?? ["no link"]) + (attempt ?? ["no attempt"])
    }

    /// Microseconds: what a store keeps of a date.
    private static func text(_ date: Date) -> String { "\(Int64((date.timeIntervalSince1970 * 1e6).rounded()))" }
}
