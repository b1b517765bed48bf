internal import RingCore
public import RingWebhooks

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The embedded webhook store: one SQLite file, safe for several processes on one machine.
///
/// A webhook is on the disk (WAL, `synchronous=FULL`) before its save returns. Saves that wait together are committed
/// together, so one disk carries thousands a second.
public struct RingSQLiteWebhookStore: RingWebhookStore {
    let database: RingSQLiteDatabase

    /// Opens the store in a database, which other rooms may share.
    ///
    /// - Parameter database: The open database.
    /// - Throws: `RingError` with code `storageFailed` when the schema is newer or the file fails.
    public init(in database: RingSQLiteDatabase) async throws {
        self.database = database
        try await self.asRingError { try await database.migrate(RingSQLiteWebhookSchema.migration) }
    }

    /// Opens a file, or memory, for webhooks alone.
    ///
    /// - Parameters:
    ///   - location: Where the database lives.
    ///   - options: How it is opened.
    /// - Returns: The store.
    /// - Throws: As ``init(in:)``.
    public static func open(
        _ location: RingSQLiteDatabase.Location, options: RingSQLiteOptions = RingSQLiteOptions()
    ) async throws -> RingSQLiteWebhookStore {
        do {
            return try await RingSQLiteWebhookStore(in: RingSQLiteDatabase.open(location, options: options))
        } catch let error as RingSQLiteError { throw error.asRingError() }
    }

    /// Closes the database, also for other rooms that share it. Later calls fail with code `storageFailed`.
    public func close() async { await self.database.close() }

    /// Keeps a webhook durably, unless one with its key was kept before.
    ///
    /// - Throws: `RingError` with code `storageFailed`; nothing was written.
    public func save(_ webhook: RingStoredWebhook, isQuarantined: Bool) async throws -> Bool {
        try await self.write { connection in
            let state: Int64 = isQuarantined ? 3 : webhook.lane == nil ? 0 : 4
            let inserted = try connection.execute(
                RingSQLiteWebhookSchema.insert,
                [
                    .text(webhook.key.requestID.rawValue), .text(webhook.key.eventID.rawValue), .integer(state),
                    RingSQLiteValue(webhook.lane), .integer(webhook.position),
                    .integer(webhook.receivedAt.microseconds), .integer(Int64(webhook.attempts)),
                    RingSQLiteValue(webhook.reason), .blob(webhook.body),
                ])
            if inserted > 0, !isQuarantined { try connection.order(lane: webhook.lane) }
            return inserted > 0
        }
    }

    /// Takes webhooks to work on.
    ///
    /// - Throws: `RingError` with code `storageFailed`; nothing was taken.
    public func claim(_ claim: RingWebhookClaim) async throws -> [RingStoredWebhook] {
        let now = claim.now.microseconds
        guard claim.limit > 0 else { return [] }
        // An idle inbox looks every second; that must not take the file's write lock.
        let mayClaim = try await self.read { connection in
            try connection.first(RingSQLiteWebhookSchema.anythingToClaim, [.integer(now)]) { $0.integer(0) } == 1
        }
        guard mayClaim else { return [] }
        return try await self.write { connection in
            try connection.putBack(RingSQLiteWebhookSchema.expired, .integer(now), due: now)
            let rows = try connection.query(
                RingSQLiteWebhookSchema.claimable, [.integer(now), .integer(Int64(claim.limit))]
            ) { (id: $0.integer(0), webhook: RingStoredWebhook(row: $0)) }
            return try rows.map { row in
                try connection.execute(
                    RingSQLiteWebhookSchema.take,
                    [.integer(row.id), .integer(claim.leaseUntil.microseconds), .text(claim.owner)])
                var webhook = row.webhook
                webhook.attempts += 1
                return webhook
            }
        }
    }

    /// Extends the leases the owner still holds.
    ///
    /// - Throws: `RingError` with code `storageFailed`; the leases stay as they were.
    public func extend(_ keys: [RingWebhookKey], owner: String, until: Date) async throws -> [RingWebhookKey] {
        try await self.write { connection in
            try keys.filter { key in
                try connection.execute(
                    RingSQLiteWebhookSchema.extend,
                    key.values + [.text(owner), .integer(until.microseconds)]) > 0
            }
        }
    }

    /// Ends the work on a webhook, durably.
    ///
    /// - Throws: `RingError` with code `storageFailed`; it stays running until its lease ends.
    public func settle(
        _ key: RingWebhookKey, owner: String, as settlement: RingWebhookSettlement, now: Date
    ) async throws -> Bool {
        try await self.write { connection in
            let held = try connection.first(RingSQLiteWebhookSchema.held, key.values + [.text(owner)]) {
                (id: $0.integer(0), lane: $0.optionalText(1))
            }
            guard let held else { return false }
            let id = RingSQLiteValue.integer(held.id)
            let waiting = RingSQLiteValue.integer(held.lane == nil ? 0 : 4)
            switch settlement {
            case .done: try connection.execute(RingSQLiteWebhookSchema.finish, [id])
            case .retry(let moment, let reason):
                try connection.execute(
                    RingSQLiteWebhookSchema.retry, [id, waiting, .integer(moment.microseconds), .text(reason)])
            case .givenBack:
                try connection.execute(
                    RingSQLiteWebhookSchema.giveBack, [id, waiting, .integer(now.microseconds)])
            case .quarantined(let reason):
                try connection.execute(RingSQLiteWebhookSchema.quarantine, [id, .text(reason)])
            }
            try connection.order(lane: held.lane)
            return true
        }
    }

