public import RingCore

/// Names a sound that a chime can play. Wire: `audio_ref`.
public struct RingAudioReference: RingIdentifier {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }
}
