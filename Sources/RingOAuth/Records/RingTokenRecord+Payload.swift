internal import RingCore
internal import RingCrypto

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The stored form of an account. The numbers are part of the format; a number is never reused for another field.
private enum Field {
    static let stage: UInt8 = 1
    static let condition: UInt8 = 2
    static let generation: UInt8 = 3
    static let fence: UInt8 = 4
    static let accessExpiresAt: UInt8 = 5
    static let refreshExpiresAt: UInt8 = 6
    static let issuedAt: UInt8 = 7
    static let scope: UInt8 = 8
    static let attemptFence: UInt8 = 9
    static let attemptStartedAt: UInt8 = 10
    static let seed: UInt8 = 11
    static let exchangedAt: UInt8 = 12
    static let ringTime: UInt8 = 13
    static let linkedAt: UInt8 = 14
    static let refreshDueAt: UInt8 = 15
    static let warnedDays: UInt8 = 16
    static let idleFailures: UInt8 = 17
    static let principal: UInt8 = 18
    static let linkTime: UInt8 = 19
    static let linkStep: UInt8 = 20
    static let sealedTokens: UInt8 = 21
    static let sealedLink: UInt8 = 22
    /// Tokens and link secrets in one, as the release before 0.2 encrypted them.
    static let sealedBoth: UInt8 = 23
    static let forwardedTo: UInt8 = 24
    static let forwardedGeneration: UInt8 = 25
    static let hasNewCode: UInt8 = 26
    static let identifyTries: UInt8 = 27
    static let forwardedFromGeneration: UInt8 = 28
    static let expiresAt: UInt8 = 29
    static let codeTime: UInt8 = 30
    static let hasAccessToken: UInt8 = 31
    static let hasRefreshToken: UInt8 = 32
    static let linkID: UInt8 = 33
    static let refusedAt: UInt8 = 34
    static let refusedTries: UInt8 = 35
    static let highest: UInt8 = 35
}

