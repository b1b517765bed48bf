import RingCore
import RingTesting
import RingWHEP
import Testing

@Suite(.timeLimit(.minutes(1))) struct WHEPGovernorTests {
    private let clock = ManualClock()

    private func governor(_ limits: WHEPGovernorLimits) -> WHEPGovernor {
        WHEPGovernor(limits: limits, clock: self.clock)
    }

    @Test func oneSessionADevice() async throws {
        let governor = self.governor(.none)
        let first = try await governor.admit("a", power: .mains)
        let error = await #expect(throws: RingError.self) { try await governor.admit("a", power: .mains) }
        #expect(error?.code == .liveSessionBusy)
        _ = try await governor.admit("b", power: .mains)
        // A chain may hold two for a moment, never three.
        let second = try await governor.admit("a", power: .mains, overlapping: true)
        await #expect(throws: RingError.self) { try await governor.admit("a", power: .mains, overlapping: true) }
        await governor.release(first)
        await governor.release(first)
        await governor.release(second)
        _ = try await governor.admit("a", power: .mains)
        #expect(await governor.openSessionCount == 2)
    }

    @Test func aCapOverAllAccounts() async throws {
        let governor = self.governor(WHEPGovernorLimits(maximumSessionCount: 2, batteryBudget: nil))
        _ = try await governor.admit("a", power: .mains)
        let b = try await governor.admit("b", power: .mains)
        let error = await #expect(throws: RingError.self) { try await governor.admit("c", power: .mains) }
        #expect(error?.code == .liveSessionBusy)
        await governor.release(b)
        _ = try await governor.admit("c", power: .mains)
    }

    @Test func aBatteryHasABudgetAnHour() async throws {
        let governor = self.governor(
            WHEPGovernorLimits(batteryBudget: .seconds(60), minimumDuration: .seconds(10)))
        for left in [60, 32] {
            let admission = try await governor.admit("a", power: .battery)
            #expect(admission.allowance == .seconds(left))
            self.clock.advance(by: .seconds(28))
            await governor.release(admission)
        }
        // 4 seconds are left, less than a session is worth.
        let error = await #expect(throws: RingError.self) { try await governor.admit("a", power: .unknown) }
        #expect(error?.code == .liveBudgetSpent)
        #expect(error?.retryAfter == .seconds(3600 - 28))
        #expect(try await governor.admit("a", power: .mains).allowance == nil)
        self.clock.advance(by: .seconds(3600 - 28))
        #expect(try await governor.admit("b", power: .battery).allowance == .seconds(60))
    }

    @Test func theBudgetShortensTheLastSession() async throws {
        let governor = self.governor(WHEPGovernorLimits(batteryBudget: .seconds(40)))
        let stub = LiveStub(clock: self.clock)
        let client = try stub.client(governor: governor)
        let offer = try Fixture.sdp("offer-aiortc-video")
        let first = try await client.open(LiveStub.device, offer: offer)
        #expect(first.remaining == .seconds(28))
        self.clock.advance(by: .seconds(27))
        await first.close()
        let second = try await client.open(LiveStub.device, offer: offer)
        #expect(second.remaining == .seconds(13))
        await second.close()
    }

    @Test func aDeviceStaysTakenWhileASessionMayStillRun() async throws {
        let governor = self.governor(.none)
        let stub = LiveStub(clock: self.clock, delete: { _, _ in RingHTTPResponse(status: 403) })
        let client = try stub.client(governor: governor)
        let offer = try Fixture.sdp("offer-aiortc-video")
        try await client.open(LiveStub.device, offer: offer).close()
        let error = await #expect(throws: RingError.self) { try await client.open(LiveStub.device, offer: offer) }
        #expect(error?.code == .liveSessionBusy)
        #expect(error?.retryAfter == .seconds(60))
        #expect(stub.count(.post) == 1)
        self.clock.advance(by: .seconds(61))
        try await client.open(LiveStub.device, offer: offer).close()
        #expect(stub.count(.post) == 2)
    }

    @Test func aRefusalGivesThePlaceBack() async throws {
        let governor = self.governor(.none)
        let stub = LiveStub(clock: self.clock, post: { _, _ in RingHTTPResponse(status: 404) })
        let client = try stub.client(governor: governor)
        for _ in 0..<3 {
            let error = await #expect(throws: RingError.self) {
                try await client.open(LiveStub.device, offer: Fixture.sdp("offer-aiortc-video"))
            }
            #expect(error?.code == .deviceNotFound)
        }
        #expect(await governor.openSessionCount == 0)
    }
}
