import Foundation
import RingCore
import RingOAuth
import RingSQLite
import RingTesting
import Testing

/// Eight processes with sixteen tasks each want tokens of two hundred accounts that ended in the same second.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StampedeTests {
    @Test func everyAccountIsRefreshedOnceAndNoCallFails() async throws {
        let bench = try await ProcessBench()
        let accounts = (0..<200).map { "account\($0)" }
        for account in accounts { try await bench.link(account) }
        let workers = try (0..<8).map { _ in try bench.worker(accounts, mode: "stampede") }
        for worker in workers { _ = await worker.line { $0 == "ready" } }
        for worker in workers { worker.write(Array("go\n".utf8)) }
        for worker in workers {
            let outcome = await worker.outcome()
            #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
            #expect(outcome.outputText.contains("failures 0"), "\(outcome.outputText)")
        }
        #expect(bench.server.rotations.count == 200)
        #expect(bench.server.rotations.values.allSatisfy { $0 == 1 })
        #expect(bench.server.refusals.isEmpty)
        for account in accounts {
            let record = try #require(try await bench.store.record(for: RingAccountID(rawValue: account)))
            #expect(record.state == .linked)
            #expect(record.attempt == nil)
            #expect(bench.server.isValid(record.tokens?.refreshToken?.revealed))
        }
        await bench.server.stop()
    }
}
