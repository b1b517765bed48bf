/// What was received until a moment.
public struct RingLiveStatistics: Sendable, Hashable {
    /// Pictures that were received completely.
    public var frameCount = 0
    /// Key frames among them.
    public var keyFrameCount = 0
    /// Pictures that were discarded because the reader of ``RingLiveSession/accessUnits`` was too slow or absent; zero while only
    /// ``RingLiveSession/pictures(width:maximumRate:)`` is read.
    public var droppedFrameCount = 0
    /// Opus packets.
    public var audioPacketCount = 0
    /// Bytes of pictures and sound.
    public var byteCount = 0
    /// RTP packets that arrived, retransmitted ones included.
    public var packetCount = 0
    /// RTP packets that were not there in time, after all requests to repeat them.
    public var lostPacketCount = 0
    /// RTP packets that came too late.
    public var latePacketCount = 0
    /// Lost RTP packets that a retransmission brought in time.
    public var repairedPacketCount = 0
    /// The mean deviation of the packets' arrival.
    public var jitter = Duration.zero
    /// Requests to repeat packets (NACK).
    public var retransmissionRequestCount = 0
    /// Requests for a key frame (PLI).
    public var keyFrameRequestCount = 0
    /// Pictures a second, over the last two seconds.
    public var frameRate = 0.0
    /// Bits a second, over the last two seconds.
    public var bitRate = 0
    /// The time from the opening of the session to the first picture; `nil` before it.
    public var timeToFirstFrame: Duration?

    package init() {}
}

/// Counts the units of the last two seconds.
struct LiveRate {
    private static let window = Duration.seconds(2)
    private static let maximumCount = 512
    private var units: [(arrival: Duration, bytes: Int)] = []

    mutating func add(_ bytes: Int, at arrival: Duration) {
        self.units.append((arrival, bytes))
        if self.units.count > Self.maximumCount { self.units.removeFirst(Self.maximumCount / 2) }
    }

    /// Units and bits a second, over the window that ends now.
    func perSecond(at now: Duration) -> (units: Double, bits: Int) {
        let recent = self.units.drop { $0.arrival < now - Self.window }
        guard let first = recent.first, recent.count > 1 else { return (0, 0) }
        // The first unit opens the span, so it is not counted in it.
        let span = max(now - first.arrival, .milliseconds(1)) / .seconds(1)
        let bytes = recent.dropFirst().reduce(0) { $0 + $1.bytes }
        return (Double(recent.count - 1) / span, Int(Double(bytes * 8) / span))
    }
}
