internal import RingCore
internal import Synchronization

extension RingStorageConformance {
    /// Random calls have the same results as in memory, whose code is the contract in a few lines.
    static let differentialRules: [Rule] = (1...4 as ClosedRange<UInt64>).map { seed in
        Rule("random calls have the results that they have in memory, sequence \(seed)") { database in
            var calls = RandomCalls(seed: seed)
            let clock = Seconds()
            let memory = RingMemoryStorage(uptime: { .seconds(clock.value) })
            let pairs: [(any RingStorage, any RingStorage)] = [
                (memory, try await database.open()), (memory.anotherProcess(), try await database.open()),
            ]
            for step in 0..<250 {
                let (expected, found) = pairs[Int.random(in: 0...1, using: &calls.random)]
                switch Int.random(in: 0..<10, using: &calls.random) {
                case 0..<5:
                    let changes = try await calls.changes(memory)
                    try expect(
                        await found.commit(changes), is: await expected.commit(changes), "step \(step): \(changes)")
                case 5:
                    let leases = calls.leases()
                    // Long enough to end only when time is let pass.
                    try expect(
                        await found.extend(leases, by: .seconds(600)),
                        is: await expected.extend(leases, by: .seconds(600)),
                        "step \(step): \(leases)")
                case 6 where database.movesClock:
                    let seconds = Int64.random(in: 0...400, using: &calls.random)
                    clock.advance(by: seconds)
                    try await database.wait(.seconds(seconds))
                default: try await compare(expected, found, calls.query(), "step \(step)")
                }
            }
            for collection in RandomCalls.collections {
                try await compare(memory, pairs[0].1, RingStorageQuery(collection), "at the end")
            }
            for pair in pairs { await pair.1.close() }
        }
    }

    private static func compare(
        _ expected: any RingStorage, _ found: any RingStorage, _ query: RingStorageQuery, _ place: String
    ) async throws {
        let (one, other) = (try await expected.records(matching: query), try await found.records(matching: query))
        if query.includesPayload {
            try expect(other.map(plain), is: one.map(plain), "\(place): \(query)")
        } else {
            try expect(other.map(\.id), is: one.map(\.id), "\(place): \(query)")
        }
        try expect(
            await found.count(matching: query), is: await expected.count(matching: query), "\(place): \(query)")
    }
}

/// Makes random calls of a storage, the same for each seed.
private struct RandomCalls {
    static let collections = ["a", "b"].map {
        RingStorageCollection(name: $0, indexes: (0..<8).map { "k\($0)" })
    }
    var random: SeededGenerator

    init(seed: UInt64) { self.random = SeededGenerator(seed: seed) }

    mutating func leases() -> [RingStorageLease] {
        (0..<3).map { _ in RingStorageLease(id: self.id(), token: Int64.random(in: 0..<4, using: &self.random)) }
    }

    private mutating func id() -> RingStorageID {
        RingStorageID(
            Self.collections[Int.random(in: 0...1, using: &self.random)],
            "n\(Int.random(in: 0..<6, using: &self.random))")
    }

    private mutating func key() -> RingStorageKey? {
        switch Int.random(in: 0..<6, using: &self.random) {
        case 0...1: .integer(Int64.random(in: -2...2, using: &self.random))
        case 2: .text(["", "a", "b", "B", "é"][Int.random(in: 0..<5, using: &self.random)])
        default: nil
        }
    }

    /// A batch that often succeeds, and now and then changes one record twice.
    mutating func changes(_ storage: RingMemoryStorage) async throws -> [RingStorageChange] {
        var changes: [RingStorageChange] = []
        for _ in 0..<Int.random(in: 1...3, using: &self.random) {
            let id = self.id()
            var version = try await storage.record(id)?.version
            if Int.random(in: 0..<10, using: &self.random) == 0 {
                version = Int64.random(in: 0..<50, using: &self.random)
            }
            if let version, Int.random(in: 0..<5, using: &self.random) == 0 {
                changes.append(.delete(id, version: version))
                continue
            }
            let lease: RingLeaseChange =
                switch Int.random(in: 0..<4, using: &self.random) {
                case 0: .take(token: Int64.random(in: 0..<4, using: &self.random), for: .seconds(600))
                case 1: .release
                default: .keep
                }
            let record = RingStorageRecord(
                id: id, version: Int64.random(in: 0..<1_000_000, using: &self.random),
                keys: (0..<Int.random(in: 0...8, using: &self.random)).map { _ in self.key() },
                payload: [UInt8](repeating: 7, count: Int.random(in: 0..<50, using: &self.random)))
            changes.append(.put(record, replacing: version, lease: lease))
        }
        return changes
    }

    mutating func query() -> RingStorageQuery {
        var query = RingStorageQuery(Self.collections[Int.random(in: 0...1, using: &self.random)])
        if Bool.random(using: &self.random) {
            query.index = Int.random(in: 0..<8, using: &self.random)
            query.from = Bool.random(using: &self.random) ? self.key() : nil
            query.through = Bool.random(using: &self.random) ? self.key() : nil
        }
        query.afterName =
            Int.random(in: 0..<3, using: &self.random) == 0 ? "n\(Int.random(in: 0..<6, using: &self.random))" : nil
        query.limit = Bool.random(using: &self.random) ? Int.random(in: 0..<5, using: &self.random) : nil
        query.isFree = Bool.random(using: &self.random)
        query.includesPayload = Bool.random(using: &self.random)
        return query
    }
}

/// A clock in seconds that a rule moves.
private final class Seconds: Sendable {
    private let time = Mutex(Int64(1))
    var value: Int64 { self.time.withLock { $0 } }
    func advance(by seconds: Int64) { self.time.withLock { $0 += seconds } }
}
