package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The queries for accounts that an index supports.
package enum RingTokenQuery: Hashable, Sendable {
    /// Every account after another one, by account id.
    case all(after: RingAccountID?)
    /// Accounts whose idle refresh is due at a moment, the longest due first. A date after `latest` was written under a
    /// wrong clock and counts as due.
    case refreshDue(by: Date, latest: Date)
    /// The accounts that a link nonce may be for: `unclaimed` and `linked` ones whose code was exchanged at a moment of Ring's
    /// clock or later, and `claimed` ones of any age, whose link was started and not finished.
    case pool(since: Date)
    /// Accounts whose link was started and not finished.
    case claimed
    /// Unclaimed accounts whose code was exchanged before a moment.
    case unclaimed(before: Date)
    /// Tokens whose account is not known yet, the oldest first.
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