    /// Makes everything the owner holds due at once.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func giveUpLeases(of owner: String, now: Date) async throws {
        try await self.write { connection in
            try connection.putBack(RingSQLiteWebhookSchema.ownedBy, .text(owner), due: now.microseconds)
        }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        try await self.asRingError { try await self.database.read(body) }
    }

    private func write<Value: Sendable>(
        _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        try await self.asRingError { try await self.database.write(body) }
    }

    private func asRingError<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as RingSQLiteError { throw error.asRingError() }
    }
}

extension RingSQLiteWebhookStore {
    /// How many webhooks wait for work.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func backlog() async throws -> Int {
        try await self.read { connection in
            try connection.first(RingSQLiteWebhookSchema.backlog) { Int($0.integer(0)) } ?? 0
        }
    }

    /// How many webhooks are in each state. Counts rows, so it is for a person or a minute's metric.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func counts() async throws -> RingWebhookCounts {
        try await self.read { connection in
            var counts = RingWebhookCounts()
            for (state, count) in try connection.query(
                RingSQLiteWebhookSchema.counts, [], { (Int($0.integer(0)), Int($0.integer(1))) })
            {
                switch state {
                case RingSQLiteWebhookSchema.State.running: counts.running += count
                case RingSQLiteWebhookSchema.State.done: counts.done += count
                case RingSQLiteWebhookSchema.State.quarantined: counts.quarantined += count
                default: counts.waiting += count
                }
            }
            return counts
        }
    }

    /// What is quarantined, oldest first.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func quarantined(limit: Int) async throws -> [RingStoredWebhook] {
        try await self.read { connection in
            try connection.query(RingSQLiteWebhookSchema.quarantined, [.integer(Int64(max(0, limit)))]) {
                RingStoredWebhook(row: $0)
            }
        }
    }

    /// Lets a quarantined webhook wait for work again.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func release(_ key: RingWebhookKey, now: Date) async throws -> Bool {
        try await self.write { connection in
            let found = try connection.first(RingSQLiteWebhookSchema.quarantinedOne, key.values) {
                (id: $0.integer(0), lane: $0.optionalText(1))
            }
            guard let found else { return false }
            try connection.execute(
                RingSQLiteWebhookSchema.release,
                [.integer(found.id), .integer(found.lane == nil ? 0 : 4), .integer(now.microseconds)])
            try connection.order(lane: found.lane)
            return true
        }
    }

    /// Forgets what was received long ago, a thousand in a transaction, so that saves pass between them.
    ///
    /// - Throws: `RingError` with code `storageFailed`; what was forgotten before stays forgotten.
    public func purge(doneBefore: Date, quarantinedBefore: Date) async throws -> Int {
        var total = 0
        for (state, before) in [(Int64(2), doneBefore), (3, quarantinedBefore)] {
            var count = 0
            repeat {
                count = try await self.write { connection in
                    try connection.execute(
                        RingSQLiteWebhookSchema.purge,
                        [.integer(state), .integer(before.microseconds), .integer(1_000)])
                }
                total += count
            } while count == 1_000
        }
        return total
    }
}

extension RingSQLiteConnection {
    /// Brings a lane in order after one of its rows came, went, or moved.
    fileprivate func order(lane: String?) throws {
        guard let lane else { return }
        let name = RingSQLiteValue.text(lane)
        if try self.first(RingSQLiteWebhookSchema.laneIsBusy, [name], { $0.integer(0) }) != nil {
            try self.execute(RingSQLiteWebhookSchema.stepBack, [name, 0])
            return
        }
        let first = try self.first(RingSQLiteWebhookSchema.laneFirst, [name]) { ($0.integer(0), $0.integer(1)) }
        guard let (id, state) = first, state != 0 else { return }
        try self.execute(RingSQLiteWebhookSchema.stepBack, [name, .integer(id)])
        try self.execute(RingSQLiteWebhookSchema.stepForward, [.integer(id)])
    }

    /// Ends the leases of the rows a query finds.
    fileprivate func putBack(_ query: String, _ value: RingSQLiteValue, due: Int64) throws {
        for (id, lane) in try self.query(query, [value], { ($0.integer(0), $0.optionalText(1)) }) {
            try self.execute(
                RingSQLiteWebhookSchema.putBack, [.integer(id), .integer(lane == nil ? 0 : 4), .integer(due)])
            try self.order(lane: lane)
        }
    }
}

extension RingStoredWebhook {
    /// Reads the columns of ``RingSQLiteWebhookSchema/columns``.
    fileprivate init(row: RingSQLiteRow) {
        self.init(
            key: RingWebhookKey(
                requestID: RingRequestID(rawValue: row.text(1)), eventID: RingEventID(rawValue: row.text(2))),
            lane: row.optionalText(3), position: row.integer(4), body: row.blob(5),
            receivedAt: Date(microseconds: row.integer(6)), attempts: Int(row.integer(7)),
            reason: row.optionalText(8))
    }
}

extension RingWebhookKey {
    fileprivate var values: [RingSQLiteValue] { [.text(self.requestID.rawValue), .text(self.eventID.rawValue)] }
}

extension Date {
    /// Whole microseconds since 1970, kept within what the number can hold.
    fileprivate var microseconds: Int64 {
        let value = (self.timeIntervalSince1970 * 1_000_000).rounded()
        return Int64(exactly: value) ?? (value < 0 ? .min : .max)
    }

    fileprivate init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}
