#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension RingSQLiteError: LocalizedError {
    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}
