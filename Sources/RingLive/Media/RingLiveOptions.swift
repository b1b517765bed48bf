public import RingWHEP

/// What matters more when packets are lost.
public enum RingLiveMode: Sendable, Hashable {
    /// The first picture comes as early as possible, and a missing packet holds the picture up for 120 ms at most.
    case live
    /// Pictures come half a second late, and nearly every lost packet is repaired.
    case recording

    /// How long the jitter buffer waits for a missing packet, in milliseconds.
    var latency: UInt32 {
        switch self {
        case .live: 120
        case .recording: 500
        }
    }

    /// How long the very first packet is held back, in milliseconds.
    var firstLatency: UInt32 {
        switch self {
        case .live: 5
        case .recording: 500
        }
    }
}

/// Optional behaviour of one session with media.
public struct RingLiveOptions: Sendable {
    /// What matters more when packets are lost.
    public var mode: RingLiveMode
    /// Whether sound is requested.
    public var receivesAudio: Bool
    /// The negotiation's options, among them the power source, which decides how long Ring lets the session run.
    public var session: WHEPSessionOptions
    /// STUN and TURN servers. Ring names its own only in the response to the offer (``RingLiveSession/iceServers``), which is too
    /// late for the same session.
    public var iceServers: [WHEPICEServer]
    /// Whether the loopback addresses are offered as well; `nil` offers them when the API itself is on this machine.
    public var offersLoopback: Bool?
    /// How long ICE and DTLS may take together.
    public var connectTimeout: Duration
    /// How long no picture may come before the session ends with ``RingLiveError/Code/idle``.
    public var idleTimeout: Duration
    /// How many units wait for the reader. When there are more, pictures up to the next key frame are discarded.
    public var maximumWaitingUnitCount: Int
    /// How many bytes of units wait for the reader.
    public var maximumWaitingBytes: Int

    /// Creates options.
    public init(
        mode: RingLiveMode = .live, receivesAudio: Bool = false, session: WHEPSessionOptions = WHEPSessionOptions(),
        iceServers: [WHEPICEServer] = [], offersLoopback: Bool? = nil, connectTimeout: Duration = .seconds(5),
        idleTimeout: Duration = .seconds(5), maximumWaitingUnitCount: Int = 600,
        maximumWaitingBytes: Int = 16 * 1024 * 1024
    ) {
        self.mode = mode
        self.receivesAudio = receivesAudio
        self.session = session
        self.iceServers = iceServers
        self.offersLoopback = offersLoopback
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.maximumWaitingUnitCount = max(1, maximumWaitingUnitCount)
        self.maximumWaitingBytes = max(1, maximumWaitingBytes)
    }
}
