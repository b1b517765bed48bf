import Foundation
import RingCore
import RingOAuth
import RingSQLite
import RingSimulator
import RingTesting
import Testing

/// Several processes with sixteen tasks each want tokens of many accounts that ended in the same second.
///
/// `RING_STAMPEDE_ACCOUNTS` sets the number of accounts, 200 by default.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StampedeTests {
    private static let count =
        ProcessInfo.processInfo.environment["RING_STAMPEDE_ACCOUNTS"].flatMap { Int($0) } ?? 200

    @Test(arguments: SharedPlace.available)
    func everyAccountIsRefreshedOnceAndNoCallFails(place: SharedPlace) async throws {
        let accounts = (0..<Self.count).map { "account\($0)" }
        let bench = try await ProcessBench(accounts: accounts, in: place)
        let workers = try (0..<(place == .file ? 8 : 4)).map { _ in try bench.worker(accounts, mode: "stampede") }
        for worker in workers { _ = await worker.line { $0 == "ready" } }
        for worker in workers { worker.write(Array("go\n".utf8)) }
        for worker in workers {
            let outcome = await worker.outcome()
            #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
            #expect(outcome.outputText.contains("failures 0"), "\(outcome.outputText)")
        }
        for account in accounts {
            #expect(bench.responses(account) == [200])
            let record = try #require(try await bench.store.record(for: RingAccountID(rawValue: account)))
            #expect(record.state == .linked)
            #expect(record.attempt == nil)
            #expect(bench.isValid(record.tokens?.refreshToken))
        }
        await bench.simulator.stop()
    }
}
