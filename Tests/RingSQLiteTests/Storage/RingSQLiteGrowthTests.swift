import Foundation
import RingCore
import RingSQLite
import RingTesting
import Testing

/// The file of a service that runs for months stays as large as what it holds.
@Suite(.timeLimit(.minutes(2))) struct RingSQLiteGrowthTests {
    private static let inbox = RingStorageCollection(
        name: "inbox", indexes: ["due", "lane", "quarantined", "expires", "sealing_key"])

    private func put(_ storage: any RingStorage, _ records: [RingStorageRecord], replacing: Int64?) async throws {
        #expect(try await storage.commit(records.map { .put($0, replacing: replacing) }))
    }

    private func record(_ name: String, version: Int64 = 1, keys: [RingStorageKey?], size: Int) -> RingStorageRecord {
        RingStorageRecord(
            id: RingStorageID(Self.inbox, name), version: version, keys: keys,
            payload: [UInt8](repeating: 0x61, count: size))
    }

    private func deleteExpired(_ storage: any RingStorage, through now: Int64) async throws {
        let query = RingStorageQuery(
            Self.inbox, index: 3, through: .integer(now), limit: 500, includesPayload: false)
        while true {
            let old = try await storage.records(matching: query)
            if old.isEmpty { return }
            #expect(try await storage.commit(old.map { .delete($0.id, version: $0.version) }))
        }
    }

    private func size(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    /// A month of 720 hours at 16 webhooks an hour, with a retention of 76 hours.
    @Test func aMonthOfWebhooksReachesASizeAndKeepsIt() async throws {
        let folder = TemporaryFolder()
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        var generator = SeededGenerator(seed: 14)
        var (steady, largest) = (0, 0)
        for hour in 0..<720 as Range<Int64> {
            let names = (0..<16).map { "36:\(generator.next())-\(hour)-\($0)" }
            let arrived = names.map { self.record($0, keys: [.integer(0)], size: 700) }
            try await self.put(storage, arrived, replacing: nil)
            let settled = names.map {
                self.record($0, version: 2, keys: [nil, nil, nil, .integer(hour + 76)], size: 60)
            }
            try await self.put(storage, settled, replacing: 1)
            try await self.deleteExpired(storage, through: hour)
            if hour == 160 { steady = try await self.pageCount(storage) }
            if hour >= 160 { largest = max(largest, try await self.pageCount(storage)) }
        }
        #expect(largest <= steady + steady / 50, "steady \(steady) pages, largest \(largest)")
        #expect(try await storage.count(matching: RingStorageQuery(Self.inbox)) == 76 * 16)
        await storage.close()
        #expect(try self.size(folder.file()) <= (steady + steady / 50) * 4_096)
    }

    private func pageCount(_ storage: RingSQLiteDatabase) async throws -> Int {
        try await storage.read { try $0.first("PRAGMA page_count") { Int($0.integer(0)) } } ?? 0
    }

    @Test func theFileShrinksWhenMuchIsDeleted() async throws {
        let folder = TemporaryFolder()
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        for start in stride(from: 0, to: 6_000, by: 500) {
            let records = (start..<start + 500).map {
                self.record("\($0)", keys: [nil, nil, nil, .integer(1)], size: 1_500)
            }
            try await self.put(storage, records, replacing: nil)
        }
        let before = try await self.pageCount(storage)
        try await self.deleteExpired(storage, through: 1)
        // What follows gives back more, a little with each deletion.
        for number in 0..<20 {
            try await self.put(storage, [self.record("x", keys: [], size: 1)], replacing: nil)
            #expect(
                try await storage.commit([.delete(RingStorageID(Self.inbox, "x"), version: 1)]), "round \(number)")
        }
        let after = try await self.pageCount(storage)
        #expect(before > 2_000 && after < 700, "from \(before) to \(after) pages")
        let integrity = try await storage.read { try $0.query("PRAGMA integrity_check") { $0.text(0) } }
        #expect(integrity == ["ok"])
        await storage.close()
        #expect(try self.size(folder.file()) == after * 4_096)
    }
}
