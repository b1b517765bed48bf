internal import RingCore

extension RingStorageConformance {
    private static let long = Duration.seconds(3_600)
    private static let short = Duration.milliseconds(60)

    private static func id(_ name: String) -> RingStorageID { RingStorageID(things, name) }
    private static func lease(_ name: String, _ token: Int64) -> RingStorageLease {
        RingStorageLease(id: id(name), token: token)
    }

    /// Writes records whose key is 1, and makes sure that they are there.
    private static func put(_ storage: any RingStorage, _ names: [String]) async throws {
        for name in names {
            let new = record(name, keys: [.integer(1), .text(name)], payload: Array(name.utf8))
            try await put(storage, new)
            try await expect(storage, holds: new, "stored")
        }
    }

    /// Rules for engines that take free records in one call; the others keep them by not having the operation.
    static let takingRules: [Rule] = [
        Rule("free records are taken in one call") { database in
            let (one, other) = (try await database.open(), try await database.open())
            try await put(one, ["a", "b", "c", "d", "e", "f"])
            let held = record("b", version: 2, keys: [.integer(1)])
            try expect(
                await other.commit([.put(held, replacing: 1, lease: .take(token: 7, for: long))]), "b is held")
            var query = RingStorageQuery(things, index: 0, through: .integer(1), limit: 3)
            guard let taken = try await one.take(matching: query, excluding: [id("c")], token: 70, for: long) else {
                return
            }
            try expect(taken.map(\.id.name), is: ["a", "d", "e"], "those that are free, in order, up to the limit")
            try expect(taken.map(\.leaseToken), is: [70, 70, 70], "with the lease")
            try expect(taken.map(\.version), is: [2, 2, 2], "in the next version")
            for storage in [one, other] {
                for record in taken {
                    let stored = try await storage.record(record.id)
                    try expect(plain(stored) == plain(record), "\(record.id.name) is stored as it was returned")
                    try expect(stored?.payload, is: Array(record.id.name.utf8), "with its payload")
                }
                let others = try await storage.records(["b", "c", "f"].map(id))
                try expect(others.map(\.leaseToken), is: [7, nil, nil], "the others are as before")
                try expect(others.map(\.version), is: [2, 1, 1], "the others are as before")
            }
            try expect(
                await !other.commit([.put(record("a", version: 9), replacing: 1)]), "who read it before cannot write it"
            )
            let leases = [lease("a", 70), lease("d", 70), lease("e", 70)]
            try expect(await one.extend(leases, by: long), is: leases, "the leases can be extended")
            try expect(
                await one.commit([
                    .put(record("a", version: 3, keys: [.integer(1)]), replacing: 2, lease: .release)
                ]), "and given back")
            query.limit = nil
            let rest = try await other.take(matching: query, excluding: [], token: 71, for: long)
            try expect(rest?.map(\.id.name), is: ["a", "c", "f"], "what is free after that")
            query.limit = 0
            try expect(await other.take(matching: query, excluding: [], token: 72, for: long), is: [], "nothing")
            await one.close()
            await other.close()
        },
        Rule("what was taken in one call is free again by the engine's clock") { database in
            let (one, other) = (try await database.open(), try await database.open())
            try await put(one, ["a", "b"])
            let query = RingStorageQuery(things, index: 0)
            guard let taken = try await one.take(matching: query, excluding: [], token: 7, for: short) else { return }
            try expect(taken.map(\.id.name), is: ["a", "b"], "both are taken")
            try await database.wait(short + short)
            let again = try await other.take(matching: query, excluding: [], token: 8, for: long)
            try expect(again?.map(\.version), is: [3, 3], "taken over")
            try expect(await one.extend([lease("a", 7)], by: long), is: [], "the old holder cannot extend")
            await one.close()
            await other.close()
        },
        Rule("many processes that take at once get different records") { database in
            let (one, other) = (try await database.open(), try await database.open())
            let names = (100..<140).map { "n\($0)" }
            try await put(one, names)
            let query = RingStorageQuery(things, index: 0, limit: 3)
            let taken = try await withThrowingTaskGroup(of: [String].self) { group in
                for number in 1...8 {
                    group.addTask {
                        var found: [String] = []
                        let storage = number % 2 == 0 ? one : other
                        while found.count <= names.count,
                            let more = try await storage.take(
                                matching: query, excluding: [], token: Int64(number), for: long), !more.isEmpty
                        { found += more.map(\.id.name) }
                        return found
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            if !taken.isEmpty { try expect(taken.sorted(), is: names, "every record is taken once") }
            await one.close()
            await other.close()
        },
    ]

    /// Rules for engines with transactions; the others keep them by not having any.
    static let transactionRules: [Rule] = [
        Rule("a transaction makes its changes and its statements together, or neither") { database in
            let storage = try await database.open()
            try await put(storage, ["a"])
            func changes(_ version: Int64, replacing old: Int64) -> [RingStorageChange] {
                [
                    .put(record("a", version: version), replacing: old),
                    .put(record("new \(version)"), replacing: nil),
                ]
            }
            func check(_ version: Int64, effects: Int, _ rule: String) async throws {
                let found = try await storage.records([id("a"), id("new \(version)")])
                try expect(found.first?.version, is: version, rule)
                try expect(found.count, is: version == 1 ? 1 : 2, rule)
                if let effect = database.effect { try expect(await effect.count(), is: effects, rule) }
            }
            func begin() async throws -> (any RingStorageTransaction)? {
                guard let transaction = storage.transaction() else { return nil }
                if let effect = database.effect {
                    _ = try await transaction.execute(effect.statement, parameters: [])
                    try expect(await effect.count(), is: 0, "nothing is seen before its end")
                }
                return transaction
            }
            guard let first = try await begin() else { return }
            await first.rollBack()
            try await check(1, effects: 0, "a transaction that is rolled back has no effect")
            try await expectFailure("after its end") { _ = try await first.commit(changes(2, replacing: 1)) }
            try await expectFailure("after its end") { _ = try await first.execute("SELECT 1", parameters: []) }

            let refused = try await begin()
            try expect(await refused?.commit(changes(2, replacing: 9)), is: false, "a precondition does not hold")
            try await check(1, effects: 0, "a transaction whose precondition fails has no effect")
            try await expectFailure("after its end") { _ = try await refused?.commit(changes(2, replacing: 1)) }

            let made = try await begin()
            try expect(await made?.commit(changes(2, replacing: 1)), is: true, "nothing stands in its way")
            try await check(2, effects: 1, "a transaction makes all of it")
            await made?.rollBack()
            try await check(2, effects: 1, "there is nothing to roll back after the end")
            await storage.close()
        }
    ]
}
