#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The write-ahead note of a refresh: who is about to spend the stored refresh token, and until when others keep off.
///
/// It is both the intent and the lease. Found after its end, it means that somebody sent the token, or was about to, and
/// never said how it ended.
public struct RingRefreshAttempt: Hashable, Sendable {
    /// Which keeper: random, one for each keeper of each process.
    public var holder: String
    /// The number of this attempt among all of the account; a later attempt takes an earlier one's rights away.
    public var fence: Int64
    /// When it was written.
    public var startedAt: Date
    /// When others may take over.
    public var expiresAt: Date

    /// Creates a note.
    public init(holder: String, fence: Int64, startedAt: Date, expiresAt: Date) {
        self.holder = holder
        self.fence = fence
        self.startedAt = startedAt
        self.expiresAt = expiresAt
    }
}
