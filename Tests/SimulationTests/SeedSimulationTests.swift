import Foundation
import RingTesting
import Testing

/// One run of one seed.
protocol SeedRun {
    var simulation: Simulation { get }
    /// Runs to the end.
    ///
    /// - Returns: What was violated; `nil` when everything held.
    func run() -> String?
}

extension ServiceRun: SeedRun {}
extension PartnerRun: SeedRun {}

/// A variable of the environment, as a number.
private func number(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
}

/// Several processes against a model of Ring, for `RING_SIMULATION_SEEDS` seeds.
///
/// A seed decides everything, also what is simulated: every fourth seed only receives and handles webhooks, which reaches more
/// orders of these; the others run the whole service of a partner.
///
/// 2,000 seeds have 10 minutes; more seeds have more time.
@Suite(.timeLimit(.minutes(10 + (number("RING_SIMULATION_SEEDS") ?? 0) / 200)))
struct SeedSimulationTests {
    private static func make(_ seed: UInt64, _ keys: ServiceKeys, keepsTrace: Bool = false) -> any SeedRun {
        seed % 4 == 0
            ? ServiceRun(seed: seed, keys: keys, keepsTrace: keepsTrace)
            : PartnerRun(seed: seed, keys: keys, keepsTrace: keepsTrace)
    }

    @Test func everySeedHolds() async throws {
        let keys = try ServiceKeys()
        let only = number("RING_SIMULATION_SEED")
        let first = only ?? number("RING_SIMULATION_FIRST_SEED") ?? 1
        let count = only == nil ? number("RING_SIMULATION_SEEDS") ?? 2_000 : 1
        let most = number("RING_SIMULATION_FAILURES") ?? 3
        #if os(Linux)
        #expect(EscapeWatch.isActive)
        #endif
        // The script has a process for each processor; a test alone takes two of them.
        let threads = number("RING_SIMULATION_SEEDS") == nil && only == nil ? 2 : 1 as UInt64
        let each = (count + threads - 1) / threads
        await withTaskGroup(of: Outcome.self) { group in
            for start in stride(from: first, to: first + count, by: Int(each)) {
                let seeds = start..<min(start + each, first + count)
                group.addTask { await SimulationThread.run { Self.run(seeds, keys, most) } }
            }
            for await outcome in group {
                print(outcome.words)
                for failure in outcome.failures { Issue.record("\(failure)") }
            }
        }
    }

    private struct Outcome {
        var first: UInt64
        var failures: [String] = []
        var jobs = 0
        var seeds = 0
        /// Equal in two runs of the same seeds, also in two processes.
        var digest: UInt64 = 0

        var words: String {
            "\(self.seeds) seeds from \(self.first), \(self.jobs) jobs, \(self.failures.count) failures, "
                + "digest \(self.digest)"
        }
    }

    private static func run(_ seeds: Range<UInt64>, _ keys: ServiceKeys, _ most: UInt64) -> Outcome {
        var outcome = Outcome(first: seeds.lowerBound)
        for seed in seeds where outcome.failures.count < most {
            let run = Self.make(seed, keys)
            if let failure = run.run() { outcome.failures.append(Self.report(seed, failure, keys)) }
            outcome.jobs += run.simulation.steps
            outcome.seeds += 1
            outcome.digest = (outcome.digest ^ run.simulation.digest) &* 0x100_0000_01b3
        }
        return outcome
    }

    @Test func aSeedRunsTheSameTwice() async throws {
        let keys = try ServiceKeys()
        let different = await SimulationThread.run {
            (1...80 as ClosedRange<UInt64>).filter { seed in
                let digests = (0..<2).map { _ in
                    let run = Self.make(seed, keys)
                    _ = run.run()
                    return run.simulation.digest
                }
                return digests[0] != digests[1]
            }
        }
        #expect(different == [])
    }

    /// Runs a failing seed again, with its trace.
    private static func report(_ seed: UInt64, _ failure: String, _ keys: ServiceKeys) -> String {
        if number("RING_SIMULATION_BRIEF") != nil { return "seed \(seed): \(failure)" }
        let run = Self.make(seed, keys, keepsTrace: true)
        let second = run.run()
        var lines = run.simulation.trace
        // What goes wrong may show at once, or only long after its cause.
        if lines.count > 4_000 {
            lines = Array(lines.prefix(2_000)) + ["… \(lines.count - 4_000) lines left out"] + lines.suffix(2_000)
        }
        var text = "seed \(seed): \(failure)\n" + lines.joined(separator: "\n") + "\nseed \(seed): \(failure)\n"
        if second != failure {
            text +=
                "the second run did not fail in the same way: \(second ?? "it held"); something is not decided by the seed\n"
            if ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] == nil {
                text += "SWIFT_DETERMINISTIC_HASHING is not set, so the order of sets and dictionaries differs\n"
            }
        }
        return text + "replay: Scripts/simulate.sh --seed \(seed)"
    }
}
