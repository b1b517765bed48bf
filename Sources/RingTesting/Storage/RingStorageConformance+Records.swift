internal import RingCore

extension RingStorageConformance {
    /// Names and texts that an engine could confuse or damage.
    static let unusualTexts = [
        "", " ", "a", "A", "a ", "é", "ß", "😀", "\u{0}", "a\u{0}", "a\u{0}b", "'", "\"", "%", "_", "*", "?", "\\", "/",
        "..",
        ":memory:", "null", "0", "1", "-1", "1e3", "line\nline", "\u{7F}", "\u{FFFD}", "\u{FF5E}", "\u{10FFFF}",
        String(repeating: "long 😀 ", count: 512),
    ]

    static let recordRules: [Rule] = [
        Rule(
            "a record comes back as it was written",
            one: { storage in
                let full = record(
                    "name", version: .max,
                    keys: [
                        .integer(.min), nil, .text("text"), .integer(.max), nil, .text(""), .integer(0), .text("7"),
                    ],
                    payload: (0...255).map { UInt8($0) })
                try await put(storage, full)
                try await expect(storage, holds: full, "every property comes back")
                let bare = record("bare", version: .min)
                try await put(storage, bare)
                try await expect(storage, holds: bare, "a record without keys and payload comes back")
            }),
        Rule(
            "a record is replaced whole",
            one: { storage in
                let old = record("a", keys: [.integer(1), .text("x"), nil, .text("same")], payload: [1, 2, 3])
                try await put(storage, old)
                let new = record("a", version: 2, keys: [nil, .text("y"), .integer(3), .text("same")], payload: [])
                try expect(await storage.commit([.put(new, replacing: 1)]), "the stored version was given")
                try await expect(storage, holds: new, "nothing of the old record is left")
                for (index, expected) in [[], ["a"], ["a"], ["a"], []].enumerated() {
                    try expect(
                        await names(storage, RingStorageQuery(things, index: index)), is: expected,
                        "index \(index) follows the new keys")
                }
                let text = RingStorageQuery(things, index: 1, from: .text("x"), through: .text("x"))
                try expect(await names(storage, text), is: [], "the old key is gone")
            }),
        Rule(
            "a key can follow every other one",
            one: { storage in
                let keys: [RingStorageKey?] = [
                    nil, .integer(0), .integer(1), .text(""), .text("0"), .text("a"), .text("A"), .text("aa"),
                ]
                var version: Int64 = 1
                try await put(storage, record("a"))
                for first in keys {
                    for second in keys {
                        for key in [first, second] {
                            version += 1
                            let new = record("a", version: version, keys: [.integer(7), key, .text("same")])
                            try expect(await storage.commit([.put(new, replacing: version - 1)]), "replaced")
                            try await expect(storage, holds: new, "\(String(describing: first)) before")
                            try expect(
                                await names(storage, RingStorageQuery(things, index: 1, from: key, through: key)),
                                is: key == nil ? [] : ["a"], "found by \(String(describing: key))")
                        }
                    }
                }
            }),
        Rule(
            "records are read in the order they are asked for",
            one: { storage in
                try await put(storage, record("a"), record("b"), record("c"), record("b", version: 7, in: others))
                let ids = ["c", "missing", "a", "b"].map { RingStorageID(things, $0) } + [RingStorageID(others, "b")]
                let found = try await storage.records(ids)
                try expect(found.map(\.id.description), is: ["things/c", "things/a", "things/b", "others/b"], "order")
                try expect(found.last?.version, is: 7, "collections are apart")
                try expect(await storage.records([]).isEmpty, "nothing is asked for, nothing comes")
                try expect(await storage.record(RingStorageID(others, "a")) == nil, "a missing record is nil")
            }),
        Rule(
            "any text is a name and a key",
            one: { storage in
                for (number, text) in unusualTexts.enumerated() {
                    let unusual = record(text, keys: [.text(text), .integer(1)], payload: [UInt8(number)])
                    try await put(storage, unusual)
                }
                for (number, text) in unusualTexts.enumerated() {
                    try await expect(
                        storage,
                        holds: record(text, keys: [.text(text), .integer(1)], payload: [UInt8(number)]),
                        "text \(number) is kept apart from the others")
                    let query = RingStorageQuery(things, index: 0, from: .text(text), through: .text(text))
                    try expect(await names(storage, query), is: [text], "text \(number) is found by its key")
                }
                try expect(
                    await names(storage, RingStorageQuery(things)).map { Array($0.utf8) }, is: sorted(unusualTexts),
                    "names are ordered by their UTF-8 bytes")
                try expect(
                    await names(storage, RingStorageQuery(things, index: 0)).map { Array($0.utf8) },
                    is: sorted(unusualTexts), "texts are ordered by their UTF-8 bytes")
                try expect(
                    await names(storage, RingStorageQuery(things, index: 1)).map { Array($0.utf8) },
                    is: sorted(unusualTexts), "equal keys are ordered by the names' UTF-8 bytes")
            }),
        Rule(
            "payloads of every size come back",
            one: { storage in
                let counts = [0, 1, 254, 255, 700, 4_000, 4_096, 70_000, 1 << 20]
                for count in counts {
                    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
                    let large = record("\(count)", payload: bytes)
                    try await put(storage, large)
                    try await expect(storage, holds: large, "\(count) bytes")
                    let empty = record("\(count)", version: 2)
                    try expect(await storage.commit([.put(empty, replacing: 1)]), "replaced by an empty payload")
                    try await expect(storage, holds: empty, "an empty payload after \(count) bytes")
                }
            }),
        Rule("what was committed is there for every process and after opening again") { database in
            let (one, other) = (try await database.open(), try await database.open())
            try await put(one, record("a", keys: [.integer(1)], payload: [1]))
            try await expect(other, holds: record("a", keys: [.integer(1)], payload: [1]), "another process reads it")
            try expect(
                await other.commit([.put(record("a", version: 2, payload: [2]), replacing: 1)]), "and replaces it")
            try await expect(one, holds: record("a", version: 2, payload: [2]), "the first process reads that")
            await one.close()
            let third = try await database.open()
            try await expect(third, holds: record("a", version: 2, payload: [2]), "it is there for the next process")
            await other.close()
            await third.close()
        },
        Rule("after closing, every call throws") { database in
            let (closed, open) = (try await database.open(), try await database.open())
            try await put(closed, record("a"))
            await closed.close()
            await closed.close()
            let id = RingStorageID(things, "a")
            try await expectFailure("reading throws") { _ = try await closed.records([id]) }
            try await expectFailure("a query throws") {
                _ = try await closed.records(matching: RingStorageQuery(things))
            }
            try await expectFailure("counting throws") {
                _ = try await closed.count(matching: RingStorageQuery(things))
            }
            try await expectFailure("a commit throws") { _ = try await closed.commit([.delete(id, version: 1)]) }
            try await expectFailure("extending throws") {
                _ = try await closed.extend([RingStorageLease(id: id, token: 1)], by: .seconds(1))
            }
            try await expect(open, holds: record("a"), "other processes go on")
            await open.close()
        },
    ]

