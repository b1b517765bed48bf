public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The questions a store answers by an index.
public enum RingTokenQuery: Hashable, Sendable {
    /// Every account after another one, by account id.
    case all(after: RingAccountID?)
    /// Accounts whose refresh is due at a moment, the longest due first. Not those that need a new link or were removed.
    case refreshDue(by: Date)
    /// What a link nonce may be for, by account id: `unclaimed` and `linked` accounts whose code was exchanged at a moment
    /// or later, and `claimed` ones of any age, whose link was begun and not finished.
    case pool(since: Date)
    /// What has been left behind: in a stage since before a moment, counted from the exchange, by account id.
    case abandoned(RingLinkStage, before: Date)
    /// Stored, but `users/me` has not told whose, by account id.
    case unidentified
    /// Claimed by or linked for one user of the partner, by account id.
    case principal(RingPrincipal)
    /// Seeded with the refresh token that has a fingerprint, by account id.
    case seed(String)

    /// Whether a record belongs to the answer. Engines with a query language of their own must agree with this.
    public func matches(_ record: RingTokenRecord) -> Bool {
        switch self {
        case .all(let after): after.map { Self.precedes($0, record.accountID) } ?? true
        case .refreshDue(let moment):
            record.stage != .removed && record.condition != .relinkRequired
                && record.refreshDueAt.map { $0 <= moment } ?? false
        case .pool(let moment):
            record.stage == .claimed
                || (record.stage == .unclaimed || record.stage == .linked) && record.exchangedAt >= moment
        case .abandoned(let stage, let moment): record.stage == stage && record.exchangedAt < moment
        case .unidentified: record.stage == .unidentified
        case .principal(let principal): record.link?.principal == principal
        case .seed(let fingerprint): record.seed == fingerprint
        }
    }

    /// The order of account ids: by their UTF-8 bytes.
    public static func precedes(_ left: RingAccountID, _ right: RingAccountID) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}
