internal import RingCore

extension RingStorageConformance {
    private static func ordered(_ storage: any RingStorage) async throws {
        // In an order that is neither the one of names nor the one of keys.
        try await put(
            storage, record("m", keys: [.integer(5)]), record("z", keys: [.integer(-5)]),
            record("b", keys: [.text("b")]), record("y", keys: [.integer(5)]), record("a", keys: [.text("B")]),
            record("c", keys: [.integer(.max)]), record("d", keys: [.integer(.min)]), record("none"),
            record("elsewhere", keys: [nil, .integer(5)]), record("foreign", keys: [.integer(5)], in: others))
    }

    private static let order = ["d", "z", "m", "y", "c", "a", "b"]

    private static func expect(
        _ storage: any RingStorage, _ query: RingStorageQuery, gives expected: [String], _ rule: String
    ) async throws {
        try expect(await names(storage, query), is: expected, rule)
        try expect(await storage.count(matching: query), is: expected.count, "counted: \(rule)")
        try expect(await storage.names(matching: query), is: expected, "the names alone: \(rule)")
        var query = query
        query.includesPayload = false
        try expect(await names(storage, query), is: expected, "without payloads: \(rule)")
    }

    static let queryRules: [Rule] = [
        Rule(
            "an index orders by key, integers before texts, then by name",
            one: { storage in
                try await ordered(storage)
                try await expect(storage, RingStorageQuery(things, index: 0), gives: order, "the whole index")
                try await expect(storage, RingStorageQuery(things, index: 1), gives: ["elsewhere"], "another index")
                try await expect(storage, RingStorageQuery(things, index: 7), gives: [], "an empty index")
                try await expect(storage, RingStorageQuery(others, index: 0), gives: ["foreign"], "another collection")
            }),
        Rule(
            "both ends of a range belong to it",
            one: { storage in
                try await ordered(storage)
                let ranges: [(RingStorageKey?, RingStorageKey?, [String])] = [
                    (.integer(5), .integer(5), ["m", "y"]), (.integer(-5), .integer(5), ["z", "m", "y"]),
                    (.integer(-4), .integer(4), []), (.integer(6), .integer(5), []),
                    (.integer(5), nil, ["m", "y", "c", "a", "b"]), (nil, .integer(5), ["d", "z", "m", "y"]),
                    (nil, .integer(.max), ["d", "z", "m", "y", "c"]), (.text(""), nil, ["a", "b"]),
                    (.text("B"), .text("b"), ["a", "b"]), (.text("C"), nil, ["b"]),
                    (.integer(.min), .integer(.min), ["d"]), (.integer(.max), .text("B"), ["c", "a"]),
                    (nil, .text("B"), ["d", "z", "m", "y", "c", "a"]), (.text("B"), .integer(5), []),
                ]
                for (from, through, expected) in ranges {
                    let query = RingStorageQuery(things, index: 0, from: from, through: through)
                    try await expect(
                        storage, query, gives: expected,
                        "from \(String(describing: from)) through \(String(describing: through))")
                }
            }),
        Rule(
            "a limit ends a result, and is the highest number to count to",
            one: { storage in
                try await ordered(storage)
                for limit in [0, 1, 3, 7, 8, 1_000] {
                    let query = RingStorageQuery(things, index: 0, limit: limit)
                    try await expect(storage, query, gives: Array(order.prefix(limit)), "limit \(limit)")
                    let free = RingStorageQuery(things, index: 0, from: .integer(5), limit: limit, isFree: true)
                    try await expect(storage, free, gives: Array(order.dropFirst(2).prefix(limit)), "limit \(limit)")
                }
            }),
        Rule(
            "a collection is read by name, page after page",
            one: { storage in
                let names = (0..<25).map { "n\($0)" }.shuffled()
                for name in names { try await put(storage, record(name), record("x" + name, in: others)) }
                var (found, last): ([String], String?) = ([], nil)
                while true {
                    let page = try await Self.names(storage, RingStorageQuery(things, afterName: last, limit: 4))
                    guard let end = page.last else { break }
                    try expect(page.count == 4 || found.count == 24, "a page is full, but the last one")
                    found += page
                    last = end
                }
                try expect(found, is: names.sorted(), "every record once, in the order of names")
                try await expect(
                    storage, RingStorageQuery(things, afterName: "n23"),
                    gives: ["n24", "n3", "n4", "n5", "n6", "n7", "n8", "n9"],
                    "the name itself is left out")
                try await expect(
                    storage, RingStorageQuery(things, afterName: "n230", limit: 1), gives: ["n24"], "no record")
                try await expect(storage, RingStorageQuery(things, afterName: "zz"), gives: [], "after the end")
            }),
        Rule(
            "a query reads whole records",
            one: { storage in
                let full = record(
                    "a", version: 4, keys: [.integer(1), nil, .text("t")], payload: [UInt8](repeating: 7, count: 10_000)
                )
                try await put(storage, full)
                for query in [RingStorageQuery(things), RingStorageQuery(things, index: 2)] {
                    let found = try await storage.records(matching: query)
                    try expect(found.map { plain($0) } == [plain(full)], "every property comes back")
                    var bare = query
                    bare.includesPayload = false
                    let known = try await storage.records(matching: bare).first
                    try expect(known?.version == 4 && known?.keys.prefix(3) == full.keys[...], "but the payload")
                }
            }),
        Rule(
            "indexes are independent of each other",
            one: { storage in
                let count = RingStorageCollection.maximumIndexCount
                for index in 0..<count {
                    // Each record is in the index of its number, and in the one after it.
                    var keys = [RingStorageKey?](repeating: nil, count: count)
                    keys[index] = .integer(2)
                    keys[(index + 1) % count] = .text("1")
                    try await put(storage, record("r\(index)", keys: keys))
                }
                for index in 0..<count {
                    let before = (index + count - 1) % count
                    try await expect(
                        storage, RingStorageQuery(things, index: index), gives: ["r\(index)", "r\(before)"],
                        "index \(index)")
                }
            }),
        Rule(
            "a deleted record leaves every index",
            one: { storage in
                try await put(
                    storage, record("a", keys: [.integer(1), .text("x")]), record("b", keys: [.integer(1), .text("x")]))
                try expect(await storage.commit([.delete(RingStorageID(things, "a"), version: 1)]), "deleted")
                for index in 0...1 {
                    try await expect(storage, RingStorageQuery(things, index: index), gives: ["b"], "index \(index)")
                }
            }),
    ]
}