    private static func sorted(_ texts: [String]) -> [[UInt8]] {
        texts.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    static let commitRules: [Rule] = [
        Rule(
            "a new record demands that there is none",
            one: { storage in
                try await put(storage, record("a", payload: [1]))
                let again = record("a", version: 2, keys: [.integer(1)], payload: [2])
                try expect(await !storage.commit([.put(again, replacing: nil)]), "there is one")
                try await expect(storage, holds: record("a", payload: [1]), "it is unchanged")
                try expect(await names(storage, RingStorageQuery(things, index: 0)), is: [], "and in no other index")
                try expect(await storage.commit([.put(record("a", in: others), replacing: nil)]), "not in others")
            }),
        Rule(
            "replacing and deleting demand the stored version",
            one: { storage in
                let id = RingStorageID(things, "a")
                try expect(await !storage.commit([.put(record("a"), replacing: 1)]), "there is nothing to replace")
                try expect(await !storage.commit([.delete(id, version: 1)]), "there is nothing to delete")
                try expect(await storage.record(id) == nil, "nothing was made")
                try await put(storage, record("a", version: 5))
                try expect(await !storage.commit([.put(record("a", version: 6), replacing: 4)]), "another version")
                try expect(await !storage.commit([.delete(id, version: 4)]), "another version")
                try await expect(storage, holds: record("a", version: 5), "unchanged")
                try expect(await storage.commit([.put(record("a", version: -3), replacing: 5)]), "the version")
                try expect(await storage.commit([.delete(id, version: -3)]), "the version")
                try expect(await storage.record(id) == nil, "deleted")
                try expect(await names(storage, RingStorageQuery(things)), is: [], "deleted")
                try await put(storage, record("a", version: 9))
            }),
        Rule(
            "a batch is made whole or not at all",
            one: { storage in
                try await put(
                    storage, record("a", keys: [.integer(1)]), record("b", keys: [.integer(2)]), record("c", in: others)
                )
                let changes: [RingStorageChange] = [
                    .put(record("a", version: 2, payload: [2]), replacing: 1),
                    .delete(RingStorageID(things, "b"), version: 1),
                    .put(record("new"), replacing: nil),
                    .put(record("c", version: 2, in: others), replacing: 1, lease: .take(token: 1, for: .seconds(60))),
                ]
                let failing: [RingStorageChange] = [
                    .put(record("a", version: 3), replacing: 9), .delete(RingStorageID(things, "a"), version: 9),
                    .put(record("a", version: 3), replacing: nil), .put(record("x"), replacing: 1),
                    .delete(RingStorageID(things, "x"), version: 1),
                ]
                for change in failing {
                    for place in 0...changes.count {
                        // Two changes of one record in a batch are another matter.
                        var batch = changes.filter { $0.id != change.id }
                        batch.insert(change, at: min(place, batch.count))
                        try expect(await !storage.commit(batch), "one precondition does not hold")
                    }
                }
                try await expect(storage, holds: record("a", keys: [.integer(1)]), "a is unchanged")
                try await expect(storage, holds: record("b", keys: [.integer(2)]), "b is unchanged")
                try await expect(storage, holds: record("c", in: others), "c is unchanged and free")
                try expect(await storage.record(RingStorageID(things, "new")) == nil, "nothing is new")

                try expect(await storage.commit(changes), "every precondition holds")
                try await expect(storage, holds: record("a", version: 2, payload: [2]), "a")
                try expect(await storage.record(RingStorageID(things, "b")) == nil, "b")
                try await expect(storage, holds: record("new"), "new")
                var leased = record("c", version: 2, in: others)
                leased.leaseToken = 1
                try await expect(storage, holds: leased, "c")
            }),
        Rule(
            "a batch without changes succeeds",
            one: { storage in try expect(await storage.commit([]), "nothing stands in its way") }),
    ]
}
