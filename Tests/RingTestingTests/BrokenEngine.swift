import RingCore
import RingTesting
import Synchronization

/// What one engine does wrong, in which rule that has to show, and what the violation has to say.
enum EngineFault: String, CaseIterable, Sendable {
    case cutsPayloads = "leaves the last byte of a payload out"
    case cutsLargePayloads = "cuts payloads after 64 KiB"
    case mergesKeys = "keeps old index keys where a new record has none"
    case overwritesExisting = "stores a new record over an existing one"
    case createsMissing = "creates a record that was to be replaced"
    case deletesOtherVersions = "deletes a record of another version"
    case claimsSuccess = "reports success to every writer"
    case refusesNothing = "fails for a batch without changes"
    case commitsInParts = "keeps the first changes of a commit that fails"
    case mergesCollections = "stores all collections in one"
    case sortsIdentifiers = "returns records by name in place of the given order"
    case sortsByName = "orders an index by name"
    case sortsBackwards = "orders a collection backwards"
    case excludesUpperEnd = "leaves the upper end of a range out"
    case excludesLowerEnd = "leaves the lower end of a range out"
    case ignoresIndexNumber = "reads the first index for every index"
    case repeatsAfterName = "begins a page with the last name of the page before"
    case ignoresLimit = "returns more records than the limit"
    case countsBeyondLimit = "counts beyond the limit"
    case countsLeased = "counts leased records as free"
    case limitsBeforeFiltering = "applies the limit before it leaves leased records out"
    case dropsKeysWithoutPayload = "returns no keys when no payload is wanted"
    case dropsEmptyTexts = "stores an empty text as no key"
    case storesToken = "takes the lease token of a written record for a lease"
    case hidesLeases = "shows no lease"
    case releasesOnWrite = "ends the lease with every write"
    case keepsOnRelease = "keeps a lease that was released"
    case neverEndsLeases = "measures leases by a clock that stands still"
    case endsLeasesEarly = "measures leases by a clock that is too fast"
    case extendsForeignLeases = "reports every lease as extended"
    case extendsByName = "extends a lease without regard to its token"
    case extendsUnordered = "returns extended leases in another order"
    case extendsNothing = "reports an extension that it did not make"
    case readsStale = "reads its own last write from a cache"
    case worksAfterClosing = "still reads after it was closed"
    case sortsNames = "returns names in their own order"
    case takesHeld = "takes records that somebody holds"
    case takesExcluded = "takes records that were to be passed over"
    case takesTooMany = "takes more records than the limit"
    case takesInSecret = "returns records without having taken them"
    case keepsVersion = "takes a record without a new version"

    /// The name of the rule.
    var rule: String {
        switch self {
        case .cutsPayloads: "a record comes back as it was written"
        case .cutsLargePayloads: "payloads of every size come back"
        case .mergesKeys: "a record is replaced whole"
        case .overwritesExisting: "a new record demands that there is none"
        case .createsMissing, .deletesOtherVersions: "replacing and deleting demand the stored version"
        case .claimsSuccess: "of many writers that replace one version, one succeeds"
        case .refusesNothing: "a batch without changes succeeds"
        case .commitsInParts: "a batch is made whole or not at all"
        case .mergesCollections, .sortsIdentifiers: "records are read in the order they are asked for"
        case .sortsByName: "an index orders by key, integers before texts, then by name"
        case .sortsBackwards, .repeatsAfterName: "a collection is read by name, page after page"
        case .excludesUpperEnd, .excludesLowerEnd: "both ends of a range belong to it"
        case .ignoresIndexNumber: "indexes are independent of each other"
        case .ignoresLimit, .countsBeyondLimit: "a limit ends a result, and is the highest number to count to"
        case .countsLeased, .hidesLeases: "a lease is seen by every process"
        case .limitsBeforeFiltering: "a query for free records goes on until its limit is reached"
        case .dropsKeysWithoutPayload: "a query reads whole records"
        case .dropsEmptyTexts: "a key can follow every other one"
        case .storesToken: "a new record can be taken at once, and only a reader's view shows the lease"
        case .releasesOnWrite, .keepsOnRelease: "a write keeps, takes or releases the lease of its record"
        case .neverEndsLeases: "a lease ends by the engine's clock"
        case .endsLeasesEarly, .extendsForeignLeases, .extendsByName, .extendsUnordered, .extendsNothing:
            "an extended lease goes on"
        case .readsStale: "what was committed is there for every process and after opening again"
        case .worksAfterClosing: "after closing, every call throws"
        case .sortsNames: "an index orders by key, integers before texts, then by name"
        case .takesHeld, .takesExcluded, .takesTooMany, .keepsVersion: "free records are taken in one call"
        case .takesInSecret: "many processes that take at once get different records"
        }
    }

