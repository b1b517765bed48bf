import RingCore
import RingTesting
import Synchronization
import Testing

/// The suite finds engines that break a rule, and says what they did.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RingStorageConformanceTests {
    @Test(arguments: Flaw.allCases) func findsAFlaw(_ flaw: Flaw) async throws {
        var broken: [String] = []
        for rule in RingStorageConformance.rules {
            let clock = Uptime()
            let first = RingMemoryStorage(uptime: { clock.now })
            let ledger = FlawedStorage.Ledger()
            let database = RingStorageConformance.Database(
                open: { FlawedStorage(first.anotherProcess(), flaw, ledger) }, wait: { clock.advance(by: $0) })
            do { try await rule.check(database) } catch let violation as RingStorageConformance.Violation {
                #expect(!violation.description.isEmpty)
                broken.append(rule.name)
            } catch is RingError {
                // A broken engine may also fail where a rule expects success.
                broken.append(rule.name)
            }
        }
        #expect(!broken.isEmpty, "no rule finds an engine that \(flaw.rawValue)")
        #expect(broken.contains { $0.contains(flaw.word) }, "\(flaw.rawValue): \(broken)")
    }

    @Test func everyRuleHasItsOwnName() {
        let names = RingStorageConformance.rules.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names == RingStorageConformance.rules.map(\.description))
    }

    @Test func aRuleSleepsUnlessTheClockIsGiven() async throws {
        let start = ContinuousClock.now
        try await RingStorageConformance.Database(open: { RingMemoryStorage() }).wait(.milliseconds(20))
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }
}

/// What an engine does wrong.
enum Flaw: String, CaseIterable, Sendable {
    case overwritesOtherVersions = "replaces a record of another version"
    case losesCompareAndSwap = "reports success for a commit that it did not make"
    case commitsInParts = "makes the first changes of a commit that fails"
    case dropsPayloads = "drops payloads"
    case dropsKeys = "drops index keys"
    case ignoresOrder = "returns query results in another order"
    case ignoresLimits = "returns more records than the limit"
    case countsWrong = "counts one record too many"
    case foldsNames = "takes names in upper and lower case for one"
    case ignoresLeases = "returns leased records as free ones"
    case extendsNothing = "extends no lease"
    case keepsLeases = "keeps leases when its process closes"
    case worksAfterClosing = "still works after it was closed"

    /// A word in the name of a rule that has to find it.
    var word: String {
        switch self {
        case .overwritesOtherVersions: "stored version"
        case .losesCompareAndSwap: "demand"
        case .commitsInParts: "whole"
        case .dropsPayloads: "payload"
        case .dropsKeys: "record"
        case .ignoresOrder: "order"
        case .ignoresLimits: "limit"
        case .countsWrong: "count"
        case .foldsNames: "text"
        case .ignoresLeases: "lease"
        case .extendsNothing: "extend"
        case .keepsLeases: "closing"
        case .worksAfterClosing: "closing"
        }
    }
}

/// An engine with one flaw, over one that works.
private struct FlawedStorage: RingStorage {
    /// What all processes of one database share.
    final class Ledger: Sendable {
        let isClosed = Mutex(false)
    }

    private let base: RingMemoryStorage
    private let flaw: Flaw
    private let ledger: Ledger

    init(_ base: RingMemoryStorage, _ flaw: Flaw, _ ledger: Ledger) {
        self.base = base
        self.flaw = flaw
        self.ledger = ledger
    }

    var location: String { self.base.location }

    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        try await self.base.records(ids.map(self.folded))
    }

    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        var query = query
        if self.flaw == .ignoresLimits { query.limit = nil }
        if self.flaw == .ignoresLeases { query.isFree = false }
        let found = try await self.base.records(matching: query)
        return self.flaw == .ignoresOrder ? found.reversed() : found
    }

    func count(matching query: RingStorageQuery) async throws -> Int {
        try await self.base.count(matching: query) + (self.flaw == .countsWrong ? 1 : 0)
    }

    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        var done: [RingStorageChange] = []
        for change in changes { done.append(try await self.changed(change)) }
        switch self.flaw {
        case .losesCompareAndSwap:
            _ = try await self.base.commit(done)
            return true
        case .commitsInParts:
            for change in done where try await !self.base.commit([change]) { return false }
            return true
        default: return try await self.base.commit(done)
        }
    }

    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        self.flaw == .extendsNothing ? [] : try await self.base.extend(leases, by: duration)
    }

    func close() async {
        if self.flaw == .worksAfterClosing { return }
        if self.flaw == .keepsLeases { return self.base.crash(isVisible: false) }
        await self.base.close()
    }

    private func folded(_ id: RingStorageID) -> RingStorageID {
        var id = id
        if self.flaw == .foldsNames { id.name = id.name.lowercased() }
        return id
    }

    private func changed(_ change: RingStorageChange) async throws -> RingStorageChange {
        switch change {
        case .put(var record, var version, let lease):
            record.id = self.folded(record.id)
            if self.flaw == .dropsPayloads { record.payload = [] }
            if self.flaw == .dropsKeys { record.keys = [] }
            let stored = try await self.base.record(record.id)
            if self.flaw == .overwritesOtherVersions, version != nil { version = stored?.version }
            return .put(record, replacing: version, lease: lease)
        case .delete(let id, let version):
            let stored = try await self.base.record(self.folded(id))
            let isForced = self.flaw == .overwritesOtherVersions
            return .delete(self.folded(id), version: isForced ? stored?.version ?? version : version)
        }
    }
}

/// A clock that a test moves.
private final class Uptime: Sendable {
    private let time = Mutex(Duration.zero)
    var now: Duration { self.time.withLock { $0 } }
    func advance(by duration: Duration) { self.time.withLock { $0 += duration } }
}
