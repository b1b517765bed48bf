import Foundation
import RingCore
import RingOAuth
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(2))) struct RingIdleKeeperTests {
    @Test func refreshesEveryAccountOnceADayWithJitter() async throws {
        let bench = try KeeperBench(policy: RingTokenPolicy())
        for number in 0..<50 { try await bench.link(RingAccountID(rawValue: "a\(number)")) }
        let idle = RingIdleKeeper(keeper: bench.keeper)
        #expect(try await idle.sweep().refreshed.isEmpty)
        bench.clock.advance(by: .seconds(86_400))
        #expect(try await idle.sweep().refreshed.count == 50)
        #expect(try await idle.sweep().refreshed.isEmpty)
        var dueDates: Set<Date> = []
        for number in 0..<50 {
            let due = try #require(
                try await bench.store.record(for: RingAccountID(rawValue: "a\(number)"))?.refreshDueAt)
            let hours = due.timeIntervalSince(bench.clock.now()) / 3_600
            #expect((19.1...24).contains(hours))
            dueDates.insert(due)
        }
        #expect(dueDates.count > 40)
    }

    @Test func twoSweepersUseOneTokenOnce() async throws {
        let bench = try KeeperBench(endpoint: StubTokenEndpoint { for _ in 0..<50 { await Task.yield() } })
        for number in 0..<20 { try await bench.link(RingAccountID(rawValue: "a\(number)")) }
        bench.clock.advance(by: .seconds(86_400))
        let other = try bench.other()
        let ticking = Task {
            while !Task.isCancelled {
                bench.clock.advance(by: .milliseconds(10))
                await Task.yield()
            }
        }
        defer { ticking.cancel() }
        async let first = RingIdleKeeper(keeper: bench.keeper).sweep()
        async let second = RingIdleKeeper(keeper: other.keeper).sweep()
        #expect(try await first.failed.isEmpty)
        #expect(try await second.failed.isEmpty)
        #expect(bench.endpoint.forms.count == 20)
    }

    /// Fault of the first release: eight accounts that fail for ever kept all others from being refreshed.
    @Test func accountsThatFailForEverDoNotKeepTheOthersFromBeingRefreshed() async throws {
        let failing = (0..<12).map { RingAccountID(rawValue: "a\($0)") }
        let healthy = (0..<30).map { RingAccountID(rawValue: "b\($0)") }
        let bench = try KeeperBench(endpoint: StubTokenEndpoint(refused: Set(failing.map { "first-\($0)" })))
        for account in failing + healthy { try await bench.link(account) }
        let idle = RingIdleKeeper(keeper: bench.keeper)
        for _ in 0..<(31 * 144) {
            bench.clock.advance(by: .seconds(600))
            _ = try await idle.sweep()
        }
        for account in healthy {
            let record = try #require(try await bench.store.record(for: account))
            #expect(record.state == .linked)
            #expect(record.generation > 25, "\(account) was refreshed about once a day")
        }
        // A failing account costs a few requests a day, not one at every sweep.
        let tries = bench.endpoint.forms.count { $0["refresh_token"]?.hasPrefix("first-a") == true }
        #expect(tries < failing.count * 31 * 8)
        #expect(tries > failing.count * 31)
    }

    /// A refresh under a clock that was a month ahead, which is then put right.
    @Test func aDateFromAWrongClockIsDueAtOnce() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        bench.clock.step(wallClockBy: .seconds(30 * 86_400))
        _ = try await bench.keeper.refresh("a")
        bench.clock.step(wallClockBy: .seconds(-30 * 86_400))
        let status = try await bench.keeper.status(of: "a")
        #expect(status.daysLeft(at: bench.clock.now()) == 30, "never more than a refresh token lives")
        #expect(try await RingIdleKeeper(keeper: bench.keeper).sweep().refreshed == ["a"])
        #expect(try await RingIdleKeeper(keeper: bench.keeper).sweep().refreshed.isEmpty)
    }

    @Test func anAccountThatCannotBeRefreshedIsNeverDue() async throws {
        let bench = try KeeperBench()
        let now = bench.clock.now()
        let grant = OAuthGrant(
            accessToken: RingAccessToken("t"), refreshToken: nil, accessExpiresAt: now + 1_800, issuedAt: now)
        let account = try await bench.keeper.accept(grant)
        bench.clock.advance(by: .seconds(86_400))
        let report = try await RingIdleKeeper(keeper: bench.keeper).sweep()
        #expect(report == RingIdleReport())
        #expect(try await bench.store.record(for: account)?.refreshDueAt == nil)
        #expect(try await RingIdleKeeper(keeper: bench.keeper).sweep() == RingIdleReport())
    }

    @Test func warnsAtTenFiveAndTwoDaysOnceEach() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        bench.endpoint.setOutage(.status(503))
        let idle = RingIdleKeeper(keeper: bench.keeper)
        for _ in 0..<(30 * 24) {
            bench.clock.advance(by: .seconds(3_600))
            _ = try await idle.sweep()
        }
        #expect(bench.observer.events(RingRefreshTokenEnding.self).map(\.daysLeft) == [10, 5, 2])
        #expect(bench.observer.events(RingRefreshTokenEnding.self).map(\.level) == [.warning, .warning, .error])
        #expect(try await bench.keeper.status(of: "a").daysLeft(at: bench.clock.now()) == 0)
        // It is still tried: perhaps Ring counts differently.
        bench.endpoint.setOutage(nil)
        bench.clock.advance(by: .seconds(3_600))
        #expect(try await idle.sweep().refreshed == ["a"])
    }

    /// Every sweep is that of a process that has just started, and two processes sweep in turn.
    @Test func warnsOnceThoughEveryProcessForgets() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        let other = try bench.other()
        let warnings = {
            (bench.observer.events(RingRefreshTokenEnding.self)
                + other.observer.events(RingRefreshTokenEnding.self)).map(\.daysLeft)
        }
        for round in 1...2 {
            bench.endpoint.setOutage(.status(503))
            for _ in 0..<(29 * 8) {
                bench.clock.advance(by: .seconds(3 * 3_600))
                _ = try await RingIdleKeeper(keeper: bench.keeper).sweep()
                _ = try await RingIdleKeeper(keeper: other.keeper).sweep()
            }
            #expect(
                warnings().sorted(by: >) == Array(repeating: [10, 5, 2], count: round).flatMap { $0 }.sorted(by: >))
            // A new pair begins anew.
            bench.endpoint.setOutage(nil)
            bench.clock.advance(by: .seconds(3 * 3_600))
            #expect(try await RingIdleKeeper(keeper: bench.keeper).sweep().refreshed == ["a"])
            #expect(try await bench.store.record(for: "a")?.warnedDays == nil)
        }
    }

    @Test func warnsOnceThoughNothingCanBeWritten() async throws {
        let store = FaultyStorage()
        let bench = try KeeperBench(storage: store)
        try await bench.link("a")
        bench.endpoint.setOutage(.status(503))
        store.failCommits(FaultyStorage.full)
        let idle = RingIdleKeeper(keeper: bench.keeper)
        for _ in 0..<(29 * 8) {
            bench.clock.advance(by: .seconds(3 * 3_600))
            _ = try await idle.sweep()
        }
        #expect(bench.observer.events(RingRefreshTokenEnding.self).map(\.daysLeft) == [10, 5, 2])
    }

    @Test func asksAFailingEndpointAboutAFewAccountsOnly() async throws {
        let bench = try KeeperBench()
        for number in 0..<100 { try await bench.link(RingAccountID(rawValue: "a\(number)")) }
        bench.clock.advance(by: .seconds(86_400))
        bench.endpoint.setOutage(.status(503))
        let report = try await RingIdleKeeper(keeper: bench.keeper).sweep()
        #expect(report.failed.count == 8)
        #expect(report.postponed == 92)
    }

    @Test func leavesTheLostAndTheRemovedAlone() async throws {
        let bench = try KeeperBench()
        for name in ["a", "b", "c"] as [RingAccountID] { try await bench.link(name) }
        bench.endpoint.revoke(refreshToken: "first-a")
        try await bench.keeper.remove("b")
        bench.clock.advance(by: .seconds(86_400))
        let idle = RingIdleKeeper(keeper: bench.keeper)
        let report = try await idle.sweep()
        #expect(report.refreshed == ["c"])
        #expect(report.failed == ["a": .relinkRequired])
        #expect(try await idle.sweep() == RingIdleReport())
    }

    @Test func runsUntilItIsCancelled() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        let idle = RingIdleKeeper(keeper: bench.keeper)
        let running = Task { await idle.run() }
        await bench.clock.sleepers(atLeast: 1)
        bench.clock.advance(by: .seconds(86_400))
        await bench.seen(RingTokensRefreshed.self)
        running.cancel()
        await running.value
    }

    /// Ninety days with busy and idle accounts; the token endpoint is down for an hour and for a day, and responds with 429.
    @Test func losesNothingInNinetyDays() async throws {
        let bench = try KeeperBench(clock: ManualClock(), policy: RingTokenPolicy())
        let accounts = (0..<20).map { RingAccountID(rawValue: "a\($0)") }
        for account in accounts { try await bench.link(account) }
        let idle = RingIdleKeeper(keeper: bench.keeper)
        let quarters = 90 * 24 * 4
        var served = 0
        var missed = 0
        for quarter in 0..<quarters {
            bench.clock.advance(by: .seconds(900))
            let day = Double(quarter) / 96
            let isDown = (10..<10.042).contains(day) || (30..<31).contains(day)
            let isLimited = (50..<50.25).contains(day)
            bench.endpoint.setOutage(isDown ? .notSent : isLimited ? .status(429) : nil)
            _ = try await idle.sweep()
            // Half of the accounts are busy: they need a token every quarter of an hour.
            for account in accounts.prefix(10) {
                let record = try #require(try await bench.store.record(for: account))
                let isAlive = try #require(record.tokens).accessExpiresAt > bench.clock.now()
                do {
                    _ = try await bench.token(account)
                    served += 1
                } catch {
                    // Only when the old token is dead and no new one can be had.
                    #expect(!isAlive && (isDown || isLimited), "day \(day): \(error)")
                    missed += 1
                }
            }
        }
        for account in accounts { #expect(try await bench.state(account) == .linked) }
        #expect(bench.endpoint.exchanges.values.allSatisfy { $0 == 1 })
        #expect(bench.observer.events(RingRefreshTokenEnding.self).isEmpty)
        #expect(served + missed == quarters * 10)
        // At most the 31 hours in which no token could be had.
        #expect(missed < 10 * 4 * 31)
        #expect(missed > 0)
    }
}
