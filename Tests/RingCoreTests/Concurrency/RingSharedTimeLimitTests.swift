import RingCore
import RingTesting
import Synchronization
import Testing

@Suite struct RingSharedTimeLimitTests {
    let clock = ManualClock()
    var limit: RingSharedTimeLimit {
        RingSharedTimeLimit(.seconds(10), environment: RingEnvironment(clock: self.clock))
    }

    @Test func endsEachOperationAtItsOwnTimeOnce() async {
        let ended = SharedList()
        let limit = self.limit
        _ = limit.start { ended.append(1) }
        await self.clock.advanceUntilQuiet(by: .seconds(4))
        _ = limit.start { ended.append(2) }
        await self.clock.advanceUntilQuiet(by: .seconds(5))
        #expect(ended.values.isEmpty)
        await self.clock.advanceUntilQuiet(by: .seconds(1))
        #expect(ended.values == [1])
        await self.clock.advanceUntilQuiet(by: .seconds(4))
        #expect(ended.values == [1, 2])
        await self.clock.advanceUntilQuiet(by: .seconds(100))
        #expect(ended.values == [1, 2])
        #expect(self.clock.sleeperCount == 0)
    }

    @Test func onlyOneTaskSleepsForManyAndNoneForNobody() async {
        let limit = self.limit
        let ended = SharedList()
        let ids = (0..<100).map { number in limit.start { ended.append(number) } }
        await self.clock.quiet()
        #expect(self.clock.sleeperCount == 1)
        for id in ids where id != ids[50] { limit.stop(id) }
        await self.clock.quiet()
        #expect(self.clock.sleeperCount == 1)
        limit.stop(ids[50])
        await self.clock.quiet()
        #expect(self.clock.sleeperCount == 0)
        // Another one after that has its whole time.
        _ = limit.start { ended.append(100) }
        await self.clock.advanceUntilQuiet(by: .seconds(9))
        #expect(ended.values.isEmpty)
        await self.clock.advanceUntilQuiet(by: .seconds(1))
        #expect(ended.values == [100])
    }
}

private final class SharedList: Sendable {
    private let state = Mutex<[Int]>([])
    var values: [Int] { self.state.withLock { $0 } }
    func append(_ value: Int) { self.state.withLock { $0.append(value) } }
}