    /// A part of the violation's text.
    var words: String {
        switch self {
        case .cutsPayloads: "every property comes back"
        case .cutsLargePayloads: "70000 bytes"
        case .mergesKeys: "nothing of the old record is left"
        case .overwritesExisting: "there is one"
        case .createsMissing: "there is nothing to replace"
        case .deletesOtherVersions: "another version"
        case .claimsSuccess: "one winner for version 1"
        case .refusesNothing: "nothing stands in its way"
        case .commitsInParts: "is unchanged"
        case .mergesCollections: "the new record others/b is stored"
        case .sortsIdentifiers: "order"
        case .sortsByName: "the whole index"
        case .excludesUpperEnd, .excludesLowerEnd: "through"
        case .ignoresIndexNumber: "index 1"
        case .sortsBackwards, .repeatsAfterName: "a page is full, but the last one"
        case .ignoresLimit: "limit 0"
        case .countsBeyondLimit: "counted: limit 0"
        case .countsLeased: "left out of the count"
        case .limitsBeforeFiltering: "the first four that are free"
        case .dropsKeysWithoutPayload: "but the payload"
        case .dropsEmptyTexts: "before"
        case .storesToken: "the token of a written record is ignored"
        case .hidesLeases: "read by name"
        case .releasesOnWrite: "the lease is kept"
        case .keepsOnRelease: "free"
        case .neverEndsLeases: "free"
        case .endsLeasesEarly, .extendsNothing: "instead of"
        case .extendsForeignLeases, .extendsByName, .extendsUnordered:
            "those that are held come back, in the given order"
        case .readsStale: "the first process reads that"
        case .worksAfterClosing: "reading throws"
        case .sortsNames: "the names alone"
        case .takesHeld, .takesExcluded, .takesTooMany: "those that are free, in order, up to the limit"
        case .takesInSecret: "every record is taken once"
        case .keepsVersion: "in the next version"
        }
    }
}

/// An engine with one fault, or none, over one that works.
final class BrokenEngine: RingStorage {
    private let base: RingMemoryStorage
    private let observer: RingMemoryStorage
    private let fault: EngineFault?
    private let written = Mutex<[RingStorageID: RingStorageRecord]>([:])

    init(_ base: RingMemoryStorage, _ fault: EngineFault?) {
        self.base = base.anotherProcess()
        self.observer = base
        self.fault = fault
    }

