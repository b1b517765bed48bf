public import RingCore
public import RingCrypto
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One write of an account's record, with its precondition.
package enum RingTokenChange: Sendable {
    /// Writes a record. `replacing` is the version that must be stored; `nil` demands that there is no record.
    case put(RingTokenRecord, replacing: Int64?, lease: RingLeaseChange = .keep)
    /// Deletes a record whose stored version must be the given one.
    case delete(RingAccountID, version: Int64)
}

/// The accounts and their tokens in a database: serialisation, encryption and queries.
///
/// Pass it to ``RingTokenKeeper``, which decides when records change.
public struct RingTokenStore: Sendable {
    /// The database.
    package let storage: any RingStorage
    let sealer: RingSealer
    private let environment: RingEnvironment
    private let keyCheck = KeyCheck()

    /// Creates a store. Nothing is read yet; the first call checks that the keys decrypt what is stored.
    ///
    /// - Parameters:
    ///   - storage: The database, which webhooks and live sessions share.
    ///   - sealing: The keys for secrets at rest; the active one encrypts what is written from now on. Without keys, secrets are
    ///     stored unencrypted, and the observer is told so once.
    ///   - environment: The observer and the source of randomness.
    public init(
        storage: any RingStorage, sealing: RingSealingKeyRing?, environment: RingEnvironment = RingEnvironment()
    ) {
        self.storage = storage
        self.sealer = RingSealer(keys: sealing)
        self.environment = environment
    }

    /// The location of the database, for messages.
    package var location: String { self.storage.location }

    /// The record of one account, as last committed. For a provisional id whose tokens were identified, it is the record of
    /// their account. `nil` when there is none.
    ///
    /// - Throws: `RingError` with code `storageFailed`, also when no key decrypts the record's secrets; `misconfigured` when
    ///   the sealing keys are not those of the database.
    package func record(for account: RingAccountID) async throws -> RingTokenRecord? {
        try await self.read(account, isOpened: true)
    }

    /// As ``record(for:)``, with the secrets left encrypted, which is sufficient to change everything else.
    ///
    /// - Throws: `RingError` with code `storageFailed` or `misconfigured`.
    package func header(for account: RingAccountID) async throws -> RingTokenRecord? {
        try await self.read(account, isOpened: false)
    }

    /// Writes all of the changes, or none.
    ///
    /// - Returns: `false` when a precondition did not hold, and nothing was written.
    /// - Throws: `RingError` with code `storageFailed`; the changes may then have been made or not.
    package func commit(_ changes: [RingTokenChange]) async throws -> Bool {
        try await self.checkKeys()
        let writes = try changes.map { change -> RingStorageChange in
            switch change {
            case .put(let record, let version, let lease):
                .put(try record.stored(sealing: self.sealer), replacing: version, lease: lease)
            case .delete(let account, let version): .delete(.account(account), version: version)
            }
        }
        return try await self.storage.commit(writes)
    }

    /// How many accounts are stored, without those that were removed.
    package func accountCount() async throws -> Int {
        let all = try await self.storage.count(matching: RingStorageQuery(.tokens, includesPayload: false))
        // What is left of removed accounts and of provisional names is kept for a while.
        return try await all
            - self.storage.count(
                matching: RingStorageQuery(.tokens, index: RingTokenIndex.expires, includesPayload: false))
    }

    /// The accounts that match a query, in its order, without forwardings.
    ///
    /// - Throws: `RingError` with code `storageFailed` or `misconfigured`.
    package func accounts(_ query: RingTokenQuery, limit: Int? = nil) async throws -> [RingAccountID] {
        try await self.checkKeys()
        var accounts: [RingAccountID] = []
        for part in query.parts {
            var part = part
            part.limit = limit
            part.includesPayload = false
            if part.index != nil {
                // Only a query by name returns forwardings.
                accounts += try await self.storage.names(matching: part).lazy.map { RingAccountID(rawValue: $0) }
                continue
            }
            while true {
                let found = try await self.storage.records(matching: part)
                accounts += found.lazy.filter { !RingTokenRecord.isForwarding($0) }.map {
                    RingAccountID(rawValue: $0.id.name)
                }
                // A page that contains forwardings may be followed by more accounts.
                guard let limit, accounts.count < limit, found.count == limit, let last = found.last else { break }
                part.afterName = last.id.name
            }
        }
        return limit.map { Array(accounts.prefix($0)) } ?? accounts
    }

    private func read(_ account: RingAccountID, isOpened: Bool) async throws -> RingTokenRecord? {
        try await self.checkKeys()
        guard let stored = try await self.storage.record(.account(account)) else { return nil }
        let record = try RingTokenRecord(stored, opening: isOpened ? self.sealer : nil)
        guard let target = record.forwarding else { return record }
        // A forwarding leads to an identified account, which is never a forwarding itself.
        guard let stored = try await self.storage.record(.account(target.account)) else { return nil }
        var found = try RingTokenRecord(stored, opening: isOpened ? self.sealer : nil)
        found.forwardedFrom = (account, target)
        return found
    }
}

