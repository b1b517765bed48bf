public import RingCore

/// Something a device can do with sound.
///
/// Wire: `audio.supported_actions`.
public struct RingAudioAction: RingOpenString {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Play a sound on request. What makes a device a chime.
    public static let chimePlay = Self(rawValue: "chime.play")

    internal static let known = Vocabulary<Self>([.chimePlay])
}
