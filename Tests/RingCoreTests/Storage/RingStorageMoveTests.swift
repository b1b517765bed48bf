import RingCore
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingStorageMoveTests {
    private static let things = RingStorageCollection(name: "things", indexes: ["key"])
    private static let others = RingStorageCollection(name: "others", indexes: [])

    private func filled() async throws -> RingMemoryStorage {
        let storage = RingMemoryStorage()
        for number in 0..<5 as Range<Int64> {
            let record = RingStorageRecord(
                id: RingStorageID(Self.things, "\(number)"), version: number + 10, keys: [.integer(number)],
                payload: [UInt8(number)])
            #expect(try await storage.commit([.put(record, replacing: nil)]))
        }
        let other = RingStorageRecord(id: RingStorageID(Self.others, "one"), version: 1, payload: [99])
        #expect(try await storage.commit([.put(other, replacing: nil)]))
        return storage
    }

    private func contents(_ storage: any RingStorage) async throws -> [String] {
        var found: [String] = []
        for collection in [Self.others, Self.things] {
            found += try await storage.records(matching: RingStorageQuery(collection)).map {
                "\($0.id) \($0.keys.first.flatMap(\.self).map { "\($0)" } ?? "-") \($0.payload)"
            }
        }
        return found
    }

    @Test func movesEverythingAndLeavesNothing() async throws {
        let (source, target) = (try await self.filled(), RingMemoryStorage())
        let before = try await self.contents(source)
        let outcome = try await RingStorageMove(from: source, to: target, environment: RingEnvironment()).run()
        #expect(outcome.moved == ["things": 5, "others": 1] && outcome.inUse == 0 && outcome.conflicts.isEmpty)
        #expect(try await self.contents(target) == before)
        #expect(try await source.collections().isEmpty)
        #expect(try await target.collections().sorted() == ["others", "things"], "no notes are left")
    }

    /// A run that ends at any of its commits, before or after its effect, is completed by the next one; what the target has
    /// made of a record in between stays.
    @Test(arguments: [FaultyStorage.Moment.before, .after], [true, false])
    func canBeStoppedAnywhere(moment: FaultyStorage.Moment, failsInSource: Bool) async throws {
        for number in 1...18 {
            let (source, target) = (try await self.filled(), RingMemoryStorage())
            let before = try await self.contents(source)
            let faulty = FaultyStorage(failsInSource ? source : target)
            faulty.failCommit(number, moment)
            let interrupted =
                failsInSource
                ? RingStorageMove(from: Listed(faulty, source), to: target, environment: RingEnvironment())
                : RingStorageMove(from: source, to: faulty, environment: RingEnvironment())
            _ = try? await interrupted.run()
            // The service of the target has begun to work.
            for var record in try await target.records(matching: RingStorageQuery(Self.things)) {
                record.version += 100
                #expect(try await target.commit([.put(record, replacing: record.version - 100)]))
            }
            // The reservations of the first run end.
            await source.close()
            let rest = source.anotherProcess()
            let outcome = try await RingStorageMove(from: rest, to: target, environment: RingEnvironment()).run()
            #expect(outcome.inUse == 0 && outcome.conflicts.isEmpty, "stopped at \(number)")
            #expect(try await self.contents(target) == before, "stopped at \(number)")
            #expect(try await rest.collections().isEmpty, "stopped at \(number)")
            #expect(try await target.collections().sorted() == ["others", "things"], "stopped at \(number)")
        }
    }

    @Test func whatIsInUseOrInBothStays() async throws {
        let (source, target) = (try await self.filled(), RingMemoryStorage())
        let used = try #require(try await source.record(RingStorageID(Self.things, "2")))
        #expect(
            try await source.commit([
                .put(used, replacing: used.version, lease: .take(token: 1, for: .seconds(60)))
            ]))
        let both = RingStorageRecord(id: RingStorageID(Self.things, "3"), version: 500, payload: [200])
        #expect(try await target.commit([.put(both, replacing: nil)]))
        let outcome = try await RingStorageMove(from: source, to: target, environment: RingEnvironment()).run()
        #expect(outcome.inUse == 1 && outcome.conflicts == [both.id])
        #expect(try await self.contents(source) == ["things/2 integer(2) [2]", "things/3 integer(3) [3]"])
        #expect(try await target.record(both.id)?.payload == [200])
    }
}

/// A storage that fails, with the list of the one that works.
private final class Listed: RingStorageListing {
    private let faulty: FaultyStorage
    private let listing: any RingStorageListing

    init(_ faulty: FaultyStorage, _ listing: any RingStorageListing) {
        self.faulty = faulty
        self.listing = listing
    }

    var location: String { self.faulty.location }
    func collections() async throws -> [String] { try await self.listing.collections() }
    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] { try await self.faulty.records(ids) }
    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try await self.faulty.records(matching: query)
    }
    func commit(_ changes: [RingStorageChange]) async throws -> Bool { try await self.faulty.commit(changes) }
    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        try await self.faulty.extend(leases, by: duration)
    }
    func close() async { await self.faulty.close() }
}
