import RingCore
import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which sleepers a move of the clock wakes, when, and in which order.
@Suite(.timeLimit(.minutes(2))) struct ManualClockOrderTests {
    private final class Log: Sendable {
        private let entries = Mutex<[String]>([])
        var all: [String] { self.entries.withLock { $0 } }
        func add(_ entry: String) { self.entries.withLock { $0.append(entry) } }
    }

    @Test(arguments: [Duration.nanoseconds(1), .milliseconds(1), .seconds(1), .seconds(86_400 * 365)])
    func aSleepEndsAtItsTimeAndNotBefore(duration: Duration) async throws {
        let clock = ManualClock()
        let task = Task { try await clock.sleep(for: duration) }
        await clock.sleepers(atLeast: 1)
        clock.advance(by: duration - .nanoseconds(1))
        #expect(clock.sleeperCount == 1)
        clock.advance(by: .nanoseconds(1))
        #expect(clock.sleeperCount == 0)
        try await task.value
        #expect(clock.uptime() == duration)
        #expect(clock.sleeps == [duration])
    }

    @Test func aStepOfTheWallClockWakesNobody() async {
        let clock = ManualClock()
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.sleepers(atLeast: 1)
        for step in [3_600, -7_200, 86_400] { clock.step(wallClockBy: .seconds(step)) }
        #expect(clock.sleeperCount == 1)
        #expect(clock.uptime() == .zero)
        clock.advance(by: .seconds(1))
        #expect(await task.result.isSuccess)
    }

    @Test func nestedSleepsGetTheirTurnsInOneAdvance() async throws {
        let (clock, log) = (ManualClock(), Log())
        let task = Task {
            for (name, seconds) in [("a", 1), ("b", 2), ("c", 4)] {
                try await clock.sleep(for: .seconds(seconds))
                log.add("\(name) at \(clock.uptime())")
            }
        }
        await clock.sleepers(atLeast: 1)
        await clock.advanceUntilQuiet(by: .seconds(3))
        #expect(log.all == ["a at 1.0 seconds", "b at 3.0 seconds"])
        await clock.advanceUntilQuiet(by: .seconds(10))
        #expect(log.all.last == "c at 7.0 seconds")
        #expect(clock.uptime() == .seconds(13))
        try await task.value
    }

    @Test func advancingByNothingMovesNothing() async {
        let clock = ManualClock()
        let start = clock.now()
        clock.advance(by: .zero)
        await clock.advanceUntilQuiet(by: .zero)
        #expect(clock.uptime() == .zero)
        #expect(clock.now() == start)
        #expect(clock.sleeps.isEmpty)
    }

    @Test func autoAdvanceWakesTheEarliestSleeperFirst() async {
        let (clock, log) = (ManualClock(autoAdvance: true), Log())
        await withTaskGroup(of: Void.self) { group in
            for hours in [5, 1, 3, 2, 4] {
                group.addTask {
                    try? await clock.sleep(for: .seconds(hours * 3_600))
                    log.add("\(hours)")
                }
            }
        }
        #expect(log.all == ["1", "2", "3", "4", "5"])
        #expect(clock.uptime() == .seconds(5 * 3_600))
        #expect(clock.sleeperCount == 0)
    }

    @Test func cancellingOneSleeperLeavesTheOthers() async {
        let clock = ManualClock()
        let tasks = (1...4).map { seconds in Task { try await clock.sleep(for: .seconds(seconds)) } }
        await clock.sleepers(atLeast: 4)
        tasks[1].cancel()
        await #expect(throws: CancellationError.self) { try await tasks[1].value }
        #expect(clock.sleeperCount == 3)
        clock.advance(by: .seconds(4))
        for index in [0, 2, 3] { #expect(await tasks[index].result.isSuccess, "sleeper \(index)") }
        // To cancel what has ended changes nothing.
        tasks[0].cancel()
        #expect(clock.sleeperCount == 0)
    }

    @Test func watchersWaitForTheirOwnNumberOfSleepers() async {
        let clock = ManualClock()
        await clock.sleepers(atLeast: 0)
        async let one: Void = clock.sleepers(atLeast: 1)
        async let three: Void = clock.sleepers(atLeast: 3)
        let tasks = (0..<3).map { _ in Task { try await clock.sleep(for: .seconds(1)) } }
        _ = await (one, three)
        #expect(clock.sleeperCount == 3)
        clock.advance(by: .seconds(1))
        for task in tasks { #expect(await task.result.isSuccess) }
    }

    @Test func theDateCountsFractionsOfASecond() {
        let clock = ManualClock()
        let start = clock.now()
        clock.advance(by: .milliseconds(250))
        clock.step(wallClockBy: .milliseconds(-500))
        #expect(clock.now().timeIntervalSince(start) == -0.25)
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
