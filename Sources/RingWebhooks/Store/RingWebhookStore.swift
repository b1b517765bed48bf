package import RingCore
package import RingCrypto

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Stores webhooks between their arrival and the end of the work on them.
///
/// A webhook is *waiting*, then *done*; or it is *quarantined*. Whoever works on one holds the lease on its record, or on
/// the record of its lane. Taking a record changes its version, so a former holder cannot settle it.
package struct RingWebhookStore: Sendable {
    let storage: any RingStorage
    let sealer: RingSealer
    let environment: RingEnvironment
    let lanes: LaneWriter
    private let clock: (any RingStorageClock)?

    package init(storage: any RingStorage, sealing: RingSealingKeyRing?, environment: RingEnvironment) {
        self.storage = storage
        self.sealer = RingSealer(keys: sealing)
        self.environment = environment
        let clock = storage as? any RingStorageClock
        self.clock = clock
        self.lanes = LaneWriter(storage: storage, environment: environment, clock: clock)
    }

    /// The date that decides what is due: that of the database, when machines with clocks of their own share it.
    var now: Date { self.clock?.now ?? self.environment.clock.now() }

    /// Keeps a webhook, given with its raw body, unless one with its key was kept before, in whatever state.
    ///
    /// - Returns: `false` for a duplicate; nothing was changed then.
    /// - Throws: `RingError` with code `storageFailed`: it may have been kept or not.
    package func save(_ webhook: RingStoredWebhook) async throws -> Bool {
        let sealed = try self.sealed(webhook)
        guard sealed.state == .waiting, let lane = sealed.lane else {
            return try await self.storage.commit([.put(sealed.record, replacing: nil)])
        }
        return try await self.lanes.put(sealed.record, replacing: nil, in: lane)
    }

    /// Keeps a webhook without a lane as ``save(_:)`` does, and takes it in the same commit, with its first attempt counted.
    ///
    /// - Returns: `nil` for a duplicate; nothing was changed then.
    /// - Throws: `RingError` with code `storageFailed`: it may have been kept or not. Its lease ends by itself then.
    package func saveAndTake(_ webhook: RingStoredWebhook, for duration: Duration) async throws -> RingWebhookClaim? {
        var sealed = try self.sealed(webhook)
        sealed.attempts = 1
        let record = sealed.record
        let lease = RingStorageLease(id: record.id, token: self.environment.randomToken())
        let change = RingStorageChange.put(record, replacing: nil, lease: .take(token: lease.token, for: duration))
        guard try await self.storage.commit([change]) else { return nil }
        return RingWebhookClaim(webhook: sealed, body: webhook.body, lease: lease)
    }

    private func sealed(_ webhook: RingStoredWebhook) throws -> RingStoredWebhook {
        var sealed = webhook
        sealed.body = try self.sealer.seal(webhook.body, for: Self.owner(webhook.key.storageID))
        sealed.version = self.environment.randomToken()
        return sealed
    }

    /// What the sealed body of a record is bound to.
    static func owner(_ id: RingStorageID) -> String { "ring webhook:\(id.name)" }
}

// MARK: Working

/// A record that looked free and due, or that was taken because it was.
package struct RingWebhookCandidate: Sendable {
    var record: RingStorageRecord
    /// The lease on it, when the engine takes records as it finds them.
    var lease: RingStorageLease?
    /// The uptime before it was found.
    package var since: Duration
    /// Tells records of both collections apart.
    package var id: RingStorageID { self.record.id }
    /// Whether the lease on it was taken as it was found.
    var isTaken: Bool { self.lease != nil }
    var isLane: Bool { self.record.id.collection == LaneRecord.collection.name }
}

/// A webhook that this process holds.
package struct RingWebhookClaim: Sendable {
    package var webhook: RingStoredWebhook
    /// The raw body.
    package var body: [UInt8]
    package var lease: RingStorageLease
}

