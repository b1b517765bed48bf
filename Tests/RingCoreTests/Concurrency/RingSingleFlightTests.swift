import RingCore
import RingTesting
import Testing

@Suite struct RingSingleFlightTests {
    struct Refused: Error {}

    let clock = ManualClock()
    var environment: RingEnvironment { RingEnvironment(clock: self.clock) }

    @Test func callersOfOneRunShareItsResult() async throws {
        let flight = SharedRun()
        let runs = SharedCounter()
        let callers = (0..<5).map { _ in
            Task {
                try await flight.value(in: self.environment) {
                    runs.increment()
                    try await self.clock.sleep(for: .seconds(1))
                    return 7
                }
            }
        }
        await self.clock.sleepers(atLeast: 1)
        await self.clock.quiet()
        #expect(flight.isUnderWay)
        self.clock.advance(by: .seconds(1))
        for caller in callers { #expect(try await caller.value == 7) }
        #expect(runs.value == 1)
        #expect(!flight.isUnderWay)
    }

    @Test func neitherAValueNorAFailureIsKept() async throws {
        let flight = SharedRun()
        await #expect(throws: Refused.self) { try await flight.value(in: self.environment) { throw Refused() } }
        #expect(try await flight.value(in: self.environment) { 1 } == 1)
        #expect(try await flight.value(in: self.environment) { 2 } == 2)
    }

    @Test func aCancelledCallerLeavesAndTheRunGoesOn() async throws {
        let flight = SharedRun()
        let work: @Sendable () async throws -> Int = {
            try await self.clock.sleep(for: .seconds(1))
            return 3
        }
        let first = Task { try await flight.value(in: self.environment, work) }
        await self.clock.sleepers(atLeast: 1)
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(flight.isUnderWay)
        #expect(!flight.hasCallers)
        let second = Task { try await flight.value(in: self.environment) { 4 } }
        await self.clock.quiet()
        while !flight.hasCallers { await Task.yield() }
        self.clock.advance(by: .seconds(1))
        #expect(try await second.value == 3)
    }

    @Test func aCallerThatIsCancelledAlreadyStartsNothing() async {
        let flight = SharedRun()
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await flight.value(in: self.environment) { 1 }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!flight.isUnderWay)
    }

    @Test func aClaimedRunIsStartedByItsHolderAlone() async throws {
        let flight = SharedRun()
        #expect(flight.claim())
        #expect(!flight.claim())
        let other = Task { try await flight.value { Issue.record("a second run was started") } }
        while !flight.hasCallers { await Task.yield() }
        let starts = SharedCounter()
        let holder = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await flight.value(isClaimed: true) { starts.increment() }
        }
        // The others wait for the run, so it starts although its holder is cancelled.
        await #expect(throws: CancellationError.self) { try await holder.value }
        #expect(starts.value == 1)
        flight.finish(.success(5))
        #expect(try await other.value == 5)
        #expect(flight.claim())
    }
}

/// A run as a class owns it.
private final class SharedRun: Sendable {
    private let run = RingSingleFlight<Int>()

    var isUnderWay: Bool { self.run.isUnderWay }
    var hasCallers: Bool { self.run.hasCallers }
    func claim() -> Bool { self.run.claim() }
    func finish(_ result: Result<Int, any Error>) { self.run.finish(result) }

    func value(isClaimed: Bool = false, _ start: () -> Void) async throws -> Int {
        try await self.run.value(isClaimed: isClaimed, start)
    }

    func value(in environment: RingEnvironment, _ work: @escaping @Sendable () async throws -> Int) async throws -> Int
    {
        try await self.run.value {
            environment.detach {
                do { self.run.finish(.success(try await work())) } catch { self.run.finish(.failure(error)) }
            }
        }
    }
}
