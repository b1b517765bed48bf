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

    @Test(arguments: RingStorageConformance.rules)
    func conformsWhenNothingIsPlanned(rule: RingStorageConformance.Rule) async throws {
        let first = RingMemoryStorage()
        try await rule.check(.init(open: { FaultyStorage(first.anotherProcess()) }))
    }
}