/// What became of the attempt to take a record.
package enum RingWebhookTake: Sendable {
    case taken(RingWebhookClaim)
    /// Somebody else was first, or nothing of it is due.
    case missed
    /// The key that sealed the body is not configured; it waits for a process that has it.
    case keyMissing(String)
    /// Its body cannot be read; it was quarantined.
    case damaged(RingWebhookKey)
}

extension RingWebhookStore {
    /// How long a webhook waits that no key of this process opens, until the next attempt to open it.
    package static let keyInterval = Duration.seconds(60)

    /// Records that are free and due. An engine that can takes them at once, so that other machines find the next ones.
    ///
    /// - Parameters:
    ///   - collection: ``RingStoredWebhook/collection`` or that of the lanes.
    ///   - range: The moments at which they are due, in microseconds since 1970.
    ///   - duration: The length of the leases.
    package func candidates(
        inLanes: Bool, due range: ClosedRange<Int64>, limit: Int, excluding active: Set<RingStorageID>,
        for duration: Duration
    ) async throws -> [RingWebhookCandidate] {
        var query = RingStorageQuery(
            inLanes ? LaneRecord.collection : RingStoredWebhook.collection, index: RingStoredWebhook.Index.due,
            from: .integer(range.lowerBound), through: .integer(range.upperBound), limit: limit, isFree: true)
        let (start, token) = (self.environment.clock.uptime(), self.environment.randomToken())
        if let taken = try await self.storage.take(matching: query, excluding: active, token: token, for: duration) {
            return taken.map {
                RingWebhookCandidate(record: $0, lease: RingStorageLease(id: $0.id, token: token), since: start)
            }
        }
        query.limit = limit + active.count
        let records = try await self.storage.records(matching: query).filter { !active.contains($0.id) }
        return records.prefix(limit).map { RingWebhookCandidate(record: $0, since: start) }
    }

    /// Takes a record for a while, and counts the attempt.
    ///
    /// - Parameters:
    ///   - maximumDelay: A moment further ahead than this was written under a wrong clock, and counts as due.
    ///   - quarantineEnd: When it may be deleted in case it is quarantined.
    /// - Throws: `RingError` with code `storageFailed`. It may have been taken; then its lease ends by itself.
    package func take(
        _ candidate: RingWebhookCandidate, for duration: Duration, maximumDelay: Duration, quarantineEnd: Int64
    ) async throws -> RingWebhookTake {
        var candidate = candidate
        for _ in 0..<4 {
            let result = try await self.takeAsItIs(
                candidate, for: duration, maximumDelay: maximumDelay, quarantineEnd: quarantineEnd)
            guard case .missed = result, let lease = candidate.lease else { return result }
            // A webhook that is saved into a lane changes the lane, whoever holds it.
            guard let record = try await self.storage.record(lease.id), record.leaseToken == lease.token else {
                return result
            }
            candidate.record = record
        }
        await self.giveBack(candidate)
        return .missed
    }

    /// Frees a record that was taken as it was found, and is not worked on. When that fails, its lease ends by itself.
    package func giveBack(_ candidate: RingWebhookCandidate) async {
        guard let lease = candidate.lease else { return }
        for _ in 0..<8 {
            guard var record = try? await self.storage.record(lease.id), record.leaseToken == lease.token else {
                return
            }
            let version = record.version
            record.version &+= 1
            // Else a webhook was saved into the lane.
            if (try? await self.storage.commit([.put(record, replacing: version, lease: .release)])) != false { return }
        }
    }

