import RingCore
import RingTesting
import Testing

@Suite struct RingFirstResultTests {
    struct Refused: Error {}

    @Test func theFirstResultCountsBeforeAndAfterSomebodyWaits() async throws {
        let early = RingFirstResult<Int>()
        early.finish(.success(1))
        early.finish(.failure(Refused()))
        #expect(try await early.value() == 1)
        early.finish(.success(2))

        let late = RingFirstResult<Int>()
        let waiter = Task { try await late.value() }
        await Task.yield()
        late.finish(.failure(Refused()))
        late.finish(.success(3))
        await #expect(throws: Refused.self) { try await waiter.value }
    }

    @Test func waitsForWorkNoLongerThanALimit() async {
        let clock = ManualClock()
        let environment = RingEnvironment(clock: clock)
        let ended = RingFirstResult<Bool>()
        let slow = Task {
            await RingFirstResult<Int>.wait(atMost: .seconds(5), in: environment) {
                try? await clock.sleep(for: .seconds(8))
                ended.finish(.success(!Task.isCancelled))
                return 1
            }
        }
        await clock.sleepers(atLeast: 2)
        clock.advance(by: .seconds(5))
        #expect(await slow.value == nil)
        clock.advance(by: .seconds(3))
        // The work itself goes on to its end.
        #expect((try? await ended.value()) == true)
        let quick = await RingFirstResult<Int>.wait(atMost: .seconds(5), in: environment) { 2 }
        #expect(quick == 2)
        await clock.quiet()
        #expect(clock.sleeperCount == 0)
    }
}
