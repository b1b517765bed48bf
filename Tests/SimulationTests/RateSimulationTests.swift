import Foundation
import RingCore
import RingPostgres
import RingTesting
import Synchronization
import Testing

/// Processes that share the requests of a second through a database that some of them cannot reach now and then.
@Suite(.timeLimit(.minutes(10))) struct RateSimulationTests {
    /// What the statement `ring_admit` does, without the pauses.
    private final class Table: Sendable {
        private struct Member {
            var seen: Duration
            var isAlone: Bool
            var reservedUntil = Duration.zero
            var share = 0
        }

        private struct State {
            var members: [Int: Member] = [:]
            /// By the number of the twentieth of a second.
            var counts: [Int: Int] = [:]
        }

        private let limit: Int
        private let keepsShares: Bool
        private let state = Mutex(State())

        init(limit: Int, keepsShares: Bool) {
            self.limit = limit
            self.keepsShares = keepsShares
        }

        func take(_ request: PostgresRateRequest, by process: Int, at now: Duration) -> PostgresRateGrant {
            self.state.withLock { state in
                state.members = state.members.filter { $0.value.seen >= now - .seconds(30) }
                var member = state.members[process] ?? Member(seen: now, isAlone: request.isAlone)
                let others = state.members.filter { $0.key != process }.values.map(\.share)
                let share = min(
                    max(self.limit / (others.count + 1), 1), max(self.limit - others.reduce(0, +), 0))
                member.share = max(request.share, share)
                if !request.isAlone, member.isAlone || member.seen < now - PostgresRateBudget.silence {
                    member.reservedUntil = now + .milliseconds(3_050)
                }
                (member.seen, member.isAlone) = (now, request.isAlone)
                state.members[process] = member
                let slot = Int(now / .milliseconds(50))
                state.counts = state.counts.filter { $0.key > slot - 21 }
                state.counts[slot, default: 0] += request.used
                let silent = state.members.values.filter {
                    $0.isAlone || $0.reservedUntil >= now || $0.seen < now - PostgresRateBudget.silence
                }
                let kept = self.keepsShares ? silent.reduce(0) { $0 + $1.share } : 0
                let total = state.counts.values.reduce(0, +)
                let granted = max(min(request.wanted, self.limit - kept - request.reserve - total), 0)
                state.counts[slot, default: 0] += granted
                let wait = granted < request.wanted ? Duration.milliseconds(50) : .zero
                return PostgresRateGrant(count: granted, wait: wait, share: share)
            }
        }

        func leave(_ process: Int) { self.state.withLock { _ = $0.members.removeValue(forKey: process) } }
    }

    /// The table as a process reaches it: calls take a moment, and are lost or late while the process is cut off.
    private final class Link: PostgresRateWindow {
        let process: SimulatedProcess
        let table: Table
        private let cutUntil = Mutex(Duration.zero)

        init(_ process: SimulatedProcess, _ table: Table) {
            self.process = process
            self.table = table
        }

        /// Cuts it off, unless it is. Nobody's share is kept for longer than half a minute.
        func cut(for duration: Duration) {
            let now = self.process.simulation.now
            self.cutUntil.withLock { if $0 <= now { $0 = now + duration } }
        }

        private func pass() async throws {
            let simulation = self.process.simulation
            try await self.process.delay(simulation.duration(below: .milliseconds(20)))
            var isLost = false
            while true {
                let rest = self.cutUntil.withLock { $0 } - simulation.now
                guard rest > .zero else { break }
                // What was on its way arrives when the network is mended, or never.
                isLost = isLost || simulation.chance(0.5)
                try await self.process.delay(rest + simulation.duration(below: .milliseconds(300)))
            }
            if isLost { throw RingError(code: .storageFailed, message: "the connection was lost") }
        }

        func take(_ request: PostgresRateRequest) async throws -> PostgresRateGrant {
            try await self.pass()
            let grant = self.table.take(request, by: self.process.number, at: self.process.simulation.now)
            try await self.pass()
            return grant
        }

        func pause(for duration: Duration) async throws {}
        func noteRemaining(_ count: Int) async throws {}
        func leave() async throws { self.table.leave(self.process.number) }
    }

    private static let limit = 30
    /// The runs: 40 of them. `RING_RATE_SEEDS` sets how many, and `RING_RATE_FIRST_SEED` the first.
    private static let seeds: Range<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["RING_RATE_FIRST_SEED"].flatMap { UInt64($0) } ?? 0
        return first..<(first + (environment["RING_RATE_SEEDS"].flatMap { UInt64($0) } ?? 40))
    }()

    /// Runs six processes for a minute and a half, each cut off now and then, and once all of them. Two of them join later.
    ///
    /// - Returns: The run, and when requests were let pass.
    private func run(seed: UInt64, keepsShares: Bool = true) -> (Simulation, [Duration]) {
        let simulation = Simulation(seed: seed, stepLimit: 4_000_000)
        let table = Table(limit: Self.limit, keepsShares: keepsShares)
        let passed = Mutex<[Duration]>([])
        var (processes, links): ([SimulatedProcess], [Link]) = ([], [])
        for number in 1...6 {
            let process = SimulatedProcess(simulation, name: "p\(number)", number: number)
            let link = Link(process, table)
            let budget = PostgresRateBudget(link, limit: Self.limit, environment: process.environment())
            // The last two join while others may be cut off.
            let start = number > 4 ? simulation.duration(below: .seconds(60)) : .zero
            for _ in 0..<6 {
                process.run {
                    guard (try? await process.delay(start)) != nil else { return }
                    // Until the end of the process.
                    while process.isAlive {
                        guard (try? await budget.admit(account: nil, priority: .interactive, deadline: nil)) != nil
                        else { continue }
                        passed.withLock { $0.append(simulation.now) }
                    }
                }
            }
            processes.append(process)
            links.append(link)
        }
        for _ in 0..<8 {
            let link = links[simulation.number(below: links.count)]
            let length = simulation.duration(below: simulation.chance(0.5) ? .seconds(2) : .seconds(20))
            simulation.after(.seconds(5) + simulation.duration(below: .seconds(60))) { link.cut(for: length) }
        }
        // Together with another cut not longer than the half minute for which a share is kept.
        let (length, all) = (simulation.duration(below: .seconds(8)), links)
        simulation.after(.seconds(5) + simulation.duration(below: .seconds(60))) {
            for link in all { link.cut(for: length) }
        }
        _ = simulation.run(until: { simulation.now >= .seconds(90) })
        for process in processes { process.end() }
        simulation.finish(processes)
        return (simulation, passed.withLock { $0 })
    }

    /// The most requests in a second. Those on their way take a moment, which a server's window would see the same way.
    private static func most(_ passed: [Duration]) -> Int {
        var (most, first) = (0, 0)
        for (index, time) in passed.enumerated() {
            while passed[first] <= time - .milliseconds(950) { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }

    @Test func theFleetNeverExceedsItsLimit() async {
        let runs = await SimulationThread.run {
            Self.seeds.map { seed in
                let (simulation, passed) = self.run(seed: seed)
                return (seed: seed, failure: simulation.failure, most: Self.most(passed), count: passed.count)
            }
        }
        for run in runs {
            #expect(run.failure == nil, "seed \(run.seed)")
            #expect(run.most <= Self.limit, "seed \(run.seed)")
            // Cut off for up to a third of the time, they still do most of the work.
            #expect(run.count > Self.limit * 90 / 2, "seed \(run.seed)")
        }
    }

    @Test func sharesThatAreNotKeptAreFound() async {
        let most = await SimulationThread.run {
            (0..<10 as Range<UInt64>).map { Self.most(self.run(seed: $0, keepsShares: false).1) }.max() ?? 0
        }
        #expect(most > Self.limit)
    }
}
