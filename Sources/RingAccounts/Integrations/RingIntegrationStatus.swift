public import RingCore

/// How far Ring thinks the integration of the app with an account is.
///
/// Wire: `status` of `app-integrations`.
public struct RingIntegrationStatus: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Installed; the user has not finished the sign-in with the partner.
    public static let pending = Self(rawValue: "pending")
    /// The nonce was verified, device access is on, the partner's set-up is not finished. Set later, it pauses.
    public static let awaiting = Self(rawValue: "awaiting")
    /// In operation: webhooks come.
    public static let completed = Self(rawValue: "completed")
}
