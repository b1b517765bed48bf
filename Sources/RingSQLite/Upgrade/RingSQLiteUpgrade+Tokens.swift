internal import RingCore

extension RingSQLiteUpgrade {
    private static let tokens = RingStorageCollection(
        name: "tokens",
        indexes: ["due", "pool", "unclaimed", "unidentified", "principal", "seed", "sealing_key", "expires"])
    private static let sealingKeys = RingStorageCollection(name: "sealing_keys", indexes: [])
    /// How long an account that was removed is remembered from now on: 30 days, in microseconds.
    private static let removedRetention: Int64 = 30 * 86_400 * 1_000_000
    /// No request of a release before 0.2 lasts longer, in microseconds.
    private static let longestAttempt: Int64 = 60 * 1_000_000

    /// Moves `token_account` and `token_key` of the releases before 0.2. Secrets stay encrypted as they are.
    static func moveTokens(on connection: RingSQLiteConnection, now: Int64) throws {
        guard try Self.has(table: "token_account", connection) else { return }
        // A process of the old release that is at it would store its new pair in a table that is gone.
        let refreshing = try connection.first(
            """
            SELECT account FROM token_account
            WHERE attempt_holder IS NOT NULL AND attempt_expires > ?1 AND attempt_started BETWEEN ?2 AND ?3 LIMIT 1
            """, [.integer(now), .integer(now - Self.longestAttempt), .integer(now + 1_000_000)]
        ) { $0.text(0) }
        if let refreshing {
            throw RingSQLiteError(
                code: .locked,
                message: """
                    \(connection.path): a release before 0.2 is refreshing the tokens of \(refreshing), which it would lose if \
                    the file were changed now; stop that process, or repeat in a minute if it has ended
                    """)
        }
        // The column came with the second step of the old schema.
        let step = try connection.first("SELECT version FROM ring_schema WHERE room = 'tokens'") { $0.integer(0) } ?? 2
        _ = try connection.query(
            """
            SELECT account, stage, condition, generation, fence, access_expires, refresh_expires, issued, scope,
                attempt_fence, attempt_started, seed, exchanged, linked, due, \(step < 2 ? "NULL" : "warned_days"),
                principal, link_time, link_step, secrets, key_id, attempt_holder
            FROM token_account
            """
        ) { row in try connection.putNew(Self.account(row, now: now)) }
        _ = try connection.query("SELECT id, probe FROM token_key") { row in
            var fields = RingRecordFields()
            fields.put(1, row.blob(1))
            try connection.putNew(
                RingStorageRecord(
                    id: RingStorageID(Self.sealingKeys, row.text(0)), version: Self.newVersion(),
                    payload: fields.payload))
        }
        try connection.script("DROP TABLE token_account; DROP TABLE token_key;")
    }

    /// The numbers of the fields are those that `RingOAuth` reads.
    private static func account(_ row: RingSQLiteRow, now: Int64) -> RingStorageRecord {
        let (stage, exchanged) = (row.text(1), row.integer(12))
        let expires = stage == "removed" ? now + Self.removedRetention : nil
        var fields = RingRecordFields()
        fields.put(1, stage)
        fields.put(2, row.text(2))
        for (field, column) in [(3, 3), (4, 4), (5, 5), (6, 6), (7, 7)] as [(UInt8, Int32)] {
            fields.put(field, row.optionalInteger(column))
        }
        fields.put(8, row.optionalText(8))
        if row.optionalText(21) != nil {
            fields.put(9, row.optionalInteger(9))
            fields.put(10, row.optionalInteger(10))
        }
        fields.put(11, row.optionalText(11))
        for (field, column) in [(12, 12), (14, 13), (15, 14), (16, 15)] as [(UInt8, Int32)] {
            fields.put(field, row.optionalInteger(column))
        }
        for (field, column) in [(18, 16), (19, 17), (20, 18)] as [(UInt8, Int32)] {
            fields.put(field, row.optionalText(column))
        }
        fields.put(23, row.optionalBlob(19))
        fields.put(29, expires)

        var keys = [RingStorageKey?](repeating: nil, count: Self.tokens.indexes.count)
        if stage != "removed", row.text(2) != "relink_required" {
            keys[0] = row.optionalInteger(14).map { .integer($0) }
        }
        switch stage {
        case "claimed": keys[1] = .integer(.max)
        case "unclaimed": (keys[1], keys[2]) = (.integer(exchanged), .integer(exchanged))
        case "linked":
            // The old release allowed a second claim of a linked account: such a link is resumed.
            let isUnderWay = ["claimed", "confirming", "confirmed"].contains(row.optionalText(18) ?? "")
            keys[1] = .integer(isUnderWay ? .max : exchanged)
        case "unidentified": keys[3] = .integer(exchanged)
        default: break
        }
        keys[4] = row.optionalText(16).map { .text($0) }
        keys[5] = row.optionalText(11).map { .text($0) }
        keys[6] = row.optionalText(20).map { .text($0) }
        keys[7] = expires.map { .integer($0) }
        return RingStorageRecord(
            id: RingStorageID(Self.tokens, row.text(0)), version: Self.newVersion(), keys: keys,
            payload: fields.payload)
    }
}
