internal import RingCore

extension RingStorageConformance {
    /// Runs a piece of work for each number at once.
    private static func together<Value: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: Value.self) { group in
            for number in 0..<count { group.addTask { try await work(number) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    static let concurrencyRules: [Rule] = [
        Rule("of many writers that replace one version, one succeeds") { database in
            let handles = [try await database.open(), try await database.open(), try await database.open()]
            try await put(handles[0], record("a", version: 0))
            for version in 1...8 as ClosedRange<Int64> {
                let winners = try await together(64) { number -> Int? in
                    let new = record("a", version: version, payload: [UInt8(number)])
                    return try await handles[number % 3].commit([.put(new, replacing: version - 1)]) ? number : nil
                }.compactMap { $0 }
                try expect(winners.count, is: 1, "one winner for version \(version)")
                try await expect(
                    handles[1], holds: record("a", version: version, payload: winners.map { UInt8($0) }),
                    "what the winner wrote is stored")
            }
            for handle in handles { await handle.close() }
        },
        Rule("of many writers that create one record, one succeeds") { database in
            let handles = [try await database.open(), try await database.open()]
            let created = try await together(64) { number in
                try await handles[number % 2].commit([
                    .put(record("a", version: Int64(number)), replacing: nil),
                    .put(record("b\(number)"), replacing: nil),
                ])
            }
            try expect(created.count { $0 }, is: 1, "one winner")
            try expect(await handles[0].count(matching: RingStorageQuery(things)), is: 2, "nothing of the losers")
            for handle in handles { await handle.close() }
        },
        Rule("of many that take one record, one holds it") { database in
            let handles = [try await database.open(), try await database.open(), try await database.open()]
            try await put(handles[0], record("a"))
            let holders = try await together(48) { number -> Int64? in
                let handle = handles[number % 3]
                let query = RingStorageQuery(things, limit: 1, isFree: true)
                guard var free = try await handle.records(matching: query).first else { return nil }
                free.version = 100 + Int64(number)
                let isTaken = try await handle.commit(
                    [.put(free, replacing: 1, lease: .take(token: Int64(number), for: .seconds(3_600)))])
                return isTaken ? Int64(number) : nil
            }.compactMap { $0 }
            try expect(holders.count, is: 1, "one holder")
            let stored = try await handles[1].record(RingStorageID(things, "a"))
            try expect(stored?.leaseToken, is: holders.first, "and the lease is that one's")
            for handle in handles { await handle.close() }
        },
        Rule("concurrent additions to several records lose nothing") { database in
            let handles = [try await database.open(), try await database.open()]
            try await put(handles[0], record("a", payload: [0, 0]), record("b", payload: [0, 0]))
            let ids = [RingStorageID(things, "a"), RingStorageID(things, "b")]
            _ = try await together(16) { number in
                for _ in 0..<8 {
                    // Both records grow by one in the same commit, so a reader always finds them equal.
                    var attempts = 0
                    while true {
                        attempts += 1
                        try expect(attempts <= 10_000, "one of many writers succeeds")
                        let old = try await handles[number % 2].records(ids)
                        try expect(old.map(\.payload.count), is: [2, 2], "both records and their payloads are there")
                        try expect(old.first?.payload == old.last?.payload, "a read is one snapshot")
                        let changes = old.map { record -> RingStorageChange in
                            var new = record
                            new.version &+= 1
                            new.payload[1] &+= 1
                            return .put(new, replacing: record.version)
                        }
                        if try await handles[number % 2].commit(changes) { break }
                    }
                }
            }
            try expect(
                await handles[0].records(ids).map(\.payload), is: [[0, 128], [0, 128]], "16 times 8 additions")
            for handle in handles { await handle.close() }
        },
    ]
}
