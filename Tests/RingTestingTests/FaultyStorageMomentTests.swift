import RingCore
import RingTesting
import Testing

/// Every call of a storage at every moment of a planned failure.
@Suite struct FaultyStorageMomentTests {
    enum Write: CaseIterable, Sendable { case commit, extend }
    enum Read: CaseIterable, Sendable { case byName, byQuery, count }

    private static let things = RingStorageCollection(name: "things", indexes: [])
    private static let id = RingStorageID(things, "a")
    private static let lease = RingStorageLease(id: id, token: 7)

    /// A storage with one record, version 1, leased with token 7 for a minute of a clock.
    private func storage(_ clock: ManualClock) async throws -> FaultyStorage {
        let memory = RingMemoryStorage(uptime: { clock.uptime() })
        let record = RingStorageRecord(id: Self.id, version: 1)
        #expect(
            try await memory.commit([.put(record, replacing: nil, lease: .take(token: 7, for: .seconds(60)))]))
        return FaultyStorage(memory)
    }

    private func write(_ write: Write, _ storage: FaultyStorage) async throws {
        switch write {
        case .commit:
            #expect(try await storage.commit([.put(RingStorageRecord(id: Self.id, version: 2), replacing: 1)]))
        case .extend:
            #expect(try await storage.extend([Self.lease], by: .seconds(3_600)) == [Self.lease])
        }
    }

    private func read(_ read: Read, _ storage: FaultyStorage) async throws -> Int {
        switch read {
        case .byName: try await storage.records([Self.id]).count
        case .byQuery: try await storage.records(matching: RingStorageQuery(Self.things)).count
        case .count: try await storage.count(matching: RingStorageQuery(Self.things))
        }
    }

    /// Whether the write had its effect: the version grew, or the lease outlives a minute.
    private func hasEffect(_ write: Write, _ storage: FaultyStorage, _ clock: ManualClock) async throws -> Bool {
        switch write {
        case .commit: return try await storage.record(Self.id)?.version == 2
        case .extend:
            clock.advance(by: .seconds(61))
            return try await storage.record(Self.id)?.leaseToken == 7
        }
    }

    @Test(arguments: Write.allCases, [FaultyStorage.Moment.before, .after])
    func aPlannedWriteFailsOnce(_ write: Write, _ moment: FaultyStorage.Moment) async throws {
        let clock = ManualClock()
        let storage = try await self.storage(clock)
        storage.failCommit(1, moment, RingError(code: .conflict, message: "planned"))
        let error = await #expect(throws: RingError.self) { try await self.write(write, storage) }
        #expect(error?.message == "planned")
        #expect(storage.commitCount == 1)
        #expect(try await self.hasEffect(write, storage, clock) == (moment == .after))
    }

    @Test(arguments: Write.allCases, [FaultyStorage.Moment.before, .after])
    func anOutageFailsEveryWriteUntilItEnds(_ write: Write, _ moment: FaultyStorage.Moment) async throws {
        let clock = ManualClock()
        let storage = try await self.storage(clock)
        storage.failCommits(FaultyStorage.full, moment)
        await #expect(throws: RingError.self) { try await self.write(write, storage) }
        // A second extension succeeds below; a second commit finds the version that the first one left.
        await #expect(throws: RingError.self) { try await storage.extend([Self.lease], by: .seconds(60)) }
        #expect(storage.commitCount == 2)
        storage.failCommits(nil)
        #expect(try await storage.extend([Self.lease], by: .seconds(60)) == [Self.lease])
        #expect(storage.commitCount == 3)
        let version = try await storage.record(Self.id)?.version
        #expect(version == (write == .commit && moment == .after ? 2 : 1))
    }

    @Test(arguments: Read.allCases) func aFailingReadChangesNothing(_ read: Read) async throws {
        let storage = try await self.storage(ManualClock())
        storage.failReads(FaultyStorage.full)
        for _ in 0..<2 {
            let error = await #expect(throws: RingError.self) { _ = try await self.read(read, storage) }
            #expect(error?.code == .storageFailed)
        }
        // Writes go on while reads fail, and reads are not counted as commits.
        try await self.write(.commit, storage)
        #expect(storage.commitCount == 1)
        storage.failReads(nil)
        #expect(try await self.read(read, storage) == 1)
    }

    @Test(arguments: Read.allCases) func readsGoOnWhileWritesFail(_ read: Read) async throws {
        let storage = try await self.storage(ManualClock())
        storage.failCommits(FaultyStorage.full)
        #expect(try await self.read(read, storage) == 1)
    }

    @Test func aPlanForOneCommitPrecedesAnOutage() async throws {
        let storage = try await self.storage(ManualClock())
        storage.failCommits(RingError(code: .conflict, message: "outage"))
        storage.failCommit(2, .after, RingError(code: .conflict, message: "planned"))
        var messages: [String] = []
        for _ in 0..<3 {
            do { try await self.write(.commit, storage) } catch let error as RingError {
                messages.append(error.message)
            }
        }
        #expect(messages == ["outage", "planned", "outage"])
        #expect(try await storage.record(Self.id)?.version == 2)
    }

    @Test func aCommitThatDoesNotHappenByItselfIsNoFailure() async throws {
        let storage = try await self.storage(ManualClock())
        storage.failCommit(2)
        // The wrong version: `false`, and not an error.
        #expect(try await !storage.commit([.delete(Self.id, version: 9)]))
        await #expect(throws: RingError.self) { try await storage.commit([.delete(Self.id, version: 1)]) }
        #expect(try await storage.commit([.delete(Self.id, version: 1)]))
        #expect(try await storage.record(Self.id) == nil)
    }
}
