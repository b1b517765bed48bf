import Foundation
import PostgresServer
import RingCore
import RingCrypto
import RingOAuth
import RingSimulator
import RingTesting
import Testing

/// What the next process finds: the lease of a killed process, and a record that was encrypted with newer keys.
@Suite(.serialized, .timeLimit(.minutes(3))) struct TakeOverTests {
    /// The next process continues within two seconds; the lease itself would last for 15. The fastest of three tries
    /// counts, because other programs keep the processors busy at times.
    @Test(arguments: SharedPlace.available)
    func theNextProcessContinuesTheRefreshOfAKilledOneWithinTwoSeconds(place: SharedPlace) async throws {
        var fastest = try await self.timeAfterAKilledRefresh(place)
        for _ in 0..<2 where fastest >= .seconds(2) {
            fastest = min(fastest, try await self.timeAfterAKilledRefresh(place))
        }
        #expect(fastest < .seconds(2), "the next process continued after \(fastest)")
    }

    private func timeAfterAKilledRefresh(_ place: SharedPlace) async throws -> Duration {
        let bench = try await ProcessBench(accounts: ["account"], in: place)
        let (first, second) = (try bench.worker(["account"]), try bench.worker(["account"], mode: "refresh"))
        for worker in [first, second] { _ = await worker.line { $0 == "ready" } }
        bench.simulator.change { $0.next[.refreshHeld] = 1 }
        first.write(Array("go\n".utf8))
        await bench.simulator.waitUntilHeld(1)
        bench.simulator.change { $0.next[.refreshHeld] = 0 }
        first.signal(SIGKILL)
        _ = await first.outcome()
        let start = ContinuousClock.now
        second.write(Array("go\n".utf8))
        #expect(await second.line { $0.hasPrefix("account ") } == "account linked")
        let elapsed = ContinuousClock.now - start
        bench.simulator.release(closing: true)
        #expect(await second.outcome().ending == .exited(0))
        await bench.simulator.stop()
        return elapsed
    }

    /// The response comes while another process has encrypted the record with a key that this one does not have.
    @Test(arguments: SharedPlace.available)
    func aProcessWithTheOldKeyStoresItsPairOverARecordOfTheNewKey(place: SharedPlace) async throws {
        let (old, new) = (try RingSealingKey.generate(), try RingSealingKey.generate())
        let bench = try await ProcessBench(
            accounts: ["account"], sealing: RingSealingKeyRing(active: old), in: place)
        let worker = try bench.worker(["account"], mode: "refresh", keys: old.exportedText())
        _ = await worker.line { $0 == "ready" }
        bench.simulator.change { $0.next[.refreshResponseHeld] = 1 }
        worker.write(Array("go\n".utf8))
        await bench.simulator.waitUntilHeld(1)
        let newer = RingTokenStore(
            storage: bench.database, sealing: try RingSealingKeyRing(active: new, retired: [old]))
        #expect(try await newer.reseal() == 1)
        bench.simulator.change { $0.next[.refreshResponseHeld] = 0 }
        bench.simulator.release()
        let outcome = await worker.outcome()
        #expect(outcome.outputText.contains("account linked"), "\(outcome.outputText) \(outcome.errorText)")
        let record = try #require(try await newer.record(for: "account"))
        #expect(record.state == .linked && record.attempt == nil)
        #expect(bench.isValid(record.tokens?.refreshToken))
        await bench.simulator.stop()
    }

    /// The three phases in which a key is replaced, each with processes of the phase before.
    @Test func aKeyIsReplacedInThreePhases() async throws {
        let (old, new) = (try RingSealingKey.generate(), try RingSealingKey.generate())
        let names = (old: old.exportedText(), new: new.exportedText())
        let bench = try await ProcessBench(accounts: ["account"], sealing: RingSealingKeyRing(active: old))
        for keys in [
            names.old, "\(names.old),\(names.new)", names.old, "\(names.new),\(names.old)",
            "\(names.old),\(names.new)", "\(names.new),\(names.old)",
        ] {
            #expect(try await self.refresh(bench, keys) == "account linked")
        }
        let store = RingTokenStore(
            storage: bench.database, sealing: try RingSealingKeyRing(active: new, retired: [old]))
        #expect(try await store.reseal() == 0)
        #expect(try await self.refresh(bench, names.new) == "account linked")
        // A process that has only the removed key changes nothing.
        let refused = try #require(try await self.refresh(bench, names.old))
        #expect(refused.contains("misconfigured") && refused.contains("RING_SEALING_KEYS"), "\(refused)")
        let token = try #require(try await store.record(for: "account")?.tokens?.refreshToken)
        #expect(bench.isValid(token))
        await bench.simulator.stop()
    }

    /// What a process with these keys prints about its refresh.
    private func refresh(_ bench: ProcessBench, _ keys: String) async throws -> String? {
        let worker = try bench.worker(["account"], mode: "refresh", keys: keys)
        worker.write(Array("go\n".utf8))
        let line = await worker.line { $0.hasPrefix("account ") }
        _ = await worker.outcome()
        return line
    }

    @Test(.enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
    func aRotationInAnotherProcessIsHeardOf() async throws {
        let bench = try await ProcessBench(accounts: ["account"], in: .postgres)
        let (here, there) = (try await bench.stranger(), try await bench.stranger())
        let following = Task { await here.followChanges() }
        let first = try await here.tokens(for: "account").accessToken()
        // Until it listens, a rotation is not heard of.
        repeat {
            try await there.refresh("account")
            try await Task.sleep(for: .milliseconds(50))
        } while try await here.tokens(for: "account").accessToken().isSame(as: first)
        let newest = try await there.tokens(for: "account").accessToken()
        while try await !here.tokens(for: "account").accessToken().isSame(as: newest) {
            try await Task.sleep(for: .milliseconds(10))
        }
        following.cancel()
        await bench.simulator.stop()
    }
}
