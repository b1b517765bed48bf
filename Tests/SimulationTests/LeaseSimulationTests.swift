import RingCore
import RingTesting
import Synchronization
import Testing

/// Processes that take a lease on one record in turn: the mechanism under refreshes, webhooks and live sessions.
@Suite(.timeLimit(.minutes(10))) struct LeaseSimulationTests {
    private static let collection = RingStorageCollection(name: "work", indexes: [])
    private static let id = RingStorageID(collection, "one")

    /// What all processes do to the world outside.
    private final class Work: Sendable {
        struct State {
            var inside: Set<Int> = []
            var done = 0
        }
        let state = Mutex(State())
    }

    /// Runs three processes for two minutes, with ends and wall clock steps, and then one process that has to get in.
    ///
    /// - Parameter serverStep: How far the clock of the storage is set forward or back at most, every half minute, as when a server is
    ///   replaced by another one.
    private func run(
        seed: UInt64, ignoresLease: Bool = false, keepsTrace: Bool = false, serverStep: Duration = .zero
    ) -> Simulation {
        let simulation = Simulation(seed: seed, keepsTrace: keepsTrace)
        let serverAhead = Mutex(Duration.seconds(1_000))
        let database = RingMemoryStorage(uptime: { simulation.now + serverAhead.withLock { $0 } })
        let work = Work()
        var faults = SimulatedFaultPlan()
        faults.storage = SimulatedFaults(
            endBefore: 0.01, endAfter: 0.01, failAfter: 0.02, slow: 0.02, slowTime: .seconds(2))
        faults.clock = SimulatedFaults(endBefore: 0.003)
        faults.ends = 6
        simulation.faults = faults

        var processes: [SimulatedProcess] = []
        func start() -> SimulatedProcess {
            let number = processes.count + 1
            let process = SimulatedProcess(
                simulation, name: "p\(number)", number: number,
                wallClockOffset: simulation.duration(below: .seconds(90)))
            let storage = SimulatedStorage(process, database.anotherProcess(), isEndVisible: simulation.chance(0.5))
            process.run { await Self.worker(process, storage, work, ignoresLease: ignoresLease) }
            process.atEnd { work.state.withLock { _ = $0.inside.remove(number) } }
            processes.append(process)
            return process
        }
        var living = [start(), start(), start()]
        func everySecond() {
            for (index, process) in living.enumerated() where !process.isAlive { living[index] = start() }
            if simulation.chance(0.1) {
                living[simulation.number(below: 3)].step(
                    wallClockBy: .seconds(3_600) - simulation.duration(below: .seconds(7_200)))
            }
        }
        var next = Duration.seconds(1)
        while simulation.now < .seconds(120), simulation.failure == nil {
            _ = simulation.run(until: { simulation.now >= next })
            everySecond()
            if serverStep > .zero, next.components.seconds % 30 == 0 {
                let step = serverStep - simulation.duration(below: serverStep * 2)
                serverAhead.withLock { $0 += step }
            }
            next = simulation.now + .seconds(1)
        }
        // From here on everything works, and every remaining process gets its turn.
        simulation.faults = SimulatedFaultPlan()
        let done = work.state.withLock { $0.done }
        let end = simulation.now + .seconds(90)
        _ = simulation.run(until: { simulation.now >= end })
        if work.state.withLock({ $0.done }) < done + 1 { simulation.fail("the lease is not free after 90 seconds") }
        simulation.finish(processes)
        return simulation
    }

    private static func worker(
        _ process: SimulatedProcess, _ storage: SimulatedStorage, _ work: Work, ignoresLease: Bool
    ) async {
        let environment = process.environment()
        let heartbeat = RingLeaseHeartbeat(storage: storage, environment: environment, duration: .seconds(15))
        while (try? await environment.clock.sleep(for: .milliseconds(500))) != nil {
            do {
                let record = try await storage.record(self.id)
                if record?.isLeased == true, !ignoresLease { continue }
                let version = record?.version ?? environment.randomToken()
                let lease = RingStorageLease(id: self.id, token: environment.randomToken())
                let taken = RingStorageRecord(id: self.id, version: version + 1)
                let start = environment.clock.uptime()
                guard
                    try await storage.commit([
                        .put(taken, replacing: record?.version, lease: .take(token: lease.token, for: .seconds(15)))
                    ])
                else { continue }
                let length = process.simulation.duration(below: .seconds(40))
                let job = environment.detach(throwing: { try await environment.clock.sleep(for: length) })
                heartbeat.hold(lease, since: start) { job.cancel() }
                defer { heartbeat.drop(lease) }
                let others = work.state.withLock { state in
                    state.inside.insert(process.number)
                    return state.inside
                }
                if others.count > 1 { process.simulation.fail("processes \(others.sorted()) work at the same time") }
                let isDone = (try? await job.value) != nil
                work.state.withLock { state in
                    state.inside.remove(process.number)
                    if isDone { state.done += 1 }
                }
                _ = try await storage.commit([
                    .put(RingStorageRecord(id: self.id, version: version + 2), replacing: version + 1, lease: .release)
                ])
            } catch { continue }
        }
    }

    @Test func oneHolderAtATime() async {
        let (digests, failures) = await SimulationThread.run {
            var digests: [UInt64] = []
            var failures: [String] = []
            for seed in 0..<200 as Range<UInt64> {
                let simulation = self.run(seed: seed)
                if let failure = simulation.failure { failures.append("seed \(seed): \(failure)") }
                digests.append(simulation.digest)
                if seed % 10 == 0, self.run(seed: seed).digest != simulation.digest {
                    failures.append("seed \(seed): the second run differs")
                }
            }
            return (digests, failures)
        }
        #expect(failures == [])
        #expect(Set(digests).count == digests.count)
    }

    /// Two seconds are what a holder of 15 keeps in hand.
    @Test func aServerWithAnotherClockMayTakeOver() async {
        let failures = await SimulationThread.run {
            (0..<200 as Range<UInt64>).compactMap { seed in
                self.run(seed: seed, serverStep: .seconds(2)).failure.map { "seed \(seed): \($0)" }
            }
        }
        #expect(failures == [])
    }

    @Test func aServerWhoseClockIsFarAheadIsFound() async {
        let failure = await SimulationThread.run {
            (0..<50 as Range<UInt64>).lazy.compactMap {
                self.run(seed: $0, serverStep: .seconds(20)).failure
            }.first
        }
        #expect(failure?.contains("at the same time") == true)
    }

    @Test func ignoringTheLeaseIsFound() async {
        let failure = await SimulationThread.run {
            (0..<50 as Range<UInt64>).lazy.compactMap { self.run(seed: $0, ignoresLease: true).failure }.first
        }
        #expect(failure?.contains("at the same time") == true)
    }
}
