import RingCore
import RingCurl
import RingSimulator
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The simulated time, as a service sees it.
@Suite(.timeLimit(.minutes(5))) struct SharedClockTests {
    private func wait(until isTrue: () -> Bool) async throws {
        while !isTrue() { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// Moves the clock forward until some work has ended.
    private func moving(
        _ simulator: RingSimulator, by step: Duration, _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        let mover = Task {
            while !Task.isCancelled {
                simulator.advance(by: step)
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        defer { mover.cancel() }
        try await work()
        mover.cancel()
        await mover.value
    }

    @Test func aServiceInAnotherProcessFollowsTheClock() async throws {
        // The clock stands still first, so that the time that the response takes is no difference.
        let simulator = try await RingSimulator.start(.still)
        simulator.advance(by: .seconds(86_400))
        let clock = try await RingSimulatorClock.following(simulator.controlURL, over: PatientTransport())
        func difference() -> Double { abs(clock.now().timeIntervalSince(simulator.now)) }
        #expect(difference() < 0.001)
        simulator.setSpeed(1)
        // A sleep of the service ends when the simulator's clock is moved.
        try await self.moving(simulator, by: .seconds(600)) { try await clock.sleep(for: .seconds(3_000)) }
        try await self.wait { difference() < 5 }
        #expect(clock.uptime() >= .seconds(3_000))
        // A new world goes back; limits that run do not.
        let before = clock.uptime()
        let past = Date(timeIntervalSince1970: 1_700_000_000)
        try simulator.reset(at: past)
        try await self.wait { clock.now() < past + 60 }
        #expect(clock.now() >= past && clock.uptime() >= before)
        // Another speed.
        simulator.setSpeed(3_600)
        try await clock.sleep(for: .seconds(7_200))
        await simulator.stop()
        // Without the simulator it goes on.
        let last = clock.uptime()
        try await clock.sleep(for: .seconds(60))
        #expect(clock.uptime() >= last + .seconds(60))
    }

    @Test func whatIsNoSimulatorIsNamed() async throws {
        let simulator = try await RingSimulator.start()
        for url in [simulator.apiURL, "http://127.0.0.1:1", "http://ring.example", ""] {
            await #expect(throws: RingError.self) {
                try await RingSimulatorClock.following(url, over: RingCurlTransport())
            }
        }
        await simulator.stop()
    }

    @Test func responsesHaveTheSimulatedDate() async throws {
        let simulator = try await RingSimulator.start(.still)
        simulator.advance(by: .seconds(86_400))
        let reply = try await send("GET", simulator.apiURL + "/v1/devices")
        let dates = reply.fields[values: "Date"]
        #expect(dates.count == 1)
        let date = try #require(dates.first.flatMap { RingHTTPDate.parse($0, now: simulator.now) })
        // Such a date has whole seconds.
        #expect((0..<1).contains(simulator.now.timeIntervalSince(date)))
        await simulator.stop()
    }

    @Test func everyRunInProcessHasTheSameDeliveries() async throws {
        func deliveries() async throws -> [String] {
            var configuration = RingSimulatorConfiguration()
            configuration.accounts = [RingSimulatorAccount(state: .completed)]
            let simulator = try RingSimulator.inProcess(configuration, clock: ManualClock())
            simulator.setReceiver { _ in RingHTTPResponse(status: 503) }
            try simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            await simulator.settle()
            let all = simulator.deliveries.map { String(describing: $0) }
            await simulator.stop()
            return all
        }
        let first = try await deliveries()
        #expect(first.count == 1)
        #expect(try await deliveries() == first)
    }

    @Test func theClockInProcessFollowsBothClocks() async throws {
        let base = ManualClock()
        let simulator = try RingSimulator.inProcess(clock: base)
        let clock = simulator.clock
        #expect(clock.now() == base.now() && clock.uptime() == .zero)
        let sleep = Task { try await clock.sleep(for: .seconds(100)) }
        await base.sleepers(atLeast: 1)
        base.advance(by: .seconds(40))
        simulator.advance(by: .seconds(60))
        try await sleep.value
        #expect(clock.uptime() == .seconds(100))
        // Standing still.
        simulator.setSpeed(0)
        base.advance(by: .seconds(1_000))
        #expect(clock.uptime() == .seconds(100))
        try await self.moving(simulator, by: .seconds(1)) { try await clock.sleep(for: .seconds(5)) }
        let passed = clock.uptime()
        #expect(passed >= .seconds(105))
        let cancelled = Task { try await clock.sleep(for: .seconds(5)) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        try simulator.reset(at: Date(timeIntervalSince1970: 1_700_000_000))
        #expect(clock.now() == Date(timeIntervalSince1970: 1_700_000_000) && clock.uptime() == passed)
        await simulator.stop()
    }
}
