import RingCore
import RingTesting
import Synchronization
import Testing

@Suite struct RingSignalTests {
    let clock = ManualClock()
    var environment: RingEnvironment { RingEnvironment(clock: self.clock) }

    @Test func keepsOneWakeUpForTheNextTaskThatWaits() async {
        let signal = RingSignal()
        signal.signal()
        signal.signal()
        await signal.wait()
        let second = Task { await signal.wait(atMost: .seconds(5), in: self.environment) }
        await self.clock.sleepers(atLeast: 1)
        self.clock.advance(by: .seconds(5))
        await second.value
        #expect(self.clock.sleeps == [.seconds(5)])
    }

    @Test func wakesAllTasksThatWait() async {
        let signal = RingSignal()
        let waiters = (0..<3).map { _ in Task { await signal.wait(atMost: .seconds(60), in: self.environment) } }
        await self.clock.sleepers(atLeast: 3)
        signal.signal()
        for waiter in waiters { await waiter.value }
        await self.clock.quiet()
        // The timers have ended with the waits, and no wake-up was kept.
        #expect(self.clock.sleeperCount == 0)
        let next = Task { await signal.wait(atMost: .seconds(1), in: self.environment) }
        await self.clock.sleepers(atLeast: 1)
        self.clock.advance(by: .seconds(1))
        await next.value
    }

    @Test func theEndOfATimeAndACancellationEndOneWaitOnly() async {
        let signal = RingSignal()
        let ended = SharedCounter()
        let patient = Task {
            await signal.wait(atMost: .seconds(60), in: self.environment)
            ended.increment()
        }
        await self.clock.sleepers(atLeast: 1)
        let cancelled = Task { await signal.wait(atMost: .seconds(60), in: self.environment) }
        await self.clock.sleepers(atLeast: 2)
        let short = Task { await signal.wait(atMost: .seconds(1), in: self.environment) }
        await self.clock.sleepers(atLeast: 3)
        cancelled.cancel()
        await cancelled.value
        await self.clock.advanceUntilQuiet(by: .seconds(1))
        await short.value
        #expect(ended.value == 0)
        signal.signal()
        await patient.value
        #expect(ended.value == 1)
    }

    @Test func aTaskThatIsCancelledAlreadyDoesNotWait() async {
        let signal = RingSignal()
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            await signal.wait()
            return await signal.wait(until: { false })
        }
        #expect(await task.value == false)
    }

    @Test func waitsForAConditionThroughSignalsThatDoNotFulfilIt() async {
        let (signal, count) = (RingSignal(), SharedCounter())
        let waiters = (0..<4).map { _ in
            Task { await signal.wait(until: { count.value == 100 }) }
        }
        for _ in 0..<100 {
            count.increment()
            signal.signal()
            await Task.yield()
        }
        for waiter in waiters { #expect(await waiter.value) }
        #expect(await signal.wait(until: { true }, atMost: .zero, in: self.environment))
    }

    @Test func aConditionIsWaitedForUntilTheTimeHasPassed() async {
        let signal = RingSignal()
        let waiter = Task { await signal.wait(until: { false }, atMost: .seconds(10), in: self.environment) }
        await self.clock.sleepers(atLeast: 1)
        self.clock.advance(by: .seconds(4))
        signal.signal()
        await self.clock.advanceUntilQuiet(by: .seconds(6))
        #expect(await waiter.value == false)
        #expect(self.clock.uptime() == .seconds(10))
        #expect(self.clock.sleeps == [.seconds(10), .seconds(6)])
    }
}

/// A number that tasks count up.
final class SharedCounter: Sendable {
    private let state = Mutex(0)
    var value: Int { self.state.withLock { $0 } }
    func increment() { self.state.withLock { $0 += 1 } }
}
