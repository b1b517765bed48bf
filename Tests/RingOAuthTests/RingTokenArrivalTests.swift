import Foundation
import RingCore
import RingOAuth
import RingTesting
import Testing

@Suite struct RingTokenArrivalTests {
    private func grant(_ bench: KeeperBench, _ name: String) -> OAuthGrant {
        let now = bench.clock.now()
        bench.endpoint.allow(refreshToken: "refresh-\(name)")
        return OAuthGrant(
            accessToken: RingAccessToken("access-\(name)"), refreshToken: OAuthRefreshToken("refresh-\(name)"),
            accessExpiresAt: now + 14_400, scope: "ava.v1:read", issuedAt: now)
    }

    @Test func tokensAreStoredBeforeTheirAccountIsKnown() async throws {
        let bench = try KeeperBench()
        let provisional = try await bench.keeper.accept(self.grant(bench, "1"))
        #expect(!RingTokenKeeper.isIdentified(provisional))
        #expect(try await bench.state(provisional) == .unidentified)
        #expect(try await bench.token(provisional) == "access-1")
        let status = try await bench.keeper.identify(provisional, as: "a")
        #expect(status.state == .unclaimed)
        // The provisional id leads to the account.
        #expect(try await bench.keeper.status(of: provisional).accountID == "a")
        #expect(try await bench.token(provisional) == "access-1")
        #expect(try await bench.token("a") == "access-1")
        #expect(try await bench.keeper.statuses().map(\.accountID) == ["a"])
        // Another process that was doing the same finds it done.
        #expect(try await bench.keeper.identify(provisional, as: "a").state == .unclaimed)
    }

    @Test(arguments: [RingLinkStage.unclaimed, .claimed, .linked])
    func aSecondExchangeReplacesTheTokensAndKeepsTheLink(stage: RingLinkStage) async throws {
        let bench = try KeeperBench()
        try await bench.keeper.identify(try await bench.keeper.accept(self.grant(bench, "1")), as: "a")
        var record = try #require(try await bench.store.record(for: "a"))
        let version = record.version
        record.stage = stage
        record.condition = .relinkRequired
        record.link = RingLinkProgress(
            principal: RingPrincipal(rawValue: "u"), nonce: "n", time: "1", accountIdentifier: nil)
        record.version += 1
        #expect(try await bench.store.commit([.put(record, replacing: version)]))
        #expect(try await bench.token("a") == "access-1")

        bench.clock.advance(by: .seconds(600))
        try await bench.keeper.identify(try await bench.keeper.accept(self.grant(bench, "2")), as: "a")
        let found = try #require(try await bench.store.record(for: "a"))
        #expect(found.stage == stage)
        #expect(found.condition == .current)
        #expect(found.link?.principal.rawValue == "u")
        #expect(found.exchangedAt == bench.clock.now())
        #expect(try await bench.token("a") == "access-2")
    }

    @Test func aRemovedAccountBeginsAnew() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        try await bench.keeper.remove("a")
        #expect(await bench.code { _ = try await bench.token("a") } == .accountRemoved)
        bench.clock.advance(by: .seconds(60))
        try await bench.keeper.identify(try await bench.keeper.accept(self.grant(bench, "2")), as: "a")
        #expect(try await bench.state("a") == .unclaimed)
        #expect(try await bench.token("a") == "access-2")
        // The webhook about the first link arrives an hour late: the second link stays.
        #expect(try await bench.keeper.remove("a", at: bench.clock.now() - 30) == false)
        #expect(try await bench.token("a") == "access-2")
        #expect(try await bench.keeper.remove("a", at: bench.clock.now() + 30))
        try await bench.keeper.erase("a")
        #expect(try await bench.state("a") == nil)
    }

    @Test func aStaleSeedNeverOverwritesItsRotatedPair() async throws {
        let bench = try KeeperBench()
        bench.endpoint.allow(refreshToken: "seed-1")
        let first = try await bench.keeper.seed(OAuthRefreshToken("seed-1"))
        #expect(try await bench.token(first) == "access-1")
        try await bench.keeper.identify(first, as: "a")
        #expect(try await bench.keeper.seed(OAuthRefreshToken("seed-1")) == "a")
        #expect(try await bench.token("a") == "access-1")
        #expect(bench.endpoint.forms.count == 1)

        // A different seed replaces the account's pair; the old one no longer stands for it.
        bench.endpoint.allow(refreshToken: "seed-2")
        let second = try await bench.keeper.seed(OAuthRefreshToken("seed-2"))
        #expect(!RingTokenKeeper.isIdentified(second))
        #expect(try await bench.token(second) == "access-2")
        try await bench.keeper.identify(second, as: "a")
        #expect(try await bench.keeper.seed(OAuthRefreshToken("seed-2")) == "a")
        #expect(try await bench.token("a") == "access-2")
        #expect(try await bench.keeper.statuses().map(\.accountID) == ["a"])
    }

    @Test func aSeedIsNotStoredInTheClearWhereItIsCompared() async throws {
        let bench = try KeeperBench()
        let account = try await bench.keeper.seed(OAuthRefreshToken("seed-1"))
        let record = try #require(try await bench.store.record(for: account))
        #expect(record.seed?.contains("seed-1") == false)
        #expect(!account.rawValue.contains("seed-1"))
    }

    @Test func severalProcessesSeedOnce() async throws {
        let bench = try KeeperBench()
        let accounts = try await withThrowingTaskGroup(of: RingAccountID.self) { group in
            for _ in 0..<16 {
                let other = try bench.other()
                group.addTask { try await other.keeper.seed(OAuthRefreshToken("seed-1")) }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(accounts.count == 1)
    }

    @Test func identifyingWaitsForARefreshUnderWay() async throws {
        let bench = try KeeperBench(clock: ManualClock(autoAdvance: true))
        let provisional = try await bench.keeper.accept(self.grant(bench, "1"))
        let record = try #require(try await bench.store.record(for: provisional))
        guard case .begun(let begun) = record.beginningRefresh(now: bench.clock.now()) else {
            throw CancellationError()
        }
        let lease = RingLeaseChange.take(token: 77, for: .seconds(15))
        #expect(try await bench.store.commit([.put(begun, replacing: record.version, lease: lease)]))
        let started = bench.clock.now()
        // Its holder is dead: after the lease the pair is taken over, and said to be uncertain.
        #expect(try await bench.keeper.identify(provisional, as: "a").state == .uncertain)
        #expect(bench.clock.now() >= started + 15)
    }

    @Test func anUnclaimedAccountIsDeletedAfterFifteenMinutes() async throws {
        let bench = try KeeperBench()
        try await bench.link("linked")
        try await bench.keeper.identify(try await bench.keeper.accept(self.grant(bench, "1")), as: "a")
        let stray = try await bench.keeper.accept(self.grant(bench, "2"))
        #expect(try await bench.keeper.purge() == 0)
        bench.clock.advance(by: .seconds(899))
        #expect(try await bench.keeper.purge() == 0)
        bench.clock.advance(by: .seconds(1))
        #expect(try await bench.keeper.purge() == 1)
        #expect(try await bench.state("a") == nil)
        #expect(try await bench.state(stray) == .unidentified)
        bench.clock.advance(by: .seconds(30 * 86_400))
        // `users/me` was not requested for them: they stay.
        #expect(try await bench.keeper.purge() == 0)
        try await bench.keeper.noteIdentifyFailure(stray)
        #expect(try await bench.keeper.purge() == 1)
        #expect(try await bench.state("linked") == .linked)
    }
}
