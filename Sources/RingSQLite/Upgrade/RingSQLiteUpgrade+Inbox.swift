internal import RingCore

extension RingSQLiteUpgrade {
    private static let inbox = RingStorageCollection(
        name: "inbox", indexes: ["due", "lane", "quarantined", "expires", "sealing_key", "received"])
    private static let lanes = RingStorageCollection(name: "lanes", indexes: ["due"])
    /// How long settled webhooks were kept by the releases before 0.2, in microseconds.
    private static let doneRetention: Int64 = 76 * 3_600 * 1_000_000
    private static let quarantineRetention: Int64 = 30 * 86_400 * 1_000_000

    /// Moves `inbox` of the releases before 0.2. A webhook that was being worked on waits.
    static func moveInbox(on connection: RingSQLiteConnection) throws {
        guard try Self.has(table: "inbox", connection) else { return }
        var lanes: [String: Int64] = [:]
        // In the order of each lane, so that its first webhook is met first.
        _ = try connection.query(
            """
            SELECT request_id, event_id, state, lane, position, due, attempts, received, reason, body FROM inbox
            ORDER BY position, id
            """
        ) { row in
            let webhook = OldWebhook(row)
            try connection.putNew(webhook.record)
            if webhook.isWaiting, let lane = webhook.lane, lanes[lane] == nil { lanes[lane] = webhook.due }
        }
        for (lane, due) in lanes {
            try connection.putNew(
                RingStorageRecord(
                    id: RingStorageID(Self.lanes, lane), version: Self.newVersion(), keys: [.integer(due)],
                    payload: RingRecordFields().payload))
        }
        try connection.script("DROP TABLE inbox")
    }

    /// A row of `inbox`: 0 is waiting, 1 running, 2 done, 3 quarantined, 4 behind another one in its lane.
    private struct OldWebhook {
        var request: String
        var event: String
        var state: Int64
        var lane: String?
        var position: Int64
        /// Microseconds since 1970; 0 is at once.
        var due: Int64
        var attempts: Int64
        var received: Int64
        var reason: String?
        var body: [UInt8]

        init(_ row: RingSQLiteRow) {
            self.request = row.text(0)
            self.event = row.text(1)
            self.state = row.integer(2)
            self.lane = row.optionalText(3)
            self.position = row.integer(4)
            self.attempts = row.integer(6)
            self.received = row.integer(7)
            self.reason = row.optionalText(8)
            self.body = row.blob(9)
            // Only a webhook that failed waits for a moment; of a running one the column is the end of its lease.
            let isRetry = self.state != 1 && self.attempts > 0 && row.integer(5) > self.received
            self.due = isRetry ? row.integer(5) : 0
        }

        var isWaiting: Bool { self.state != 2 && self.state != 3 }

        /// The numbers of the fields are those that `RingWebhooks` reads.
        var record: RingStorageRecord {
            var fields = RingRecordFields()
            fields.put(1, self.request)
            fields.put(2, self.event)
            fields.put(3, self.lane)
            fields.put(4, self.position)
            fields.put(5, self.received)
            fields.put(6, self.attempts)
            fields.put(7, self.reason)
            // The zero says that the body is not encrypted.
            if !self.body.isEmpty { fields.put(8, [0] + self.body) }
            fields.put(9, self.isWaiting ? "waiting" : self.state == 2 ? "done" : "quarantined")
            if self.isWaiting, self.due != 0 { fields.put(10, self.due) }
            return RingStorageRecord(
                id: RingStorageID(RingSQLiteUpgrade.inbox, "\(self.request.utf8.count):\(self.request)\(self.event)"),
                version: RingSQLiteUpgrade.newVersion(), keys: self.keys, payload: fields.payload)
        }

        /// A sum that stays within what the number can hold.
        private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
            let (sum, overflows) = left.addingReportingOverflow(right)
            return overflows ? .max : sum
        }

        private var keys: [RingStorageKey?] {
            switch self.state {
            case 2: [nil, nil, nil, .integer(Self.sum(self.received, RingSQLiteUpgrade.doneRetention))]
            case 3:
                [
                    nil, nil, .integer(self.received),
                    .integer(Self.sum(self.received, RingSQLiteUpgrade.quarantineRetention)),
                ]
            default:
                [
                    self.lane == nil ? .integer(self.due) : nil,
                    self.lane.map {
                        .text("\($0.utf8.count):\($0)\(Self.digits(self.position))\(Self.digits(self.received))")
                    },
                    nil, nil, nil, .integer(self.received),
                ]
            }
        }

        /// Twenty digits whose order as text is that of the numbers.
        private static func digits(_ value: Int64) -> String {
            let text = String(UInt64(bitPattern: value) ^ 1 << 63)
            return String(repeating: "0", count: 20 - text.utf8.count) + text
        }
    }
}
