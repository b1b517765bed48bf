internal import RingCore

extension RingStorageConformance {
    private static let long = Duration.seconds(3_600)
    private static let short = Duration.milliseconds(60)

    private static func token(_ storage: any RingStorage, _ name: String) async throws -> Int64? {
        try await storage.record(RingStorageID(things, name))?.leaseToken
    }

    private static func lease(_ name: String, _ token: Int64) -> RingStorageLease {
        RingStorageLease(id: RingStorageID(things, name), token: token)
    }

    /// Takes a record, whose version grows by one.
    private static func take(
        _ storage: any RingStorage, _ name: String, _ token: Int64, for duration: Duration = long
    ) async throws -> Bool {
        guard var record = try await storage.record(RingStorageID(things, name)), !record.isLeased else { return false }
        record.version &+= 1
        return try await storage.commit(
            [.put(record, replacing: record.version - 1, lease: .take(token: token, for: duration))])
    }

    static let leaseRules: [Rule] = [
        Rule("a lease is seen by every process") { database in
            let (one, other) = (try await database.open(), try await database.open())
            try await put(one, record("a", keys: [.integer(1)], payload: [1]), record("b", keys: [.integer(1)]))
            try expect(await take(one, "a", 77), "taken")
            for storage in [one, other] {
                try expect(await token(storage, "a"), is: 77, "read by name")
                try expect(await token(storage, "b"), is: nil, "another record is free")
                for query in [RingStorageQuery(things, index: 0), RingStorageQuery(things)] {
                    let found = try await storage.records(matching: query)
                    try expect(found.map(\.leaseToken), is: [77, nil], "read by a query")
                    try expect(found.map(\.isLeased), is: [true, false], "read by a query")
                    var free = query
                    free.isFree = true
                    try expect(await names(storage, free), is: ["b"], "left out of what is free")
                    try expect(await storage.count(matching: free), is: 1, "left out of the count")
                    try expect(await storage.count(matching: query), is: 2, "counted otherwise")
                }
            }
            try expect(await !take(other, "a", 78), "not taken twice")
            await one.close()
            await other.close()
        },
        Rule("a query for free records goes on until its limit is reached") { database in
            let (one, other) = (try await database.open(), try await database.open())
            for number in 0..<40 {
                let name = "n\(number + 100)"
                try await put(one, record(name, keys: [.integer(0)]))
                if number < 30 { try expect(await take(one, name, 1 + Int64(number)), "taken") }
            }
            let query = RingStorageQuery(things, index: 0, through: .integer(0), limit: 4, isFree: true)
            try expect(await names(other, query), is: ["n130", "n131", "n132", "n133"], "the first four that are free")
            try expect(await other.count(matching: query), is: 4, "counted")
            try expect(
                await other.names(matching: query), is: ["n130", "n131", "n132", "n133"], "the names of those four")
            await one.close()
            await other.close()
        },
        Rule("a new record can be taken at once, and only a reader's view shows the lease") { database in
            let storage = try await database.open()
            var new = record("a", payload: [1])
            new.leaseToken = 5
            try expect(await storage.commit([.put(new, replacing: nil)]), "stored")
            try expect(await token(storage, "a"), is: nil, "the token of a written record is ignored")
            try expect(
                await storage.commit([.put(record("b"), replacing: nil, lease: .take(token: -9, for: long))]), "stored")
            try expect(await token(storage, "b"), is: -9, "taken")
            await storage.close()
        },
        Rule("a write keeps, takes or releases the lease of its record") { database in
            let (one, other) = (try await database.open(), try await database.open())
            try await put(one, record("a"))
            try expect(await take(one, "a", 7), "taken: version 2")
            try expect(
                await other.commit([.put(record("a", version: 3, payload: [3]), replacing: 2)]),
                "another process changes the record")
            try expect(await token(other, "a"), is: 7, "the lease is kept")
            try expect(await one.extend([lease("a", 7)], by: long), is: [lease("a", 7)], "and can be extended")
            try expect(
                await one.commit([.put(record("a", version: 4), replacing: 3, lease: .take(token: 8, for: long))]),
                "the holder takes it again")
            try expect(await token(other, "a"), is: 8, "the new token counts")
            try expect(await one.extend([lease("a", 7)], by: long), is: [], "the old one does not")
            try expect(
                await one.commit([.put(record("a", version: 5, keys: [.integer(1)]), replacing: 4, lease: .release)]),
                "released")
            try expect(await token(other, "a"), is: nil, "free")
            try expect(await one.extend([lease("a", 8)], by: long), is: [], "nothing to extend")
            try expect(await take(other, "a", 9), "another process takes it")
            await one.close()
            await other.close()
        },
        Rule("a lease ends by the engine's clock") { database in
            let (one, other) = (try await database.open(), try await database.open())
            try await put(one, record("a", keys: [.integer(1)]))
            try expect(await take(one, "a", 7, for: short), "taken")
            try await database.wait(short + short)
            for storage in [one, other] {
                try expect(await token(storage, "a"), is: nil, "free")
                try expect(
                    await names(storage, RingStorageQuery(things, index: 0, isFree: true)), is: ["a"], "found as free")
            }
            try expect(await take(other, "a", 8), "another process takes it over")
            try expect(await token(one, "a"), is: 8, "and holds it")
            try expect(await one.extend([lease("a", 7)], by: long), is: [], "the old holder cannot extend")
            try expect(
                await !one.commit([.put(record("a", version: 9), replacing: 2, lease: .release)]),
                "and its compare-and-swap fails")
            try expect(await token(one, "a"), is: 8, "the new lease is untouched")
            await one.close()
            await other.close()
        },
        Rule("an extended lease goes on") { database in
            let (one, other) = (try await database.open(), try await database.open())
            for (number, name) in ["a", "b", "c", "d"].enumerated() {
                try await put(one, record(name))
                try expect(await take(one, name, Int64(number), for: short), "taken")
            }
            let leases = [lease("c", 2), lease("a", 0), lease("missing", 1), lease("b", 99), lease("a", 1)]
            try expect(
                await one.extend(leases, by: long), is: [lease("c", 2), lease("a", 0)],
                "those that are held come back, in the given order")
            try await database.wait(short + short)
            for (name, expected) in [("a", Int64(0)), ("b", nil), ("c", 2), ("d", nil)] {
                try expect(await token(other, name), is: expected, "\(name)")
            }
            try expect(await one.extend([], by: long), is: [], "nothing to extend")
            await one.close()
            await other.close()
        },
        Rule("a lease that ended without a successor can be extended") { database in
            let storage = try await database.open()
            try await put(storage, record("a"))
            try expect(await take(storage, "a", 7, for: short), "taken")
            try await database.wait(short + short)
            try expect(await storage.extend([lease("a", 7)], by: long), is: [lease("a", 7)], "still the record's")
            try expect(await token(storage, "a"), is: 7, "held again")
            await storage.close()
        },
        Rule("an extension can end a lease early") { database in
            let storage = try await database.open()
            try await put(storage, record("a"))
            try expect(await take(storage, "a", 7), "taken")
            try expect(await storage.extend([lease("a", 7)], by: short), is: [lease("a", 7)], "counted from now")
            try await database.wait(short + short)
            try expect(await token(storage, "a"), is: nil, "free")
            await storage.close()
        },
        Rule("a deleted record takes its lease along") { database in
            let storage = try await database.open()
            try await put(storage, record("a"))
            try expect(await take(storage, "a", 7), "taken")
            try expect(await storage.commit([.delete(RingStorageID(things, "a"), version: 2)]), "deleted")
            try expect(await storage.extend([lease("a", 7)], by: long), is: [], "nothing to extend")
            try await put(storage, record("a", version: 3))
            try expect(await token(storage, "a"), is: nil, "the next record of that name is free")
            await storage.close()
        },
        Rule("closing gives up the leases of that process alone") { database in
            let (one, other, third) = (try await database.open(), try await database.open(), try await database.open())
            try await put(one, record("a", keys: [.integer(1)]), record("b", keys: [.integer(1)]))
            try expect(await take(one, "a", 7), "taken")
            try expect(await take(other, "b", 8), "taken")
            await one.close()
            try expect(await token(third, "a"), is: nil, "free at once")
            try expect(await token(third, "b"), is: 8, "still held")
            try expect(
                await names(third, RingStorageQuery(things, index: 0, isFree: true)), is: ["a"], "found as free")
            try expect(await take(third, "a", 9), "taken by the next")
            await other.close()
            await third.close()
        },
    ]
}