extension RingStorageCollection {
    /// A probe of each sealing key that was ever active.
    package static let sealingKeys = Self(name: "sealing_keys", indexes: [])
}

extension RingTokenStore {
    private static let probe = Array("ring sealing key probe".utf8)
    private static func probeOwner(_ id: String) -> String { "ring key:\(id)" }

    /// Whether the keys were checked successfully.
    private final class KeyCheck: Sendable {
        let isDone = Atomic(false)
    }

    /// Refuses keys that cannot decrypt what is stored, and stores a probe of the active key.
    ///
    /// - Throws: `RingError` with code `misconfigured`; nothing was changed.
    private func checkKeys() async throws {
        guard !self.keyCheck.isDone.load(ordering: .acquiring) else { return }
        let keys = self.sealer.keys
        let probes = try await self.storage.records(matching: RingStorageQuery(.sealingKeys))
        for record in probes {
            let id = record.id.name
            guard keys?.has(id) == true else {
                guard try await self.count(ofKey: id) == 0 else { throw self.missingKey(id) }
                continue
            }
            // Another key with the same name cannot decrypt the probe.
            let fields = try RingRecordFields(record.payload, of: record.id)
            guard let sealed = fields.bytes(1),
                (try? self.sealer.open(sealed, for: Self.probeOwner(id))) == Self.probe
            else { throw self.differentKey(id) }
        }
        if let active = keys?.active.id, !probes.contains(where: { $0.id.name == active }) {
            var fields = RingRecordFields()
            do { fields.put(1, try self.sealer.seal(Self.probe, for: Self.probeOwner(active))) } catch {
                throw RingError(code: .storageFailed, message: "the sealing key \(active) cannot be used: \(error)")
            }
            let record = RingStorageRecord(
                id: RingStorageID(.sealingKeys, active), version: self.environment.randomToken(),
                payload: fields.payload)
            // `false`: another process has just written the same probe.
            _ = try await self.storage.commit([.put(record, replacing: nil)])
        }
        let isFirst = !self.keyCheck.isDone.exchange(true, ordering: .acquiringAndReleasing)
        if keys == nil, isFirst { self.environment.observer.observe(RingTokensUnsealed(store: self.location)) }
    }

    /// The number of accounts that are encrypted with a sealing key.
    package func count(ofKey id: String) async throws -> Int {
        let index = RingTokenIndex.sealingKey
        let single = try await self.storage.count(
            matching: RingStorageQuery(.tokens, index: index, from: .text(id), through: .text(id)))
        // Few at any time: they were written while keys were being rotated.
        let several = RingStorageKey.text(RingTokenIndex.severalKeys)
        let mixed = try await self.storage.records(
            matching: RingStorageQuery(.tokens, index: index, from: several, through: several))
        return try mixed.reduce(into: single) { count, stored in
            let keys = try RingTokenRecord(stored, opening: nil).sealed?.keys ?? []
            if keys.contains(id) { count += 1 }
        }
    }

    private func missingKey(_ id: String) -> RingError {
        RingError(
            code: .misconfigured,
            message: """
                \(self.location) holds tokens encrypted with the sealing key \(id), and RING_SEALING_KEYS has no such \
                key; add it after the active one. Nothing was changed
                """)
    }

    private func differentKey(_ id: String) -> RingError {
        RingError(
            code: .misconfigured,
            message: """
                the sealing key \(id) is not the key that encrypted the tokens in \(self.location) under this name; \
                configure the right one. Nothing was changed
                """)
    }

    /// Encrypts records with the active key that are encrypted with an older key or not at all. Every write of a record does
    /// the same, which for an account in use is within a day.
    ///
    /// - Parameter limit: The most records to encrypt in one call.
    /// - Returns: How many records were encrypted. Call it until it returns 0, and then check
    ///   `RingPartnerClient.sealingKeysInUse()`: a record that was written at the same time is left out.
    /// - Throws: `RingError` with code `storageFailed` or `misconfigured`.
    package func reseal(limit: Int = 1_000) async throws -> Int {
        guard let active = self.sealer.keys?.active.id else { return 0 }
        try await self.checkKeys()
        var count = 0
        var after: String?
        while count < limit {
            let page = try await self.storage.records(
                matching: RingStorageQuery(.tokens, afterName: after, limit: 500, includesPayload: false))
            guard let last = page.last else { break }
            after = last.id.name
            for stored in page where !stored.hasSealingKey(active) && !RingTokenRecord.isForwarding(stored) {
                guard count < limit else { break }
                guard var record = try await self.record(for: RingAccountID(rawValue: stored.id.name)),
                    record.tokens != nil || record.link != nil
                else { continue }
                let version = record.version
                record.version &+= 1
                if try await self.commit([.put(record, replacing: version)]) { count += 1 }
            }
        }
        return count
    }
}

extension RingStorageRecord {
    fileprivate func hasSealingKey(_ id: String) -> Bool {
        self.keys.indices.contains(RingTokenIndex.sealingKey) && self.keys[RingTokenIndex.sealingKey] == .text(id)
    }
}

extension RingSealingKeyRing {
    func has(_ id: String) -> Bool { self.active.id == id || self.retired.contains { $0.id == id } }
}
