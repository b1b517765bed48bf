import RingCore
import RingTesting
import Testing

@Suite struct RingLeaseHeartbeatTests {
    static let collection = RingStorageCollection(name: "things", indexes: [])

    /// The task that extends leases may run later than the work that was about to begin when the process stood still.
    @Test func aLeaseThatHasEndedIsNotHeldBeforeItsLossIsNoticed() async throws {
        let clock = ManualClock()
        let storage = RingMemoryStorage(uptime: { clock.uptime() })
        let heartbeat = RingLeaseHeartbeat(
            storage: storage, environment: RingEnvironment(clock: clock), duration: .seconds(15))
        let lease = RingStorageLease(id: RingStorageID(Self.collection, "a"), token: 7)
        #expect(!heartbeat.isHolding(lease))
        let change = RingStorageChange.put(
            RingStorageRecord(id: lease.id, version: 1), replacing: nil, lease: .take(token: 7, for: .seconds(15)))
        #expect(try await storage.commit([change]))
        heartbeat.hold(lease, since: clock.uptime())
        #expect(heartbeat.isHolding(lease))
        await clock.advanceUntilQuiet(by: .seconds(60))
        #expect(heartbeat.isHolding(lease))
        clock.advance(by: .seconds(16))
        #expect(!heartbeat.isHolding(lease))
        heartbeat.drop(lease)
        #expect(!heartbeat.isHolding(lease))
    }
}
