public import RingCore

/// What a media section carries.
///
/// Wire: the first word of an `m=` line.
public struct SDPMediaKind: RingOpenString {
    /// The word as it stands in the line.
    public let rawValue: String
    /// Wraps any word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Pictures.
    public static let video = Self(rawValue: "video")
    /// Sound.
    public static let audio = Self(rawValue: "audio")
    /// A data channel; Ring has none.
    public static let application = Self(rawValue: "application")
}
