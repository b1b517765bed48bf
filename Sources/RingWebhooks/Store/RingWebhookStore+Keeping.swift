internal import RingCore
internal import RingCrypto

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension RingWebhookStore {
    /// How many webhooks wait for work or are being worked on, counted up to a limit.
    package func backlog(limit: Int) async throws -> Int {
        let free = try await self.count(RingStoredWebhook.Index.due, limit: limit)
        return free < limit ? try await free + self.count(RingStoredWebhook.Index.lane, limit: limit - free) : free
    }

    /// When the oldest webhook arrived that waits for work or is being worked on; `nil` when there is none. Reads one record, and two
    /// more when there is none.
    package func oldestWaiting() async throws -> Date? {
        let index = RingStoredWebhook.Index.received
        let oldest = try await self.storage.records(
            matching: RingStorageQuery(RingStoredWebhook.collection, index: index, limit: 1, includesPayload: false))
        guard let keys = oldest.first?.keys, keys.indices.contains(index), case .integer(let moment)? = keys[index]
        else {
            return try await self.oldestWithoutKey()
        }
        return Date(storageMicroseconds: moment)
    }

    /// What was stored before there was an index of the arrivals: the arrival of the first that is due, or of the first in a lane.
    private func oldestWithoutKey() async throws -> Date? {
        var oldest: Date?
        for index in [RingStoredWebhook.Index.due, RingStoredWebhook.Index.lane] {
            let first = try await self.storage.records(
                matching: RingStorageQuery(RingStoredWebhook.collection, index: index, limit: 1))
            // One that cannot be read is reported by whoever works on it.
            guard let record = first.first, let webhook = try? RingStoredWebhook(record) else { continue }
            oldest = min(oldest ?? webhook.receivedAt, webhook.receivedAt)
        }
        return oldest
    }

    /// How many webhooks are in each state.
    ///
    /// - Parameter maximumDone: How far those that are done are counted: there may be tens of millions of them.
    package func counts(maximumDone: Int = RingWebhookCounts.maximumDone) async throws -> RingWebhookCounts {
        let open = try await self.count(RingStoredWebhook.Index.due)
        let free = try await self.count(RingStoredWebhook.Index.due, isFree: true)
        let inLanes = try await self.count(RingStoredWebhook.Index.lane)
        let lanes = try await self.storage.count(matching: RingStorageQuery(LaneRecord.collection, index: 0))
        let freeLanes = try await self.storage.count(
            matching: RingStorageQuery(LaneRecord.collection, index: 0, isFree: true))
        let quarantined = try await self.count(RingStoredWebhook.Index.quarantined)
        let ended = try await self.count(RingStoredWebhook.Index.expires, limit: maximumDone + quarantined)
        // Two counts of what changes between them may disagree.
        let running = max(open - free, 0) + max(lanes - freeLanes, 0)
        return RingWebhookCounts(
            waiting: max(open + inLanes - running, 0), running: running, done: max(ended - quarantined, 0),
            quarantined: quarantined)
    }

    private func count(_ index: Int, limit: Int? = nil, isFree: Bool = false) async throws -> Int {
        try await self.storage.count(
            matching: RingStorageQuery(
                RingStoredWebhook.collection, index: index, limit: limit, isFree: isFree, includesPayload: false))
    }

    /// What is quarantined, in the order of arrival.
    package func quarantined(limit: Int) async throws -> [RingQuarantinedWebhook] {
        let query = RingStorageQuery(
            RingStoredWebhook.collection, index: RingStoredWebhook.Index.quarantined, limit: max(limit, 0))
        // A record that a newer release wrote in another form is left out, and does not hide the others.
        return try await self.storage.records(matching: query).compactMap { record in
            (try? RingStoredWebhook(record)).map(self.quarantined)
        }
    }

    private func quarantined(_ webhook: RingStoredWebhook) -> RingQuarantinedWebhook {
        RingQuarantinedWebhook(
            key: webhook.key, reason: webhook.reason ?? "", body: self.body(of: webhook),
            receivedAt: webhook.receivedAt, attempts: webhook.attempts)
    }

    /// The raw body; `nil` when no key opens it.
    func body(of webhook: RingStoredWebhook) -> [UInt8]? {
        try? self.sealer.open(webhook.body, for: Self.owner(webhook.key.storageID))
    }

    /// Lets a quarantined webhook wait for work, with its attempts at zero.
    ///
    /// - Returns: `false` when it is not quarantined.
    package func release(_ key: RingWebhookKey) async throws -> Bool {
        while let record = try await self.storage.record(key.storageID) {
            guard let released = try self.release(RingStoredWebhook(record)) else { return false }
            if try await self.commit(released, replacing: record.version) { return true }
        }
        return false
    }

    /// Lets every quarantined webhook wait for work that a condition holds for.
    ///
    /// - Returns: How many.
    package func release(where condition: (RingQuarantinedWebhook) -> Bool) async throws -> Int {
        try await self.release { webhook in condition(self.quarantined(webhook)) }
    }

    /// Lets those wait for work whose age is inside the window, checked again after the wall clock may have been corrected.
    ///
    /// They were received before now, so their age then was at most what it is now. For those that this inbox received, the
    /// monotonic clock says when that was, whatever the wall clock read.
    ///
    /// - Parameter inbox: The identity of the calling inbox, as in ``RingStoredWebhook/Receipt``.
    /// - Returns: How many.
    package func releaseFresh(by window: RingReplayWindow, inbox: Int64, limits: Int) async throws -> Int {
        let (now, uptime) = (self.environment.clock.now(), self.environment.clock.uptime().microseconds)
        return try await self.release { webhook in
            guard webhook.reason?.hasPrefix(RingWebhookError.Code.stale.rawValue) == true else { return false }
            var receivedAt = min(webhook.receivedAt, now)
            if let receipt = webhook.receipt, receipt.inbox == inbox {
                let age = Double(uptime) / 1_000_000 - Double(receipt.uptime) / 1_000_000
                receivedAt = min(receivedAt, now - age)
            }
            guard let body = self.body(of: webhook),
                let event = try? RingWebhookEvent(decoding: body, limits: .webhook(bytes: limits))
            else { return false }
            return window.verdict(sentAt: event.sentAt, now: receivedAt) == .fresh
        }
    }

    private func release(_ condition: (RingStoredWebhook) -> Bool) async throws -> Int {
        var count = 0
        try await self.pages(of: RingStoredWebhook.Index.quarantined) { records in
            for record in records {
                guard let webhook = try? RingStoredWebhook(record), condition(webhook),
                    let released = self.release(webhook)
                else { continue }
                if try await self.commit(released, replacing: record.version) { count += 1 }
            }
        }
        return count
    }

    private func release(_ webhook: RingStoredWebhook) -> RingStoredWebhook? {
        guard webhook.state == .quarantined else { return nil }
        var released = webhook
        released.version &+= 1
        released.state = .waiting
        released.attempts = 0
        released.dueAt = 0
        released.expiresAt = nil
        released.receipt = nil
        return released
    }

    private func commit(_ webhook: RingStoredWebhook, replacing version: Int64) async throws -> Bool {
        guard let lane = webhook.lane else {
            return try await self.storage.commit([.put(webhook.record, replacing: version)])
        }
        return try await self.lanes.put(webhook.record, replacing: version, in: lane)
    }

    /// Deletes what has expired, a thousand in a commit, so that saves pass between them. What would expire later than the
    /// policy allows was written under a wrong clock; its time runs from now.
    ///
    /// - Parameters:
    ///   - done: How long what is done is kept.
    ///   - quarantined: How long what is quarantined is kept.
    /// - Returns: How many were deleted.
    package func purge(keepingDone done: Duration, quarantined: Duration) async throws -> Int {
        let now = self.environment.clock.now().storageMicroseconds
        try await self.pages(
            of: RingStoredWebhook.Index.expires, from: now.adding(max(done, quarantined)).adding(.microseconds(1))
        ) {
            for record in $0 {
                guard var webhook = try? RingStoredWebhook(record) else { continue }
                webhook.expiresAt = now.adding(webhook.state == .done ? done : quarantined)
                webhook.version &+= 1
                _ = try await self.storage.commit([.put(webhook.record, replacing: record.version)])
            }
        }
        var (count, failures) = (0, 0)
        while failures < 8 {
            let expired = try await self.storage.records(
                matching: RingStorageQuery(
                    RingStoredWebhook.collection, index: RingStoredWebhook.Index.expires, through: .integer(now),
                    limit: 1_000, includesPayload: false))
            guard !expired.isEmpty else { break }
            if try await self.storage.commit(expired.map { .delete($0.id, version: $0.version) }) {
                count += expired.count
                if expired.count < 1_000 { break }
            } else {
                // Another process purges as well, or one was released.
                failures += 1
            }
            await Task.yield()
        }
        return count
    }

    /// Seals the bodies of what is quarantined with the active key. What waits is worked on long before a key is retired.
    package func reseal() async throws {
        guard let keys = self.sealer.keys else { return }
        try await self.pages(of: RingStoredWebhook.Index.quarantined) { records in
            for record in records {
                guard var webhook = try? RingStoredWebhook(record), keys.needsResealing(webhook.body),
                    let body = self.body(of: webhook)
                else { continue }
                webhook.body = try self.sealer.seal(body, for: Self.owner(record.id))
                webhook.version &+= 1
                _ = try await self.storage.commit([.put(webhook.record, replacing: record.version)])
            }
        }
    }

    /// Visits the records of an index in its order, page by page.
    private func pages(
        of index: Int, from start: Int64? = nil, _ visit: ([RingStorageRecord]) async throws -> Void
    ) async throws {
        var from = start.map { RingStorageKey.integer($0) }
        var limit = 200
        var seen: Set<String> = []
        while true {
            let page = try await self.storage.records(
                matching: RingStorageQuery(RingStoredWebhook.collection, index: index, from: from, limit: limit))
            try await visit(page.filter { !seen.contains($0.id.name) })
            guard page.count == limit, let last = page.last?.keys[index] else { return }
            // The next page begins with the records that share the last key.
            if last == from { limit *= 2 } else { limit = 200 }
            from = last
            seen = Set(page.lazy.filter { $0.keys[index] == last }.map(\.id.name))
        }
    }
}