extension RingTokenRecord {
    /// Reads a stored account.
    ///
    /// - Parameter sealer: Opens the secrets; `nil` leaves them as they are.
    /// - Throws: `RingError` with code `storageFailed` when the record is damaged, of a newer release, or does not open.
    init(_ stored: RingStorageRecord, opening sealer: RingSealer?) throws {
        let fields = try RingRecordFields(stored.payload, of: stored.id)
        let account = RingAccountID(rawValue: stored.id.name)
        guard let stage = RingLinkStage(rawValue: fields.text(Field.stage) ?? ""),
            let condition = RingTokenCondition(rawValue: fields.text(Field.condition) ?? "")
        else {
            throw RingError(
                code: .storageFailed,
                message: "stored account \(account): a state that this release does not know; run the newer release")
        }
        self.init(
            accountID: account, stage: stage, tokens: nil, version: stored.version,
            now: fields.date(Field.exchangedAt) ?? Date(timeIntervalSince1970: 0), condition: condition)
        // Counters of a damaged record must not overflow.
        self.generation = min(fields.integer(Field.generation) ?? 0, .max / 2)
        self.fence = min(fields.integer(Field.fence) ?? 0, .max / 2)
        if let fence = fields.integer(Field.attemptFence) {
            self.attempt = RingRefreshAttempt(
                fence: fence, startedAt: fields.date(Field.attemptStartedAt) ?? self.exchangedAt)
        }
        self.seed = fields.text(Field.seed)
        self.ringTime = fields.date(Field.ringTime)
        self.linkedAt = fields.date(Field.linkedAt)
        self.refreshDueAt = fields.date(Field.refreshDueAt)
        self.warnedDays = fields.integer(Field.warnedDays).map { Int(clamping: $0) }
        self.idleFailures = Int(clamping: fields.integer(Field.idleFailures) ?? 0)
        self.identifyTries = Int(clamping: fields.integer(Field.identifyTries) ?? 0)
        self.refusedAt = fields.date(Field.refusedAt)
        self.refusedTries = Int(clamping: fields.integer(Field.refusedTries) ?? 0)
        self.expiresAt = fields.date(Field.expiresAt)
        self.codeTime = fields.date(Field.codeTime)
        if let flag = fields.integer(Field.hasNewCode) {
            self.hasNewCode = flag != 0
        } else if let linkedAt {
            // Written by the release before 0.2, which had no flag.
            self.hasNewCode = self.exchangedAt > linkedAt
        }
        if let target = fields.text(Field.forwardedTo) {
            self.forwarding = RingTokenForwarding(
                account: RingAccountID(rawValue: target), generation: fields.integer(Field.forwardedGeneration) ?? 0,
                fromGeneration: fields.integer(Field.forwardedFromGeneration) ?? 0)
        }
        let secrets = RingTokenSecrets(
            tokens: fields.bytes(Field.sealedTokens).map(Array.init),
            link: fields.bytes(Field.sealedLink).map(Array.init),
            both: fields.bytes(Field.sealedBoth).map(Array.init))
        let opened = try sealer.map { try secrets.opened(for: account, by: $0) }
        if let issued = fields.date(Field.issuedAt), let access = fields.date(Field.accessExpiresAt),
            let refresh = fields.date(Field.refreshExpiresAt)
        {
            self.setUnchanged(
                tokens: OAuthTokens(
                    accessToken: opened?.accessToken, accessExpiresAt: access, refreshToken: opened?.refreshToken,
                    refreshExpiresAt: refresh, issuedAt: issued, scope: fields.text(Field.scope) ?? ""))
        }
        if let principal = fields.text(Field.principal),
            let step = RingLinkProgress.Step(rawValue: fields.text(Field.linkStep) ?? "")
        {
            self.link = RingLinkProgress(
                principal: RingPrincipal(rawValue: principal), nonce: opened?.nonce ?? "",
                time: fields.text(Field.linkTime) ?? "", accountIdentifier: opened?.accountIdentifier, step: step,
                id: fields.integer(Field.linkID) ?? 0)
        }
        self.sealed = sealer == nil ? secrets : nil
        // The release before 0.2 did not store this; nearly every pair has both.
        self.sealedHasAccessToken = fields.integer(Field.hasAccessToken) != 0
        self.sealedHasRefreshToken = fields.integer(Field.hasRefreshToken) != 0
        self.leaseToken = stored.leaseToken
        self.newerFields = fields.newerFields(above: Field.highest)
    }

    /// Whether a stored record is only a forwarding to an account; decided by its name and index keys.
    static func isForwarding(_ stored: RingStorageRecord) -> Bool {
        // A provisional record with tokens is in the index of unidentified ones. A removed account has Ring's own name.
        RingAccountID(rawValue: stored.id.name).isProvisional
            && (!stored.keys.indices.contains(RingTokenIndex.unidentified)
                || stored.keys[RingTokenIndex.unidentified] == nil)
    }

