#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A pair between its purchase and the disk.
struct RingUnsavedPair: Sendable {
    var tokens: OAuthTokens
    /// The generation it was bought with.
    var generation: Int64
    var dueAt: Date
    var reason: String
}
