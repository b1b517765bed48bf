#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The note written before a refresh request is sent: the stored refresh token is about to be used.
///
/// The record is leased while the request is under way. A note on a record that is free means that somebody sent the
/// token, or was about to, and never said how it ended.
package struct RingRefreshAttempt: Hashable, Sendable {
    /// The number of this attempt among all of the account; a later attempt takes an earlier one's rights away.
    package var fence: Int64
    /// When it was written, by the writer's wall clock; for people.
    package var startedAt: Date

    /// Creates a note.
    package init(fence: Int64, startedAt: Date) {
        self.fence = fence
        self.startedAt = startedAt
    }
}