    /// The record to store.
    ///
    /// - Throws: `RingError` with code `storageFailed` when the cryptographic library fails.
    func stored(sealing sealer: RingSealer) throws -> RingStorageRecord {
        var fields = RingRecordFields()
        fields.put(Field.stage, self.stage.rawValue)
        fields.put(Field.condition, self.condition.rawValue)
        fields.put(Field.generation, self.generation)
        fields.put(Field.fence, self.fence)
        fields.put(Field.accessExpiresAt, self.tokens?.accessExpiresAt)
        fields.put(Field.refreshExpiresAt, self.tokens?.refreshExpiresAt)
        fields.put(Field.issuedAt, self.tokens?.issuedAt)
        fields.put(Field.scope, self.tokens?.scope)
        fields.put(Field.attemptFence, self.attempt?.fence)
        fields.put(Field.attemptStartedAt, self.attempt?.startedAt)
        fields.put(Field.seed, self.seed)
        fields.put(Field.exchangedAt, self.exchangedAt)
        fields.put(Field.ringTime, self.ringTime)
        fields.put(Field.linkedAt, self.linkedAt)
        fields.put(Field.refreshDueAt, self.refreshDueAt)
        fields.put(Field.warnedDays, self.warnedDays.map(Int64.init))
        if self.idleFailures > 0 { fields.put(Field.idleFailures, Int64(self.idleFailures)) }
        if self.identifyTries > 0 { fields.put(Field.identifyTries, Int64(self.identifyTries)) }
        fields.put(Field.refusedAt, self.refusedAt)
        if self.refusedTries > 0 { fields.put(Field.refusedTries, Int64(self.refusedTries)) }
        fields.put(Field.hasNewCode, Int64(self.hasNewCode ? 1 : 0))
        fields.put(Field.principal, self.link?.principal.rawValue)
        fields.put(Field.linkTime, self.link?.time)
        fields.put(Field.linkStep, self.link?.step.rawValue)
        fields.put(Field.linkID, self.link.flatMap { $0.id == 0 ? nil : $0.id })
        fields.put(Field.forwardedTo, self.forwarding?.account.rawValue)
        fields.put(Field.forwardedGeneration, self.forwarding?.generation)
        fields.put(Field.forwardedFromGeneration, self.forwarding?.fromGeneration)
        fields.put(Field.expiresAt, self.expiresAt)
        fields.put(Field.codeTime, self.codeTime)
        if self.tokens != nil {
            fields.put(Field.hasAccessToken, Int64(self.hasAccessToken ? 1 : 0))
            fields.put(Field.hasRefreshToken, Int64(self.mayBeRefreshed ? 1 : 0))
        }
        let secrets = try self.secrets(sealing: sealer)
        fields.put(Field.sealedTokens, secrets.tokens)
        fields.put(Field.sealedLink, secrets.link)
        fields.put(Field.sealedBoth, secrets.both)
        fields.append(newerFields: self.newerFields)
        return RingStorageRecord(
            id: .account(self.accountID), version: self.version, keys: self.keys(secrets), payload: fields.payload)
    }

    private func secrets(sealing sealer: RingSealer) throws -> RingTokenSecrets {
        var secrets = RingTokenSecrets()
        secrets.both = self.sealed?.both
        do {
            if let tokens {
                secrets.tokens =
                    if let sealed { self.hasNewTokens ? try tokens.sealed(self.accountID, sealer) : sealed.tokens } else
                    {
                        try tokens.sealed(self.accountID, sealer)
                    }
            }
            if let link {
                secrets.link =
                    if let sealed { self.hasNewLink ? try link.sealed(self.accountID, sealer) : sealed.link } else {
                        try link.sealed(self.accountID, sealer)
                    }
            }
        } catch {
            throw RingError(
                code: .storageFailed, message: "account \(self.accountID): its secrets cannot be encrypted: \(error)",
                cause: error)
        }
        // The combined secrets of an older release are dropped once neither part needs them.
        if self.tokens == nil && self.link == nil || secrets.tokens != nil && (self.link == nil || secrets.link != nil)
        {
            secrets.both = nil
        }
        return secrets
    }

    private func keys(_ secrets: RingTokenSecrets) -> [RingStorageKey?] {
        var keys = [RingStorageKey?](repeating: nil, count: RingStorageCollection.tokens.indexes.count)
        if self.forwarding == nil {
            if self.stage != .removed, self.condition != .relinkRequired, let due = self.refreshDueAt {
                keys[RingTokenIndex.due] = .date(due)
            }
            let exchanged = RingStorageKey.date(self.exchangedAt)
            // Compared with the time of a nonce, which is Ring's.
            let pool = RingStorageKey.date(self.ringTime ?? self.exchangedAt)
            switch self.stage {
            case .unidentified: keys[RingTokenIndex.unidentified] = exchanged
            case .unclaimed:
                keys[RingTokenIndex.unclaimed] = exchanged
                keys[RingTokenIndex.pool] = pool
            case .claimed: keys[RingTokenIndex.pool] = .integer(.max)
            case .linked: keys[RingTokenIndex.pool] = self.isLinkUnderWay ? .integer(.max) : pool
            case .removed: break
            }
            keys[RingTokenIndex.principal] = (self.link?.principal.rawValue).map { .text($0) }
        }
        keys[RingTokenIndex.seed] = self.seed.map { .text($0) }
        keys[RingTokenIndex.sealingKey] = secrets.sealingKey.map { .text($0) }
        keys[RingTokenIndex.expires] = self.expiresAt.map { .date($0) }
        return keys
    }
}

