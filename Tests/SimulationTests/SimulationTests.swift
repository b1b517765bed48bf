import RingCore
import RingTesting
import Synchronization
import Testing

/// The order of a simulation, with everything that Swift's concurrency has in it, and a small workload over a storage.
@Suite(.timeLimit(.minutes(10))) struct SimulationTests {
    private actor Counter {
        private var value = 0
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func add(_ number: Int) async -> Int {
            self.value += number
            await Task.yield()
            return self.value
        }

        func wait() async { await withCheckedContinuation { self.waiting.append($0) } }

        func wake() {
            for continuation in self.waiting { continuation.resume() }
            self.waiting = []
        }
    }

    private final class Journal: Sendable {
        private let lines = Mutex<[String]>([])
        func write(_ line: String) { self.lines.withLock { $0.append(line) } }
        var all: [String] { self.lines.withLock { $0 } }
    }

    private func orderOf(seed: UInt64) -> (lines: [String], digest: UInt64, end: Simulation.End) {
        let simulation = Simulation(seed: seed, keepsTrace: true)
        let process = SimulatedProcess(simulation, name: "p", number: 1)
        let environment = process.environment()
        let journal = Journal()
        process.run {
            let counter = Counter()
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<4 {
                    group.addTask {
                        for round in 0..<3 {
                            journal.write("add \(task) \(round) \(await counter.add(task * 10 + round))")
                        }
                    }
                }
                group.addTask {
                    await counter.wait()
                    journal.write("woken")
                }
                group.addTask {
                    try? await environment.clock.sleep(for: .seconds(3_600))
                    await counter.wake()
                }
            }
            let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
            let reader = environment.detach { for await number in stream { journal.write("read \(number)") } }
            for number in 0..<4 {
                continuation.yield(number)
                await Task.yield()
            }
            continuation.finish()
            await reader.value
            let waiter = environment.detach(throwing: {
                try await withTaskCancellationHandler {
                    try await environment.clock.sleep(for: .seconds(10))
                } onCancel: {
                    journal.write("cancelled")
                }
            })
            for _ in 0..<simulation.number(below: 5) { await Task.yield() }
            waiter.cancel()
            journal.write("result \(await waiter.result.isFailure) after \(environment.clock.uptime())")
        }
        let end = simulation.run()
        return (journal.all, simulation.digest, end)
    }

    @Test func oneSeedGivesOneOrder() {
        var orders: Set<[String]> = []
        for seed in 0..<40 as Range<UInt64> {
            let (first, second) = (self.orderOf(seed: seed), self.orderOf(seed: seed))
            #expect(first.end == .idle)
            #expect(first.lines.count == 19)
            #expect(first.lines == second.lines)
            #expect(first.digest == second.digest)
            orders.insert(first.lines)
        }
        #expect(orders.count > 20)
    }

    @Test func aTaskThatLeavesTheExecutorIsFound() async {
        let simulation = Simulation(seed: 1)
        let process = SimulatedProcess(simulation, name: "p", number: 1)
        let gate = ManualClock()
        // It runs on Swift's own threads, and its end comes from there.
        let task = Task { try? await gate.sleep(for: .seconds(1)) }
        process.run { await task.value }
        #expect(await SimulationThread.run { simulation.run() } == .idle)
        #expect(simulation.failure == nil)
        await gate.sleepers(atLeast: 1)
        gate.advance(by: .seconds(1))
        while simulation.failure == nil { await Task.yield() }
        #expect(simulation.failure?.contains("another thread") == true)
        await SimulationThread.run { simulation.finish([process]) }
    }

    #if os(Linux)
    @Test func aTaskOutsideOfTheExecutorIsFoundAtItsStart() async {
        #expect(EscapeWatch.isActive)
        let failure = await SimulationThread.run {
            let simulation = Simulation(seed: 1)
            let process = SimulatedProcess(simulation, name: "p", number: 1)
            process.run { Task {} }
            _ = simulation.run()
            return simulation.failure
        }
        #expect(failure?.contains("outside of the executor") == true)
    }
    #endif

    @Test func anEndedProcessHasNoEffectAndReturns() {
        let simulation = Simulation(seed: 7)
        let database = RingMemoryStorage(uptime: { simulation.now })
        let process = SimulatedProcess(simulation, name: "p", number: 1)
        let storage = SimulatedStorage(process, database.anotherProcess(), isEndVisible: true)
        let environment = process.environment()
        let collection = RingStorageCollection(name: "counts", indexes: [])
        let count = Mutex(0)
        process.run {
            var version: Int64?
            for number in 1...100 as ClosedRange<Int64> {
                let record = RingStorageRecord(id: RingStorageID(collection, "n"), version: number)
                guard (try? await storage.commit([.put(record, replacing: version)])) == true else { break }
                version = number
                try? await environment.clock.sleep(for: .seconds(1))
            }
            count.withLock { $0 += 1 }
        }
        simulation.after(.milliseconds(9_500)) { process.end() }
        #expect(simulation.run() == .idle)
        #expect(count.withLock { $0 } == 1, "the task has returned")
        #expect(simulation.now < .seconds(11))
        let reader = SimulatedProcess(simulation, name: "r", number: 2)
        let version = Mutex<Int64>(0)
        reader.run {
            let record = try? await database.record(RingStorageID(collection, "n"))
            version.withLock { $0 = record?.version ?? 0 }
        }
        #expect(simulation.run() == .idle)
        #expect((9...10).contains(version.withLock { $0 }))
    }

    @Test func aPausedProcessStandsStillWhileTimeGoesOn() {
        let simulation = Simulation(seed: 3)
        let process = SimulatedProcess(simulation, name: "p", number: 1)
        let environment = process.environment()
        let turns = Mutex<[Duration]>([])
        process.run {
            for _ in 0..<4 {
                try? await environment.clock.sleep(for: .seconds(1))
                turns.withLock { $0.append(simulation.now) }
            }
        }
        simulation.after(.milliseconds(1_500)) { process.pause() }
        simulation.after(.seconds(60)) { process.resume() }
        #expect(simulation.run() == .idle)
        #expect(turns.withLock { $0 } == [.seconds(1), .seconds(60), .seconds(61), .seconds(62)])
    }
}

extension Result {
    fileprivate var isFailure: Bool {
        if case .failure = self { return true }
        return false
    }
}
