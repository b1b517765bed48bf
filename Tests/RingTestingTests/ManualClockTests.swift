import RingCore
import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(10))) struct ManualClockTests {
    @Test func theWallClockStepsAlone() {
        let clock = ManualClock()
        let (date, uptime) = (clock.now(), clock.uptime())
        clock.step(wallClockBy: .seconds(-3_600))
        #expect(clock.now() == date - 3_600)
        #expect(clock.uptime() == uptime)
        clock.advance(by: .seconds(2))
        #expect(clock.now() == date - 3_598)
        #expect(clock.uptime() == uptime + .seconds(2))
    }

    @Test func advancingGivesASleeperInALoopAllOfItsTurns() async {
        let clock = ManualClock()
        let turns = Mutex<[Duration]>([])
        let task = Task {
            while (try? await clock.sleep(for: .seconds(10))) != nil {
                let time = clock.uptime()
                turns.withLock { $0.append(time) }
            }
        }
        await clock.advanceUntilQuiet(by: .seconds(35))
        #expect(turns.withLock { $0 } == [.seconds(10), .seconds(20), .seconds(30)])
        #expect(clock.uptime() == .seconds(35))
        task.cancel()
        await task.value
    }

    private final class Woken: Sendable {
        private let seconds = Mutex<[Int]>([])
        var all: [Int] { self.seconds.withLock { $0 } }
        func add(_ number: Int) { self.seconds.withLock { $0.append(number) } }
    }

    @Test func sleepersWakeEarliestFirstAndOnlyWhenTheyAreDue() async throws {
        let (clock, woken) = (ManualClock(), Woken())
        var tasks: [Task<Void, any Error>] = []
        for seconds in [3, 1, 2] {
            tasks.append(
                Task {
                    try await clock.sleep(for: .seconds(seconds))
                    woken.add(seconds)
                })
        }
        await clock.sleepers(atLeast: 3)
        #expect(Set(clock.sleeps) == [.seconds(1), .seconds(2), .seconds(3)])
        await clock.advanceUntilQuiet(by: .milliseconds(2_500))
        #expect(woken.all == [1, 2])
        #expect(clock.sleeperCount == 1)
        clock.advance(by: .milliseconds(500))
        for task in tasks { try await task.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func aCancelledSleepThrowsAndLeavesNothingBehind() async {
        let clock = ManualClock()
        let task = Task { try await clock.sleep(for: .seconds(60)) }
        await clock.sleepers(atLeast: 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleeperCount == 0)
        let late = Task {
            while !Task.isCancelled { await Task.yield() }
            try await clock.sleep(for: .seconds(1))
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test func aSleepOfNoTimeReturnsAtOnce() async throws {
        let clock = ManualClock()
        try await clock.sleep(for: .zero)
        try await clock.sleep(for: .seconds(-1))
        #expect(clock.uptime() == .zero)
    }

    @Test func autoAdvanceMovesFromOneSleepToTheNext() async throws {
        let clock = ManualClock(autoAdvance: true)
        let start = clock.now()
        for _ in 0..<30 { try await clock.sleep(for: .seconds(86_400)) }
        #expect(clock.now() == start + 30 * 86_400)
        #expect(clock.sleeps.count == 30)
    }

    /// A timeout of ten seconds beside work that waits for three hours in steps of one second is a timeout; beside work
    /// that only computes it is none.
    @Test func autoAdvanceFiresNoTimerBesideWorkThatGoesOn() async throws {
        for isLate in [false, true] {
            let clock = ManualClock(autoAdvance: true)
            let deadline = RingDeadline(in: .seconds(10), clock: clock)
            func work() async throws -> Int {
                try await deadline.run(clock, of: RingOperation("test")) {
                    for _ in 0..<(isLate ? 10_800 : 9) {
                        try await clock.sleep(for: .seconds(1))
                        for _ in 0..<50 { await Task.yield() }
                    }
                    return 1
                }
            }
            if isLate {
                await #expect(throws: RingError.self) { try await work() }
                #expect(clock.uptime() == .seconds(10))
            } else {
                #expect(try await work() == 1)
                #expect(clock.uptime() == .seconds(9))
            }
        }
    }
}
