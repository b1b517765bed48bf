#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SDPError: LocalizedError {
    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}

extension SDPAnswerError: LocalizedError {
    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}

extension WHEPOfferError: LocalizedError {
    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}
