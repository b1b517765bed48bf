public import RingCore

/// Names a sound that a chime can play. Wire: `audio_ref`.
public struct RingAudioReference: RingIdentifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}