    private func takeAsItIs(
        _ candidate: RingWebhookCandidate, for duration: Duration, maximumDelay: Duration, quarantineEnd: Int64
    ) async throws -> RingWebhookTake {
        let now = self.now.storageMicroseconds
        var lane: RingStorageRecord?
        var record = candidate.record
        if candidate.isLane {
            guard let first = try await self.waiting(inLane: record.id.name, limit: 1).first else {
                // Fails when a webhook was saved meanwhile, which is right.
                _ = try await self.storage.commit([.delete(record.id, version: record.version)])
                return .missed
            }
            lane = record
            record = first
        }
        var webhook: RingStoredWebhook
        do { webhook = try RingStoredWebhook(record) } catch {
            try await self.postpone(lane ?? record, from: now)
            throw error
        }
        guard webhook.state == .waiting else {
            await self.giveBack(candidate)
            return .missed
        }
        if let lane, webhook.dueAt > now, webhook.dueAt <= now.adding(maximumDelay) {
            let later = lane.due(at: webhook.dueAt)
            _ = try await self.storage.commit([.put(later, replacing: lane.version, lease: .release)])
            return .missed
        }
        let body: [UInt8]
        do throws(RingCryptoError) {
            body = try self.sealer.open(webhook.body, for: Self.owner(record.id))
        } catch {
            if error.code == .unknownKey {
                try await self.postpone(lane ?? record, from: now)
                return .keyMissing(RingSealer.keyID(of: webhook.body) ?? "")
            }
            let failure = RingWebhookError(code: .unreadableBody, message: error.message)
            let lease = candidate.lease ?? RingStorageLease(id: (lane ?? record).id, token: 0)
            let claim = RingWebhookClaim(webhook: webhook, body: [], lease: lease)
            return try await self.settle(
                claim, as: .quarantined(reason: failure.description), expires: quarantineEnd)
                ? .damaged(webhook.key) : .missed
        }
        let replaced = webhook.version
        webhook.version &+= 1
        webhook.attempts = min(webhook.attempts, .max / 2) + 1
        let lease =
            candidate.lease ?? RingStorageLease(id: (lane ?? record).id, token: self.environment.randomToken())
        let take = candidate.lease == nil ? RingLeaseChange.take(token: lease.token, for: duration) : .keep
        var changes = [RingStorageChange.put(webhook.record, replacing: replaced, lease: lane == nil ? take : .keep)]
        if let lane { changes.append(.put(lane.due(at: 0), replacing: lane.version, lease: take)) }
        let claim = RingWebhookClaim(webhook: webhook, body: body, lease: lease)
        do {
            return try await self.storage.commit(changes) ? .taken(claim) : .missed
        } catch {
            // It may have been taken all the same.
            guard let stored = try await self.storage.record(webhook.record.id), stored.version == webhook.version,
                stored.payload == webhook.record.payload,
                try await self.storage.record(lease.id)?.leaseToken == lease.token
            else { throw error }
            return .taken(claim)
        }
    }

    /// Lets a record wait that this process cannot work on, so that others behind it have their turn.
    private func postpone(_ record: RingStorageRecord, from now: Int64) async throws {
        _ = try await self.storage.commit([
            .put(record.due(at: now.adding(Self.keyInterval)), replacing: record.version, lease: .release)
        ])
    }

    /// Ends the work on a webhook. May be repeated with the same arguments after it threw.
    ///
    /// - Parameter expires: When it may be deleted, if it is done or quarantined now.
    /// - Returns: `false` when somebody else took the webhook meanwhile; nothing was changed then.
    /// - Throws: `RingError` with code `storageFailed`: it may have been settled or not.
    package func settle(
        _ claim: RingWebhookClaim, as settlement: RingWebhookSettlement, expires: Int64
    ) async throws -> Bool {
        let record = claim.webhook.settled(as: settlement, expires: expires).record
        guard let lane = claim.webhook.lane else {
            let change = RingStorageChange.put(record, replacing: claim.webhook.version, lease: .release)
            if try await self.storage.commit([change]) { return true }
            return try await self.isStored(record)
        }
        while true {
            let changes = try await self.changes(settling: claim, with: record, in: lane)
            if try await self.storage.commit(changes) { return true }
            if try await self.isStored(record) { return true }
            // Else only the lane has changed: a webhook was saved.
            guard try await self.storage.record(record.id)?.version == claim.webhook.version else { return false }
        }
    }

