/// One coded picture, or one packet of sound, of a live session.
public struct RingLiveAccessUnit: Sendable, Hashable {
    /// The track that a unit belongs to.
    public enum Track: Sendable, Hashable {
        /// H.264.
        case video
        /// Opus, 48,000 samples a second.
        case audio
    }

    /// The track.
    public var track: Track
    /// A picture in the byte stream format (H.264 Annex B), with the parameter sets before each key frame; or one Opus packet.
    public var bytes: [UInt8]
    /// When it is to be shown, counted from the first unit of the session. It never decreases within a track.
    public var presentationTime: Duration
    /// Whether a decoder can begin here. `true` for every Opus packet.
    public var isKeyFrame: Bool
    /// When it arrived, counted from the opening of the session.
    public var arrival: Duration

    /// Creates a unit by hand, for tests and other sources.
    public init(
        track: Track, bytes: [UInt8], presentationTime: Duration, isKeyFrame: Bool, arrival: Duration
    ) {
        self.track = track
        self.bytes = bytes
        self.presentationTime = presentationTime
        self.isKeyFrame = isKeyFrame
        self.arrival = arrival
    }
}
