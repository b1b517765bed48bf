internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A pair that was obtained and is not stored yet: the only copy there is.
///
/// A class, because nearly every account has none: a reference is one word in memory.
final class RingUnsavedPair: Sendable {
    /// The account it was obtained for.
    let account: RingAccountID
    let tokens: OAuthTokens
    /// The generation of the pair that was exchanged for it.
    let generation: Int64
    /// When the idle keeper should refresh it.
    let dueAt: Date
    /// The reason that observers get.
    let reason: String
    /// The lease of the refresh that obtained it; kept until the pair is stored.
    let lease: RingStorageLease

    init(
        account: RingAccountID, tokens: OAuthTokens, generation: Int64, dueAt: Date, reason: String,
        lease: RingStorageLease
    ) {
        self.account = account
        self.tokens = tokens
        self.generation = generation
        self.dueAt = dueAt
        self.reason = reason
        self.lease = lease
    }
}

extension RingUnsavedPair {
    /// The generation of the pair that was exchanged for it, as the stored record counts; `nil` when the record has the pair
    /// of another code.
    func generation(in record: RingTokenRecord) -> Int64? {
        // Without a forwarding the record is the one that was refreshed.
        guard let (account, forwarding) = record.forwardedFrom, account == self.account else { return self.generation }
        return forwarding.fromGeneration == self.generation ? forwarding.generation : nil
    }
}
