public import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The integration of the app with one account, as stored by Ring.
///
/// Wire: the responses of `app-integrations`, flat or as a JSON:API resource; both are read.
public struct RingIntegration: Hashable, Sendable {
    /// Its state. Wire: `status`.
    public var status: RingIntegrationStatus
    /// The masked identifier shown to the Ring user. Wire: `account_identifier`. `nil` when Ring leaves it out.
    public var accountIdentifier: String?
    /// When it was last changed. Wire: `updated_at`. `nil` when Ring leaves it out.
    public var updatedAt: Date?

    package init(status: RingIntegrationStatus, accountIdentifier: String? = nil, updatedAt: Date? = nil) {
        self.status = status
        self.accountIdentifier = accountIdentifier
        self.updatedAt = updatedAt
    }

    /// Reads either shape.
    ///
    /// - Parameters:
    ///   - response: The body; `nil` when it was empty or unreadable.
    ///   - expected: The meaning of a 2xx response without a readable status.
    init(_ response: JSONAPIValue?, expected: RingIntegrationStatus) {
        let data = response?["data"]
        let holder = (data?["attributes"] ?? data) ?? response
        self.init(
            status: holder?["status"]?.string.map(RingIntegrationStatus.init(rawValue:)) ?? expected,
            accountIdentifier: holder?["account_identifier"]?.string, updatedAt: holder?["updated_at"]?.date)
    }
}

/// The state of the integration of the app with an account.
///
/// Wire: `status` of `app-integrations`.
public struct RingIntegrationStatus: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Installed; the user has not finished the sign-in with the partner.
    public static let pending = Self(rawValue: "pending")
    /// The nonce was verified and device access is on; the partner's setup is not finished. Set later, it pauses the integration.
    public static let awaiting = Self(rawValue: "awaiting")
    /// In operation: webhooks are sent.
    public static let completed = Self(rawValue: "completed")
}