extension OAuthTokens {
    fileprivate func sealed(_ account: RingAccountID, _ sealer: RingSealer) throws(RingCryptoError) -> [UInt8] {
        var fields = RingRecordFields()
        fields.put(1, self.accessToken?.revealed)
        fields.put(2, self.refreshToken?.revealed)
        return try sealer.seal(fields.payload, for: RingTokenSecrets.tokensOwner(account))
    }
}

extension RingLinkProgress {
    fileprivate func sealed(_ account: RingAccountID, _ sealer: RingSealer) throws(RingCryptoError) -> [UInt8] {
        var fields = RingRecordFields()
        fields.put(1, self.nonce)
        fields.put(2, self.accountIdentifier)
        return try sealer.seal(fields.payload, for: RingTokenSecrets.linkOwner(account))
    }
}

/// The encrypted parts of a record, each of which can be replaced without opening the other.
struct RingTokenSecrets: Sendable {
    var tokens: [UInt8]?
    var link: [UInt8]?
    var both: [UInt8]?

    /// What the parts hold.
    struct Opened {
        var accessToken: RingAccessToken?
        var refreshToken: OAuthRefreshToken?
        var nonce: String?
        var accountIdentifier: String?
    }

    /// The key that every part is encrypted with; ``RingTokenIndex/severalKeys`` when the parts differ; `nil` when nothing is
    /// encrypted.
    var sealingKey: String? {
        let keys = self.keys
        return keys.count > 1 ? RingTokenIndex.severalKeys : keys.first ?? nil
    }

    /// The keys that the parts are encrypted with; `nil` among them for a part that is not encrypted.
    var keys: Set<String?> {
        Set([self.tokens, self.link, self.both].compactMap(\.self).map { RingSealer.keyID(of: $0) })
    }

    static func tokensOwner(_ account: RingAccountID) -> String { "ring tokens:\(account)" }
    static func linkOwner(_ account: RingAccountID) -> String { "ring link:\(account)" }

    /// - Throws: `RingError` with code `storageFailed` when the keys do not open them, or they are damaged.
    func opened(for account: RingAccountID, by sealer: RingSealer) throws -> Opened {
        do {
            var opened = try self.both.map { try Self.old($0, account, sealer) } ?? Opened()
            let id = RingStorageID.account(account)
            if let tokens {
                let fields = try RingRecordFields(try sealer.open(tokens, for: Self.tokensOwner(account)), of: id)
                opened.accessToken = fields.text(1).map { RingAccessToken($0) }
                opened.refreshToken = fields.text(2).map { OAuthRefreshToken($0) }
            }
            if let link {
                let fields = try RingRecordFields(try sealer.open(link, for: Self.linkOwner(account)), of: id)
                opened.nonce = fields.text(1)
                opened.accountIdentifier = fields.text(2)
            }
            return opened
        } catch let error as RingCryptoError {
            throw RingError(
                code: .storageFailed, message: "account \(account): its secrets cannot be decrypted: \(error)",
                cause: error)
        }
    }

    /// Reads the format of the release before 0.2: four texts, each after a byte 1 and its length in four bytes, or a byte 0.
    private static func old(_ bytes: [UInt8], _ account: RingAccountID, _ sealer: RingSealer) throws -> Opened {
        var rest = try sealer.open(bytes, for: Self.tokensOwner(account))[...]
        var texts: [String?] = []
        for _ in 0..<4 {
            guard let isThere = rest.popFirst() else { break }
            guard isThere == 1 else {
                texts.append(nil)
                continue
            }
            let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard count <= rest.count else { break }
            texts.append(String(decoding: rest.prefix(count), as: UTF8.self))
            rest = rest.dropFirst(count)
        }
        guard texts.count == 4, rest.isEmpty else {
            throw RingError(
                code: .storageFailed, message: "account \(account): the stored secrets are damaged; restore a backup")
        }
        return Opened(
            accessToken: texts[0].map { RingAccessToken($0) }, refreshToken: texts[1].map { OAuthRefreshToken($0) },
            nonce: texts[2], accountIdentifier: texts[3])
    }
}
