import Foundation
import RingCore
import RingSQLite
import RingTesting
import Synchronization
import Testing

/// Random calls have the same results in SQLite as in memory, whose code is the contract in a few lines.
@Suite(.timeLimit(.minutes(2))) struct RingSQLiteDifferentialTests {
    private static let collections = ["a", "b"].map {
        RingStorageCollection(name: $0, indexes: (0..<8).map { "k\($0)" })
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func behavesAsTheEngineInMemory(seed: UInt64) async throws {
        // It does not move between the calls, so that both engines read the same time.
        let clock = Seconds()
        var machine = RingSQLiteMachine.current
        machine.uptime = { clock.value * 1_000_000_000 }
        let memory = RingMemoryStorage(uptime: { .seconds(clock.value) })
        let file = try await RingSQLiteDatabase.open(.memory, machine: machine)
        let pairs: [(any RingStorage, any RingStorage)] = [
            (memory, file), (memory.anotherProcess(), file.anotherHandle()),
        ]
        var random = SeededGenerator(seed: seed)
        for step in 0..<250 {
            let (expected, found) = pairs[Int.random(in: 0...1, using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let changes = try await self.changes(memory, &random)
                let outcomes = (try await expected.commit(changes), try await found.commit(changes))
                #expect(outcomes.0 == outcomes.1, "step \(step): \(changes)")
            case 5:
                let leases = (0..<3).map { _ in
                    RingStorageLease(id: self.id(&random), token: Int64.random(in: 0..<4, using: &random))
                }
                // Long enough to end only when the clock is moved.
                let kept = (
                    try await expected.extend(leases, by: .seconds(600)),
                    try await found.extend(leases, by: .seconds(600))
                )
                #expect(kept.0 == kept.1, "step \(step): \(leases)")
            case 6: clock.advance(by: Int64.random(in: 0...400, using: &random))
            default:
                let query = self.query(&random)
                let results = (
                    try await expected.records(matching: query).map(self.plain),
                    try await found.records(matching: query).map(self.plain)
                )
                if query.includesPayload {
                    #expect(results.0 == results.1, "step \(step): \(query)")
                } else {
                    #expect(results.0.map(\.id) == results.1.map(\.id), "step \(step): \(query)")
                }
                let counts = (try await expected.count(matching: query), try await found.count(matching: query))
                #expect(counts.0 == counts.1, "step \(step): \(query)")
            }
        }
        for collection in Self.collections {
            let all = RingStorageQuery(collection)
            let results = (try await memory.records(matching: all), try await file.records(matching: all))
            #expect(results.0.map(self.plain) == results.1.map(self.plain))
        }
        let integrity = try await file.read { try $0.query("PRAGMA integrity_check") { $0.text(0) } }
        #expect(integrity == ["ok"])
    }

    private func plain(_ record: RingStorageRecord) -> RingStorageRecord {
        var record = record
        while record.keys.last == .some(nil) { record.keys.removeLast() }
        return record
    }

    private func id(_ random: inout SeededGenerator) -> RingStorageID {
        RingStorageID(
            Self.collections[Int.random(in: 0...1, using: &random)], "n\(Int.random(in: 0..<6, using: &random))")
    }

    private func key(_ random: inout SeededGenerator) -> RingStorageKey? {
        switch Int.random(in: 0..<6, using: &random) {
        case 0...1: .integer(Int64.random(in: -2...2, using: &random))
        case 2: .text(["", "a", "b", "B", "é"][Int.random(in: 0..<5, using: &random)])
        default: nil
        }
    }

    /// A batch that often succeeds, and now and then changes one record twice.
    private func changes(
        _ storage: RingMemoryStorage, _ random: inout SeededGenerator
    ) async throws -> [RingStorageChange] {
        var changes: [RingStorageChange] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let id = self.id(&random)
            var version = try await storage.record(id)?.version
            if Int.random(in: 0..<10, using: &random) == 0 { version = Int64.random(in: 0..<50, using: &random) }
            if let version, Int.random(in: 0..<5, using: &random) == 0 {
                changes.append(.delete(id, version: version))
                continue
            }
            let lease: RingLeaseChange =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: .take(token: Int64.random(in: 0..<4, using: &random), for: .seconds(600))
                case 1: .release
                default: .keep
                }
            let record = RingStorageRecord(
                id: id, version: Int64.random(in: 0..<1_000_000, using: &random),
                keys: (0..<Int.random(in: 0...8, using: &random)).map { _ in self.key(&random) },
                payload: [UInt8](repeating: 7, count: Int.random(in: 0..<50, using: &random)))
            changes.append(.put(record, replacing: version, lease: lease))
        }
        return changes
    }

    private func query(_ random: inout SeededGenerator) -> RingStorageQuery {
        var query = RingStorageQuery(Self.collections[Int.random(in: 0...1, using: &random)])
        if Bool.random(using: &random) {
            query.index = Int.random(in: 0..<8, using: &random)
            query.from = Bool.random(using: &random) ? self.key(&random) : nil
            query.through = Bool.random(using: &random) ? self.key(&random) : nil
        }
        query.afterName = Int.random(in: 0..<3, using: &random) == 0 ? "n\(Int.random(in: 0..<6, using: &random))" : nil
        query.limit = Bool.random(using: &random) ? Int.random(in: 0..<5, using: &random) : nil
        query.isFree = Bool.random(using: &random)
        query.includesPayload = Bool.random(using: &random)
        return query
    }
}

/// A clock in seconds that a test moves.
private final class Seconds: Sendable {
    private let time = Mutex(Int64(1))
    var value: Int64 { self.time.withLock { $0 } }
    func advance(by seconds: Int64) { self.time.withLock { $0 += seconds } }
}
