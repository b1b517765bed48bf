import RingCore
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct FaultyStorageTests {
    private static let things = RingStorageCollection(name: "things", indexes: [])

    private func put(_ storage: FaultyStorage, _ name: String) async throws -> Bool {
        try await storage.commit([
            .put(RingStorageRecord(id: RingStorageID(Self.things, name), version: 1), replacing: nil)
        ])
    }

    @Test func failsBeforeOrAfterTheEffect() async throws {
        let storage = FaultyStorage()
        storage.failCommit(2, .before)
        storage.failCommit(3, .after)
        #expect(try await self.put(storage, "a"))
        await #expect(throws: RingError.self) { try await self.put(storage, "b") }
        await #expect(throws: RingError.self) { try await self.put(storage, "c") }
        #expect(try await self.put(storage, "d"))
        #expect(storage.commitCount == 4)
        let names = try await storage.records(matching: RingStorageQuery(Self.things)).map(\.id.name)
        #expect(names == ["a", "c", "d"])
    }

    @Test func failsUntilItIsToldOtherwise() async throws {
        let storage = FaultyStorage()
        storage.failCommits(FaultyStorage.full)
        storage.failReads(FaultyStorage.full)
        for name in ["a", "b"] { await #expect(throws: RingError.self) { try await self.put(storage, name) } }
        await #expect(throws: RingError.self) { try await storage.count(matching: RingStorageQuery(Self.things)) }
        storage.failCommits(nil)
        storage.failReads(nil)
        #expect(try await storage.count(matching: RingStorageQuery(Self.things)) == 0)
        #expect(try await self.put(storage, "a"))
    }

    @Test func anExtensionFailsAsACommitDoes() async throws {
        let storage = FaultyStorage()
        #expect(try await self.put(storage, "a"))
        let id = RingStorageID(Self.things, "a")
        let record = try #require(try await storage.record(id))
        var next = record
        next.version = 2
        #expect(
            try await storage.commit([.put(next, replacing: 1, lease: .take(token: 7, for: .seconds(60)))]))
        let lease = RingStorageLease(id: id, token: 7)
        storage.failCommit(3)
        await #expect(throws: RingError.self) { try await storage.extend([lease], by: .seconds(60)) }
        #expect(try await storage.extend([lease], by: .seconds(60)) == [lease])
        // One that is done and fails all the same: the caller cannot know.
        storage.failCommits(FaultyStorage.full, .after)
        await #expect(throws: RingError.self) { try await storage.extend([lease], by: .zero) }
        storage.failCommits(nil)
        #expect(storage.commitCount == 5)
        #expect(try await storage.record(id)?.leaseToken == nil)
    }

    @Test func theErrorIsTheOneThatWasPlanned() async throws {
        let storage = FaultyStorage()
        let planned = RingError(code: .conflict, message: "planned")
        storage.failReads(planned)
        for read in [
            { _ = try await storage.records([RingStorageID(Self.things, "a")]) },
            { _ = try await storage.records(matching: RingStorageQuery(Self.things)) },
            { _ = try await storage.count(matching: RingStorageQuery(Self.things)) },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: RingError.self) { try await read() }
            #expect(error?.message == "planned")
        }
        storage.failCommit(1, .before, planned)
        let error = await #expect(throws: RingError.self) { try await self.put(storage, "a") }
        #expect(error?.code == .conflict)
        #expect(FaultyStorage.full.code == .storageFailed)
    }

    @Test func whatItDoesNotFailItPassesOn() async throws {
        let memory = RingMemoryStorage()
        let storage = FaultyStorage(memory)
        #expect(storage.location == memory.location)
        #expect((storage.rateBudget == nil) == (memory.rateBudget == nil))
        #expect((storage.changes(in: Self.things) == nil) == (memory.changes(in: Self.things) == nil))
        await storage.close()
        await #expect(throws: RingError.self) { try await self.put(storage, "a") }
    }

    @Test(arguments: RingStorageConformance.rules)
    func conformsWhenNothingIsPlanned(rule: RingStorageConformance.Rule) async throws {
        let first = RingMemoryStorage()
        try await rule.check(.init(open: { FaultyStorage(first.anotherProcess()) }))
    }
}
