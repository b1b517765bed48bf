package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The index keys of the collection of accounts, by position. Part of the stored format.
enum RingTokenIndex {
    static let due = 0
    static let pool = 1
    static let unclaimed = 2
    static let unidentified = 3
    static let principal = 4
    static let seed = 5
    static let sealingKey = 6
    static let expires = 7
    /// Stands for the key of a record whose parts were encrypted with different keys; no key has this name.
    static let severalKeys = "*"
}

extension RingStorageCollection {
    /// The accounts.
    package static let tokens = Self(
        name: "tokens",
        indexes: ["due", "pool", "unclaimed", "unidentified", "principal", "seed", "sealing_key", "expires"])
    /// A probe of each sealing key that was ever active.
    package static let sealingKeys = Self(name: "sealing_keys", indexes: [])
}

/// The questions about accounts that are answered by an index.
package enum RingTokenQuery: Hashable, Sendable {
    /// Every account after another one, by account id.
    case all(after: RingAccountID?)
    /// Accounts whose idle refresh is due at a moment, the longest due first. A date after `latest` was written under a
    /// wrong clock: nothing may be due later, so it counts as due.
    case refreshDue(by: Date, latest: Date)
    /// What a link nonce may be for: `unclaimed` and `linked` accounts whose code was exchanged at a moment of Ring's clock
    /// or later, and `claimed` ones of any age, whose link was begun and not finished.
    case pool(since: Date)
    /// Accounts whose link was begun and not finished.
    case claimed
    /// Unclaimed accounts whose code was exchanged before a moment.
    case unclaimed(before: Date)
    /// Tokens for which `users/me` has not told whose they are, the oldest first.
    case unidentified
    /// Claimed by or linked for one user of the partner, by account id.
    case principal(RingPrincipal)
    /// Seeded with the refresh token that has a fingerprint, by account id.
    case seed(String)

    /// The queries of the storage whose results follow each other.
    var parts: [RingStorageQuery] {
        switch self {
        case .all(let after): [RingStorageQuery(.tokens, afterName: after?.rawValue)]
        case .refreshDue(let now, let latest):
            [
                RingStorageQuery(.tokens, index: RingTokenIndex.due, through: .date(now)),
                RingStorageQuery(
                    .tokens, index: RingTokenIndex.due, from: .integer(latest.storageMicroseconds &+ 1),
                    through: .integer(.max)),
            ]
        case .pool(let moment):
            [
                RingStorageQuery(
                    .tokens, index: RingTokenIndex.pool, from: .date(moment), through: .integer(.max))
            ]
        case .claimed:
            [
                RingStorageQuery(
                    .tokens, index: RingTokenIndex.pool, from: .integer(.max), through: .integer(.max))
            ]
        case .unclaimed(let moment):
            [RingStorageQuery(.tokens, index: RingTokenIndex.unclaimed, through: .date(moment))]
        case .unidentified: [RingStorageQuery(.tokens, index: RingTokenIndex.unidentified)]
        case .principal(let principal):
            [
                RingStorageQuery(
                    .tokens, index: RingTokenIndex.principal, from: .text(principal.rawValue),
                    through: .text(principal.rawValue))
            ]
        case .seed(let fingerprint):
            [
                RingStorageQuery(
                    .tokens, index: RingTokenIndex.seed, from: .text(fingerprint), through: .text(fingerprint))
            ]
        }
    }
}
