public import RingCore

/// Who opens the DTLS connection.
///
/// Wire: `a=setup`, RFC 8842 section 5.
public struct SDPSetupRole: RingOpenString {
    /// The word as it stands in the line.
    public let rawValue: String
    /// Wraps any word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// This side can be either; only an offer may say so.
    public static let actpass = Self(rawValue: "actpass")
    /// This side opens the connection: the DTLS client.
    public static let active = Self(rawValue: "active")
    /// This side waits for it: the DTLS server.
    public static let passive = Self(rawValue: "passive")
    /// No connection for now.
    public static let holdconn = Self(rawValue: "holdconn")
}
