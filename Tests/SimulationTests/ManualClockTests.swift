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
