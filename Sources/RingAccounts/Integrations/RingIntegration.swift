internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The integration of the app with one account, as Ring keeps it.
///
/// Wire: the answers of `app-integrations`, flat or as a JSON:API resource; both are read.
public struct RingIntegration: Hashable, Sendable {
    /// How far it is. Wire: `status`.
    public var status: RingIntegrationStatus
    /// The masked identifier shown to the Ring user. Wire: `account_identifier`. `nil` when Ring leaves it out.
    public var accountIdentifier: String?
    /// When it was last changed. Wire: `updated_at`. `nil` when Ring leaves it out.
    public var updatedAt: Date?

    /// Creates an integration by hand, for tests.
    public init(status: RingIntegrationStatus, accountIdentifier: String? = nil, updatedAt: Date? = nil) {
        self.status = status
        self.accountIdentifier = accountIdentifier
        self.updatedAt = updatedAt
    }

    /// Reads either shape.
    ///
    /// - Parameters:
    ///   - answer: The whole answer; `nil` when it was empty.
    ///   - expected: What a 2xx without a readable status means.
    init(_ answer: JSONAPIValue?, expected: RingIntegrationStatus) {
        let data = answer?["data"]
        let holder = (data?["attributes"] ?? data) ?? answer
        self.init(
            status: holder?["status"]?.string.map(RingIntegrationStatus.init(rawValue:)) ?? expected,
            accountIdentifier: holder?["account_identifier"]?.string, updatedAt: holder?["updated_at"]?.date)
    }
}
