#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension RingWebhookError: LocalizedError {
    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}
