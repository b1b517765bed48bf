import Foundation
import RingCrypto
import RingTesting
import Synchronization
import Testing

/// Several processes with one store: none blocks another one, whether it runs, is slow, or is dead.
@Suite(.timeLimit(.minutes(10))) struct ManyProcessesTests {
    private func bench() async throws -> (Ringctl, TokenService) {
        let service = try await TokenService.start()
        return (
            Ringctl(environment: [
                "RING_API_URL": service.origin, "RING_OAUTH_URL": service.origin,
                "RING_STORE": service.folder.file("ring.sqlite"), "RING_CLIENT_ID": "client",
                "RING_CLIENT_SECRET": "SECRET-client", "RING_HMAC_KEY": TokenService.hmacKey,
            ]), service
        )
    }

    private func exchange(_ ringctl: Ringctl, _ service: TokenService) async throws {
        service.state.withLock { _ = $0.codes.insert("code") }
        let outcome = try await ringctl.run("auth", "exchange", input: "code\n")
        #expect(outcome.status == 0, "\(outcome.errorText)")
    }

    /// Fault of the first release: 3 of 800 ended with `account_unknown`, though their tokens were stored: each process also
    /// identifies tokens of the others. `RING_EXCHANGE_ROUNDS=20` runs as many rounds.
    @Test(arguments: [true, false])
    func sixtyParallelExchangesSucceed(hasManyAccounts: Bool) async throws {
        let rounds = ProcessInfo.processInfo.environment["RING_EXCHANGE_ROUNDS"].flatMap { Int($0) } ?? 1
        for round in 0..<rounds {
            let (ringctl, service) = try await self.bench()
            let codes = (0..<60).map { "code-\($0)" }
            service.state.withLock { state in
                state.codes = Set(codes)
                state.hasManyAccounts = hasManyAccounts
            }
            let outcomes = try await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { group in
                for code in codes {
                    group.addTask {
                        try await ringctl.run("auth", "exchange", "--timeout", "300", "--json", input: code + "\n")
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0.status == 0 } == 60, "round \(round)")
            for outcome in outcomes where outcome.status != 0 { Issue.record("round \(round): \(outcome.errorText)") }
            let stored = try await ringctl.run("auth", "status", "--json").results
            #expect(stored.count == (hasManyAccounts ? 60 : 1))
            await service.stop()
        }
    }

    /// Fault of the first release: the seed was used, and then its successor immediately.
    @Test func aSeedIsUsedOnceByAForcedRefresh() async throws {
        let (ringctl, service) = try await self.bench()
        service.state.withLock { _ = $0.refreshTokens.insert("SEED") }
        var seeded = ringctl
        seeded.environment["RING_REFRESH_TOKEN"] = "SEED"
        #expect(try await seeded.run("auth", "refresh").status == 0)
        #expect(service.state.withLock { $0.refreshes } == 1)
        // The next one is a refresh of its own.
        #expect(try await seeded.run("auth", "refresh").status == 0)
        #expect(service.state.withLock { $0.refreshes } == 2)
        await service.stop()
    }

    /// Fault of the first release: `--timeout 2` took nine seconds behind a slow process, 60 behind a dead one.
    @Test func aTimeoutHoldsBehindASlowProcess() async throws {
        let (ringctl, service) = try await self.bench()
        try await self.exchange(ringctl, service)
        service.state.withLock { $0.delay = .seconds(20) }
        let slow = try ChildProcess(Ringctl.path, ["auth", "refresh"], environment: ringctl.environment)
        var arrivals = service.arrivals.stream.makeAsyncIterator()
        for _ in 0..<2 { await arrivals.next() }  // the exchange's, and now the refresh's
        let start = ContinuousClock.now
        let waiting = try await ringctl.run("auth", "refresh", "--timeout", "2", "--json")
        let took = ContinuousClock.now - start
        #expect(waiting.status == 8, "\(waiting.errorText)")
        #expect(took >= .seconds(2))
        // Much less than the twenty seconds of the slow one, also on a busy machine.
        #expect(took < .seconds(10), "\(took)")
        slow.signal(SIGKILL)
        _ = await slow.outcome()
        await service.stop()
    }

    /// The fastest of three tries, because other programs keep the processors busy at times. Two seconds are promised;
    /// the lease itself would last for 15.
    private func fastest(_ attempt: () async throws -> Duration) async throws -> Duration {
        var fastest = try await attempt()
        for _ in 0..<2 where fastest >= .seconds(2) { fastest = min(fastest, try await attempt()) }
        return fastest
    }

    /// A process that is killed during its refresh does not delay the next one.
    @Test func aKilledRefreshDoesNotDelayTheNextProcess() async throws {
        let took = try await self.fastest { try await self.timeAfterAKilledRefresh() }
        #expect(took < .seconds(2), "the next process refreshed after \(took)")
    }

    private func timeAfterAKilledRefresh() async throws -> Duration {
        let (ringctl, service) = try await self.bench()
        try await self.exchange(ringctl, service)
        service.state.withLock { $0.delay = .seconds(20) }
        let killed = try ChildProcess(Ringctl.path, ["auth", "refresh"], environment: ringctl.environment)
        var arrivals = service.arrivals.stream.makeAsyncIterator()
        for _ in 0..<2 { await arrivals.next() }
        killed.signal(SIGKILL)
        _ = await killed.outcome()
        service.state.withLock { $0.delay = nil }
        let start = ContinuousClock.now
        let next = try await ringctl.run("auth", "refresh", "--json")
        let took = ContinuousClock.now - start
        #expect(next.status == 0, "\(next.errorText)")
        await service.stop()
        return took
    }

    /// The same for a link.
    @Test func aKilledLinkDoesNotDelayTheNextProcess() async throws {
        let took = try await self.fastest { try await self.timeAfterAKilledLink() }
        #expect(took < .seconds(2), "the next process linked after \(took)")
    }

    private func timeAfterAKilledLink() async throws -> Duration {
        let (ringctl, service) = try await self.bench()
        try await self.exchange(ringctl, service)
        service.state.withLock { $0.linkDelay = .seconds(20) }
        let time = "\(Int64((Date().timeIntervalSince1970 - 1) * 1_000))"
        let nonce = RingLinkNonce.compute(
            time: time, accountID: TokenService.account, key: try RingHMACKey(TokenService.hmacKey))
        let words = ["account", "link", "--nonce", nonce, "--time", time, "--json"]
        let killed = try ChildProcess(Ringctl.path, words, environment: ringctl.environment)
        var confirmations = service.confirmations.stream.makeAsyncIterator()
        await confirmations.next()
        killed.signal(SIGKILL)
        _ = await killed.outcome()
        service.state.withLock { $0.linkDelay = nil }
        let start = ContinuousClock.now
        let next = try await ringctl.run(words)
        let took = ContinuousClock.now - start
        #expect(next.status == 0, "\(next.errorText)")
        #expect(service.state.withLock { $0.integration } == "completed")
        await service.stop()
        return took
    }
}
