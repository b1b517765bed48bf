import Foundation
import RingCore
import RingOAuth
import RingSQLite
import RingTesting
import Testing

/// A process that refreshes is killed, a thousand times, at every step and at random moments.
///
/// `RING_KILL_ROUNDS` sets the number of rounds; without it a few of each kind run.
@Suite(.serialized, .timeLimit(.minutes(10))) struct KillTests {
    private static let rounds = ProcessInfo.processInfo.environment["RING_KILL_ROUNDS"].flatMap { Int($0) } ?? 48

    private enum Step: CaseIterable {
        case beforeIntent, afterIntent, requestUnanswered, rotatedUnanswered, beforeSave, afterSave, random, laterSave
    }

    private struct Tally {
        var lostAnswers = 0
        var uncertainButGood = 0
        var untouched = 0
    }

    @Test func noKillLosesAnAccountUnseen() async throws {
        let bench = try await ProcessBench()
        let accounts = (0..<4).map { "account\($0)" }
        for account in accounts { try await bench.link(account) }
        var tally = Tally()
        for round in 0..<Self.rounds {
            let step = Step.allCases[round % Step.allCases.count]
            try await self.kill(step, accounts, bench)
            for account in accounts { try await self.examine(account, bench, &tally, "round \(round), \(step)") }
        }
        // Every account still works.
        let keeper = try bench.successor(RecordingObserver())
        for account in accounts {
            #expect(try await keeper.refresh(RingAccountID(rawValue: account)).state == .linked)
        }
        #expect(
            tally.lostAnswers > 0 && tally.uncertainButGood > 0 && tally.untouched > 0, "all kinds occurred: \(tally)")
        print("killed \(Self.rounds) times: \(tally)")
        await bench.server.stop()
    }

    /// Runs a worker and has it killed.
    private func kill(_ step: Step, _ accounts: [String], _ bench: ProcessBench) async throws {
        let die =
            switch step {
            case .beforeIntent: "before 1"
            case .afterIntent: "after 1"
            case .beforeSave: "before 2"
            case .afterSave: "after 2"
            case .laterSave: "before \(2 * Int.random(in: 2...9))"
            default: ""
            }
        let worker = try bench.worker(accounts.shuffled(), die: die)
        _ = await worker.line { $0 == "ready" }
        switch step {
        case .requestUnanswered: bench.server.plan(.killBeforeRotation(worker.pid))
        case .rotatedUnanswered: bench.server.plan(.killAfterRotation(worker.pid))
        default: break
        }
        worker.write(Array("go\n".utf8))
        if step == .random {
            // Not to wait for anything: the moment is the random input of this test.
            try await Task.sleep(for: .microseconds(Int64.random(in: 0...40_000)))
            worker.signal(SIGKILL)
        }
        let outcome = await worker.outcome()
        #expect(outcome.ending == .signalled(SIGKILL), "\(outcome.outputText) \(outcome.errorText)")
        bench.server.plan(.serve)
    }

    /// Compares what the dead process left behind with what the server knows.
    private func examine(
        _ account: String, _ bench: ProcessBench, _ tally: inout Tally, _ comment: Comment
    ) async throws {
        let id = RingAccountID(rawValue: account)
        let left = try #require(try await bench.store.record(for: id))
        let isGood = bench.server.isValid(left.tokens?.refreshToken?.revealed)
        let refusals = bench.server.refusals[account] ?? 0
        let observer = RecordingObserver()
        let keeper = try bench.successor(observer)
        let states = { observer.events(RingAccountStateChanged.self).map(\.to) }
        if isGood {
            #expect(try await keeper.refresh(id).state == .linked, comment)
            #expect(states() == (left.attempt == nil ? [] : [.uncertain, .linked]), comment)
            #expect(bench.server.refusals[account] ?? 0 == refusals, comment)
            if left.attempt == nil { tally.untouched += 1 } else { tally.uncertainButGood += 1 }
        } else {
            // The server rotated and nobody has the answer: the note on the disk must tell of it.
            #expect(left.attempt != nil, comment)
            await #expect(comment) {
                try await keeper.refresh(id)
            } throws: { ($0 as? RingError)?.code == .relinkRequired }
            #expect(states() == [.uncertain, .relinkRequired], comment)
            #expect(bench.server.refusals[account] ?? 0 == refusals + 1, "the old token is tried once")
            tally.lostAnswers += 1
            try await bench.link(account)
        }
    }
}
