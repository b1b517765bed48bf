internal import RingCore
internal import Synchronization

/// Writes webhooks that wait in a lane, each with the record of the lane.
///
/// All writes of one lane change that record. Those that arrive while one is under way are committed together after it. So one
/// wait for the disk stores several webhooks, and the writes do not fail on each other's versions. Only the versions protect
/// against other processes.
final class LaneWriter: Sendable {
    private struct Write: Sendable {
        var record: RingStorageRecord
        var replacing: Int64?
        var done: CheckedContinuation<Bool, any Error>
    }

    /// The writes that wait, of lanes that have a write under way.
    private let waiting = Mutex<[String: [Write]]>([:])
    private let storage: any RingStorage
    private let environment: RingEnvironment
    private let clock: (any RingStorageClock)?

    /// The most webhooks in one commit.
    private static let maximumCount = 200

    init(storage: any RingStorage, environment: RingEnvironment, clock: (any RingStorageClock)?) {
        self.storage = storage
        self.clock = clock
        self.environment = environment
    }

    /// Writes a record and wakes its lane.
    ///
    /// - Parameter version: The version that must be stored; `nil` demands that no such record exists.
    /// - Returns: `false` when another version is stored, or one.
    /// - Throws: `RingError` with code `storageFailed`: it may have been written or not.
    func put(_ record: RingStorageRecord, replacing version: Int64?, in lane: String) async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            let write = Write(record: record, replacing: version, done: continuation)
            let isFirst = self.waiting.withLock { waiting in
                let isFirst = waiting[lane] == nil
                waiting[lane, default: []].append(write)
                return isFirst
            }
            if isFirst { self.environment.detach { await self.run(lane) } }
        }
    }

    private func run(_ lane: String) async {
        while true {
            let writes = self.waiting.withLock { waiting -> [Write] in
                guard let all = waiting[lane], !all.isEmpty else {
                    waiting[lane] = nil
                    return []
                }
                waiting[lane] = Array(all.dropFirst(Self.maximumCount))
                return Array(all.prefix(Self.maximumCount))
            }
            guard !writes.isEmpty else { return }
            await self.commit(writes, in: lane)
        }
    }

    private func commit(_ writes: [Write], in lane: String) async {
        var open = writes
        do {
            while !open.isEmpty {
                let records = try await self.storage.records([LaneRecord.id(lane)] + open.map(\.record.id))
                let stored = Dictionary(records.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
                var (chosen, others): ([Write], [Write]) = ([], [])
                var ids: Set<RingStorageID> = []
                for write in open {
                    if stored[write.record.id]?.version != write.replacing {
                        write.done.resume(returning: false)
                    } else if ids.insert(write.record.id).inserted {
                        chosen.append(write)
                    } else {
                        // The same webhook twice: a duplicate as soon as the first one is stored.
                        others.append(write)
                    }
                }
                open = chosen + others
                guard !chosen.isEmpty else { continue }
                let changes = chosen.map { RingStorageChange.put($0.record, replacing: $0.replacing) }
                if try await self.storage.commit(changes + [self.wake(lane, stored[LaneRecord.id(lane)])]) {
                    for write in chosen { write.done.resume(returning: true) }
                    open = others
                }
            }
        } catch {
            for write in open { write.done.resume(throwing: error) }
        }
    }

    private func wake(_ lane: String, _ stored: RingStorageRecord?) -> RingStorageChange {
        guard let stored else {
            return .put(LaneRecord.first(lane, version: self.environment.randomToken()), replacing: nil)
        }
        // Written also when it stays as it is: whoever is about to delete it must notice.
        let now = self.clock?.now ?? self.environment.clock.now()
        let isLater = stored.due > now.storageMicroseconds
        return .put(stored.due(at: isLater ? 0 : stored.due), replacing: stored.version)
    }
}
