/// A value that must never be printed, logged, encoded or compared by accident.
///
/// Conforming types are distinct, so a refresh token cannot be handed over where an access token is asked for. None of
/// them is `Codable` or `Equatable`, and every way Swift knows of printing a value shows `<redacted>`.
public protocol RingSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself. Read it only to send it to the party it is meant for, or to seal it for storage.
    var revealed: String { get }

    /// Wraps a secret.
    init(_ revealed: String)
}

extension RingSecret {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// A mirror without children, so that `dump` and `String(reflecting:)` show nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }

    /// Whether two secrets are the same, without an early exit that would tell where they differ.
    package func isSame(as other: Self) -> Bool {
        let left = Array(self.revealed.utf8)
        let right = Array(other.revealed.utf8)
        var difference = UInt8(left.count == right.count ? 0 : 1)
        for (index, byte) in left.enumerated() {
            difference |= byte ^ (index < right.count ? right[index] : 0)
        }
        return difference == 0
    }
}

/// The access token of every API call, valid for about four hours.
///
/// Wire: `access_token` of the token endpoint; sent as `Authorization: Bearer …` to the API origin alone.
public struct RingAccessToken: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that no text shows it by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}
