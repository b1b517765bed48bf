import RingCore
import RingTesting
import Synchronization
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

    // MARK: Losing leases

    private struct Stage {
        let clock = ManualClock()
        let memory: RingMemoryStorage
        let storage: FaultyStorage
        let heartbeat: RingLeaseHeartbeat
        let lease = RingStorageLease(id: RingStorageID(RingLeaseHeartbeatTests.collection, "a"), token: 7)

        init() {
            let clock = self.clock
            self.memory = RingMemoryStorage(uptime: { clock.uptime() })
            self.storage = FaultyStorage(self.memory)
            self.heartbeat = RingLeaseHeartbeat(
                storage: self.storage, environment: RingEnvironment(clock: clock), duration: .seconds(15))
        }
    }

    private final class Losses: Sendable {
        let count = Mutex(0)
        func note() { self.count.withLock { $0 += 1 } }
        var value: Int { self.count.withLock { $0 } }
    }

    private func holding(_ losses: Losses) async throws -> Stage {
        let stage = Stage()
        let change = RingStorageChange.put(
            RingStorageRecord(id: stage.lease.id, version: 1), replacing: nil,
            lease: .take(token: stage.lease.token, for: .seconds(15)))
        #expect(try await stage.storage.commit([change]))
        stage.heartbeat.hold(stage.lease, since: stage.clock.uptime()) { losses.note() }
        return stage
    }

    @Test func aLeaseIsExtendedForAsLongAsItIsHeld() async throws {
        let losses = Losses()
        let stage = try await self.holding(losses)
        await stage.clock.advanceUntilQuiet(by: .seconds(600))
        #expect(stage.heartbeat.held == [stage.lease] && losses.value == 0)
        #expect(stage.storage.commitCount > 100)
        stage.heartbeat.drop(stage.lease)
        let count = stage.storage.commitCount
        await stage.clock.advanceUntilQuiet(by: .seconds(600))
        #expect(stage.storage.commitCount == count, "nothing is extended that nobody holds")
        #expect(losses.value == 0)
    }

    /// Its holder has to stop before the lease ends for everybody else.
    @Test func aLeaseThatCannotBeExtendedIsLostBeforeItEnds() async throws {
        let losses = Losses()
        let stage = try await self.holding(losses)
        stage.storage.failCommits(FaultyStorage.full)
        await stage.clock.advanceUntilQuiet(by: .seconds(14))
        #expect(losses.value == 1 && stage.heartbeat.held.isEmpty)
        #expect(try await stage.memory.records([stage.lease.id]).first?.isLeased == true)
    }

    @Test func aShortFailureLosesNothing() async throws {
        let losses = Losses()
        let stage = try await self.holding(losses)
        stage.storage.failCommits(FaultyStorage.full)
        await stage.clock.advanceUntilQuiet(by: .seconds(7))
        stage.storage.failCommits(nil)
        await stage.clock.advanceUntilQuiet(by: .seconds(60))
        #expect(losses.value == 0 && stage.heartbeat.isHolding(stage.lease))
    }

    /// The record was written by somebody else meanwhile: the extension does not name it.
    @Test func aLeaseOfAnotherIsLost() async throws {
        let losses = Losses()
        let stage = try await self.holding(losses)
        let change = RingStorageChange.put(
            RingStorageRecord(id: stage.lease.id, version: 2), replacing: 1, lease: .take(token: 8, for: .seconds(15)))
        #expect(try await stage.memory.commit([change]))
        await stage.clock.advanceUntilQuiet(by: .seconds(6))
        #expect(losses.value == 1 && !stage.heartbeat.isHolding(stage.lease))
    }

    @Test func aLeaseThatTookTooLongToTakeIsLostAtOnce() async throws {
        let losses = Losses()
        let stage = Stage()
        stage.clock.advance(by: .seconds(14))
        stage.heartbeat.hold(stage.lease, since: .zero) { losses.note() }
        #expect(losses.value == 1 && stage.heartbeat.held.isEmpty)
    }

    // MARK: The right to work

    @Test func theRightToWorkHasOneHolder() async throws {
        let stage = Stage()
        let environment = RingEnvironment(clock: stage.clock)
        let id = RingStorageID(Self.collection, "work")
        func take() async throws -> RingWorkLease? {
            try await RingWorkLease.take(
                id, in: stage.memory, heartbeat: stage.heartbeat, environment: environment)
        }
        let first = try #require(try await take())
        #expect(first.isHeld)
        #expect(try await take() == nil)
        await stage.clock.advanceUntilQuiet(by: .seconds(60))
        #expect(try await take() == nil, "it is kept for as long as its holder works")
        await first.release()
        #expect(!first.isHeld)
        let second = try #require(try await take())
        #expect(second.isHeld)
        await second.release()
        #expect(try await stage.memory.records([id]).isEmpty, "nothing is left behind")
    }
}
