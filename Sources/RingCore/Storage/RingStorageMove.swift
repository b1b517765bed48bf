/// An engine that can say what it holds, so that everything can be moved into another one.
package protocol RingStorageListing: RingStorage {
    /// The names of the collections that have records.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    func collections() async throws -> [String]
}

/// Moves every record from one database to another, whatever it stands for.
///
/// A record is reserved in the source, stored in the target together with a note, and only then deleted in the source. So it can
/// be stopped at any moment and be run again: what was stored is not stored a second time over what the target has made of
/// it since. Records that somebody works on are left in place and counted.
package struct RingStorageMove: Sendable {
    /// How many records were moved, by collection, and how many were not.
    package struct Outcome: Hashable, Sendable {
        package var moved: [String: Int] = [:]
        /// Records that a process works on: stop it, and move them afterwards.
        package var inUse = 0
        /// Identifiers that both databases had before, with content of their own.
        package var conflicts: [RingStorageID] = []
    }

    private let source: any RingStorageListing
    private let target: any RingStorage
    private let environment: RingEnvironment
    /// The records that were stored in the target, each named after its source and version. Empty when everything was moved.
    private static let notes = RingStorageCollection(name: "moved", indexes: [])

    package init(from source: any RingStorageListing, to target: any RingStorage, environment: RingEnvironment) {
        self.source = source
        self.target = target
        self.environment = environment
    }

    /// Moves what there is.
    ///
    /// - Parameter progress: Called now and then with the number of records that were moved so far.
    /// - Throws: `RingError` with code `storageFailed`; it can be run again.
    package func run(progress: (Int) -> Void = { _ in }) async throws -> Outcome {
        var outcome = Outcome()
        var count = 0
        for name in try await self.source.collections().sorted() where name != Self.notes.name {
            let collection = RingStorageCollection(name: name, indexes: [])
            var last: String?
            while true {
                let page = try await self.source.records(
                    matching: RingStorageQuery(collection, afterName: last, limit: 200))
                guard let end = page.last else { break }
                last = end.id.name
                try await withThrowingTaskGroup(of: Step.self) { group in
                    for record in page { group.addTask { try await self.move(record) } }
                    for try await step in group {
                        switch step {
                        case .moved: outcome.moved[name, default: 0] += 1
                        case .inUse: outcome.inUse += 1
                        case .conflict(let id): outcome.conflicts.append(id)
                        }
                    }
                }
                count += page.count
                progress(count)
            }
        }
        outcome.conflicts.sort { ($0.collection, $0.name) < ($1.collection, $1.name) }
        if outcome.inUse == 0 { try await self.removeNotes() }
        return outcome
    }

    private enum Step: Sendable {
        case moved
        case inUse
        case conflict(RingStorageID)
    }

    private func move(_ found: RingStorageRecord) async throws -> Step {
        if found.isLeased { return .inUse }
        // An earlier run ended before it had deleted it here.
        if try await self.target.record(self.note(found)) != nil { return try await self.delete(found) }
        var record = found
        record.version &+= 1
        let reservation = RingStorageChange.put(
            record, replacing: found.version,
            lease: .take(token: self.environment.randomToken(), for: .seconds(60)))
        guard try await self.source.commit([reservation]) else { return .inUse }
        let isStored = try await self.target.commit([
            .put(record, replacing: nil), .put(RingStorageRecord(id: self.note(record), version: 1), replacing: nil),
        ])
        guard isStored else {
            var freed = record
            freed.version &+= 1
            _ = try await self.source.commit([.put(freed, replacing: record.version, lease: .release)])
            return .conflict(record.id)
        }
        return try await self.delete(record)
    }

    private func delete(_ record: RingStorageRecord) async throws -> Step {
        try await self.source.commit([.delete(record.id, version: record.version)]) ? .moved : .inUse
    }

    private func note(_ record: RingStorageRecord) -> RingStorageID {
        RingStorageID(Self.notes, "\(record.version) \(record.id)")
    }

    private func removeNotes() async throws {
        while true {
            let page = try await self.target.records(matching: RingStorageQuery(Self.notes, limit: 500))
            if page.isEmpty { return }
            _ = try await self.target.commit(page.map { .delete($0.id, version: $0.version) })
        }
    }
}