    var location: String { "broken" }

    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        if self.fault == .worksAfterClosing { return try await self.observer.records(ids) }
        let found = try await self.base.records(ids.map(self.id))
        switch self.fault {
        case .sortsIdentifiers: return found.sorted { $0.id.name < $1.id.name }
        case .readsStale:
            return self.written.withLock { written in found.map { written[$0.id] ?? $0 } }
        default: return found.map(self.shown)
        }
    }

    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        var wide = query
        switch self.fault {
        case .ignoresLimit: wide.limit = nil
        case .ignoresIndexNumber: wide.index = query.index.map { _ in 0 }
        case .limitsBeforeFiltering: wide.isFree = false
        case .repeatsAfterName: (wide.afterName, wide.limit) = (nil, nil)
        default: break
        }
        var found = try await self.base.records(matching: wide).map(self.shown)
        let key = { (record: RingStorageRecord) -> RingStorageKey? in query.index.flatMap { record.keys[$0] } }
        switch self.fault {
        case .sortsByName: found.sort { $0.id.name < $1.id.name }
        case .sortsBackwards where query.index == nil: found.reverse()
        case .excludesUpperEnd where query.through != nil: found.removeAll { key($0) == query.through }
        case .excludesLowerEnd where query.from != nil: found.removeAll { key($0) == query.from }
        case .limitsBeforeFiltering where query.isFree: found.removeAll(where: \.isLeased)
        case .repeatsAfterName:
            if let last = query.afterName { found.removeAll { $0.id.name < last } }
            if let limit = query.limit { found = Array(found.prefix(limit)) }
        case .dropsKeysWithoutPayload where !query.includesPayload:
            for index in found.indices { found[index].keys = [] }
        default: break
        }
        return found
    }

    func count(matching query: RingStorageQuery) async throws -> Int {
        var query = query
        if self.fault == .countsBeyondLimit { query.limit = nil }
        if self.fault == .countsLeased { query.isFree = false }
        return try await self.base.count(matching: query)
    }

    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        var done: [RingStorageChange] = []
        for change in changes { done.append(try await self.changed(change)) }
        switch self.fault {
        case .refusesNothing where changes.isEmpty: return false
        case .claimsSuccess:
            _ = try await self.base.commit(done)
            return true
        case .commitsInParts:
            for change in done where try await !self.base.commit([change]) { return false }
            return true
        default: break
        }
        guard try await self.base.commit(done) else { return false }
        for case .put(let record, _, _) in done { self.written.withLock { $0[record.id] = record } }
        return true
    }

    func names(matching query: RingStorageQuery) async throws -> [String] {
        let names = try await self.records(matching: query).map(\.id.name)
        return self.fault == .sortsNames ? names.sorted() : names
    }

    func take(
        matching query: RingStorageQuery, excluding excluded: Set<RingStorageID>, token: Int64, for duration: Duration
    ) async throws -> [RingStorageRecord]? {
        var query = query
        if self.fault == .takesTooMany { query.limit = query.limit.map { $0 + 1 } }
        switch self.fault {
        case .takesHeld, .keepsVersion:
            query.isFree = self.fault != .takesHeld
            let limit = query.limit ?? .max
            query.limit = nil
            var taken: [RingStorageRecord] = []
            for var record in try await self.base.records(matching: query) where !excluded.contains(record.id) {
                if taken.count >= limit { break }
                let version = record.version
                if self.fault != .keepsVersion { record.version += 1 }
                _ = try await self.base.commit([
                    .put(record, replacing: version, lease: .take(token: token, for: duration))
                ])
                record.leaseToken = token
                taken.append(record)
            }
            return taken
        case .takesInSecret:
            // Until there is nothing new to return.
            query.isFree = true
            let found = try await self.base.records(matching: query)
            guard found.contains(where: { $0.version < 5 }) else { return [] }
            for var record in found {
                record.version += 1
                _ = try await self.base.commit([.put(record, replacing: record.version - 1)])
            }
            return found
        case .takesExcluded:
            return try await self.base.take(matching: query, excluding: [], token: token, for: duration)
        default: return try await self.base.take(matching: query, excluding: excluded, token: token, for: duration)
        }
    }

    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        switch self.fault {
        case .endsLeasesEarly: return try await self.base.extend(leases, by: duration / 100_000)
        case .extendsForeignLeases:
            _ = try await self.base.extend(leases, by: duration)
            return leases
        case .extendsByName:
            var held: [RingStorageLease] = []
            for lease in leases {
                guard let token = try await self.base.record(lease.id)?.leaseToken else { continue }
                _ = try await self.base.extend([RingStorageLease(id: lease.id, token: token)], by: duration)
                held.append(lease)
            }
            return held
        case .extendsUnordered: return try await self.base.extend(leases, by: duration).reversed()
        case .extendsNothing:
            var held: [RingStorageLease] = []
            for lease in leases where try await self.base.record(lease.id)?.leaseToken == lease.token {
                held.append(lease)
            }
            return held
        default: return try await self.base.extend(leases, by: duration)
        }
    }

    func close() async { await self.base.close() }

    private func id(_ id: RingStorageID) -> RingStorageID {
        var id = id
        if self.fault == .mergesCollections { id.collection = "things" }
        return id
    }

    private func shown(_ record: RingStorageRecord) -> RingStorageRecord {
        var record = record
        if self.fault == .hidesLeases { record.leaseToken = nil }
        return record
    }

    private func changed(_ change: RingStorageChange) async throws -> RingStorageChange {
        let stored = try await self.base.record(self.id(change.id))
        switch change {
        case .put(let record, let version, let lease):
            let isForced =
                self.fault == .overwritesExisting && version == nil || self.fault == .createsMissing && stored == nil
            return .put(
                self.changed(record, over: stored), replacing: isForced ? stored?.version : version,
                lease: self.changed(lease, of: record))
        case .delete(let id, let version):
            let isForced = self.fault == .deletesOtherVersions
            return .delete(self.id(id), version: isForced ? stored?.version ?? version : version)
        }
    }

    private func changed(_ record: RingStorageRecord, over stored: RingStorageRecord?) -> RingStorageRecord {
        var record = record
        record.id = self.id(record.id)
        switch self.fault {
        case .cutsPayloads: record.payload = record.payload.dropLast()
        case .cutsLargePayloads: record.payload = Array(record.payload.prefix(64 << 10))
        case .mergesKeys:
            for (index, key) in (stored?.keys ?? []).enumerated() {
                if index >= record.keys.count { record.keys.append(key) }
                if record.keys[index] == nil { record.keys[index] = key }
            }
        case .dropsEmptyTexts: record.keys = record.keys.map { $0 == .text("") ? nil : $0 }
        default: break
        }
        return record
    }

    private func changed(_ lease: RingLeaseChange, of record: RingStorageRecord) -> RingLeaseChange {
        switch (self.fault, lease) {
        case (.storesToken?, .keep): record.leaseToken.map { .take(token: $0, for: .seconds(60)) } ?? .keep
        case (.releasesOnWrite?, .keep): .release
        case (.keepsOnRelease?, .release): .keep
        case (.endsLeasesEarly?, .take(let token, let duration)): .take(token: token, for: duration / 100_000)
        default: lease
        }
    }
}
