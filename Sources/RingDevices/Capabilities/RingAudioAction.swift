public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// Something a device can do with sound.
///
/// Wire: `audio.supported_actions`.
public struct RingAudioAction: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Play a sound on request. What makes a device a chime.
    public static let chimePlay = Self(rawValue: "chime.play")

    internal static let known = JSONAPINames<Self>([.chimePlay])
}