    /// Ends the work on a webhook that is done, together with what its handler did in a transaction.
    ///
    /// - Returns: `false` when somebody else took the webhook meanwhile; nothing was changed then.
    /// - Throws: `RingError` with code `storageFailed`: nothing was changed.
    func settle(_ claim: RingWebhookClaim, in transaction: any RingStorageTransaction, expires: Int64) async throws
        -> Bool
    {
        let record = claim.webhook.settled(as: .done, expires: expires).record
        // The lane is written by every webhook that is saved into it, and would make this commit fail.
        let lease = claim.webhook.lane == nil ? RingLeaseChange.release : .keep
        do {
            let change = RingStorageChange.put(record, replacing: claim.webhook.version, lease: lease)
            guard try await transaction.commit([change]) else { return false }
        } catch {
            // The end of the transaction may have been lost on its way here.
            guard try await self.isStored(record) else { throw error }
        }
        if let lane = claim.webhook.lane { await self.release(lane, after: claim, with: record) }
        return true
    }

    /// Frees a lane after its webhook was settled. When that fails, its lease ends by itself.
    private func release(_ lane: String, after claim: RingWebhookClaim, with record: RingStorageRecord) async {
        for _ in 0..<8 {
            guard let changes = try? await self.changes(settling: claim, with: record, in: lane).dropFirst() else {
                return
            }
            if changes.isEmpty { return }
            // Else a webhook was saved into it.
            if (try? await self.storage.commit(Array(changes))) != false { return }
        }
    }

    private func changes(
        settling claim: RingWebhookClaim, with record: RingStorageRecord, in lane: String
    ) async throws -> [RingStorageChange] {
        let change = RingStorageChange.put(record, replacing: claim.webhook.version)
        guard let stored = try await self.storage.record(LaneRecord.id(lane)) else { return [change] }
        // A lane that somebody else holds is theirs to write.
        guard stored.leaseToken == nil || stored.leaseToken == claim.lease.token else { return [change] }
        let waiting = try await self.waiting(inLane: lane, limit: 2)
        let isWaiting = record.keys[RingStoredWebhook.Index.lane] != nil
        guard let next = waiting.first(where: { $0.id != record.id || isWaiting }) else {
            return [change, .delete(stored.id, version: stored.version)]
        }
        let due = try RingStoredWebhook(next.id == record.id ? record : next).dueAt
        return [change, .put(stored.due(at: due), replacing: stored.version, lease: .release)]
    }

    private func waiting(inLane lane: String, limit: Int) async throws -> [RingStorageRecord] {
        let prefix = RingStoredWebhook.lanePrefix(lane)
        // After the prefix come digits, and ":" comes after all of them.
        return try await self.storage.records(
            matching: RingStorageQuery(
                RingStoredWebhook.collection, index: RingStoredWebhook.Index.lane, from: .text(prefix),
                through: .text("\(prefix):"), limit: limit))
    }

    private func isStored(_ record: RingStorageRecord) async throws -> Bool {
        guard let stored = try await self.storage.record(record.id) else { return false }
        return stored.version == record.version && stored.payload == record.payload
    }
}

extension RingStoredWebhook {
    /// The next version, with the work on it ended.
    func settled(as settlement: RingWebhookSettlement, expires: Int64) -> RingStoredWebhook {
        var webhook = self
        webhook.version &+= 1
        switch settlement {
        case .done:
            webhook.state = .done
            webhook.body = []
            webhook.lane = nil
            webhook.reason = nil
            webhook.dueAt = 0
            webhook.expiresAt = expires
        case .retry(let moment, let reason):
            webhook.dueAt = moment.storageMicroseconds
            webhook.reason = reason
        case .postponed(let moment):
            webhook.dueAt = moment.storageMicroseconds
            webhook.attempts -= 1
        case .givenBack:
            webhook.dueAt = 0
            webhook.attempts -= 1
        case .quarantined(let reason):
            webhook.state = .quarantined
            webhook.reason = reason
            webhook.dueAt = 0
            webhook.expiresAt = expires
        }
        return webhook
    }
}
