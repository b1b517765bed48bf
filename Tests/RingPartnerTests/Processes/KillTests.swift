import Foundation
import RingCore
import RingOAuth
import RingSQLite
import RingSimulator
import RingTesting
import Testing

/// A process that refreshes against the simulator, whose refresh tokens work once, is killed at every step and at random
/// moments, over and over.
///
/// `RING_KILL_ROUNDS` sets the number of rounds; without it a few of each kind run.
@Suite(.serialized, .timeLimit(.minutes(10))) struct KillTests {
    private static let rounds = ProcessInfo.processInfo.environment["RING_KILL_ROUNDS"].flatMap { Int($0) } ?? 48

    private enum Step: CaseIterable {
        case beforeIntent, afterIntent, requestUnanswered, rotatedUnanswered, beforeSave, afterSave, random, laterSave
    }

    private struct Tally {
        var lostResponses = 0
        var uncertainButGood = 0
        var untouched = 0
    }

    @Test(arguments: SharedPlace.available)
    func noKillLosesAnAccountUnseen(place: SharedPlace) async throws {
        let accounts = (0..<4).map { "account\($0)" }
        let bench = try await ProcessBench(accounts: accounts, in: place)
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
            let record = try #require(try await bench.store.record(for: RingAccountID(rawValue: account)))
            #expect(bench.isValid(record.tokens?.refreshToken))
        }
        #expect(
            tally.lostResponses > 0 && tally.uncertainButGood > 0 && tally.untouched > 0, "all kinds occurred: \(tally)"
        )
        print("killed \(Self.rounds) times: \(tally)")
        await bench.simulator.stop()
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
        bench.simulator.change { switches in
            switches.next[.refreshHeld] = step == .requestUnanswered ? 1 : 0
            switches.next[.refreshResponseHeld] = step == .rotatedUnanswered ? 1 : 0
        }
        worker.write(Array("go\n".utf8))
        switch step {
        case .random:
            // Not to wait for anything: the moment is the random input of this test.
            try await Task.sleep(for: .microseconds(Int64.random(in: 0...40_000)))
            worker.signal(SIGKILL)
        case .requestUnanswered, .rotatedUnanswered:
            await bench.simulator.waitUntilHeld(1)
            worker.signal(SIGKILL)
        default: break
        }
        let outcome = await worker.outcome()
        #expect(outcome.ending == .signalled(SIGKILL), "\(outcome.outputText) \(outcome.errorText)")
        try await bench.waitForTheServer()
        // The receiver of this response is dead. A refresh that was held before it was done stays undone.
        bench.simulator.release(closing: true)
    }

    /// Compares what the killed process stored with the state of the simulator.
    private func examine(
        _ account: String, _ bench: ProcessBench, _ tally: inout Tally, _ comment: Comment
    ) async throws {
        let id = RingAccountID(rawValue: account)
        let left = try #require(try await bench.store.record(for: id))
        let isGood = bench.isValid(left.tokens?.refreshToken)
        bench.simulator.journal = []
        let observer = RecordingObserver()
        let keeper = try bench.successor(observer)
        let states = { observer.events(RingAccountStateChanged.self).map(\.to) }
        if isGood {
            #expect(try await keeper.refresh(id).state == .linked, comment)
            #expect(states() == (left.attempt == nil ? [] : [.uncertain, .linked]), comment)
            #expect(bench.responses(account) == [200], comment)
            if left.attempt == nil { tally.untouched += 1 } else { tally.uncertainButGood += 1 }
        } else {
            // The simulator rotated and the response is lost: the stored intent must show it.
            #expect(left.attempt != nil, comment)
            await #expect(comment) {
                try await keeper.refresh(id)
            } throws: { ($0 as? RingError)?.code == .relinkRequired }
            #expect(states() == [.uncertain, .relinkRequired], comment)
            #expect(bench.responses(account) == [400], "the old token is tried once")
            #expect(try await keeper.status(of: id).state == .relinkRequired, comment)
            tally.lostResponses += 1
            try await bench.link(account)
        }
    }
}
