public import RingCore

/// How ``RingURLSessionTransport`` behaves, and how much of an answer it takes.
public struct RingURLSessionConfiguration: Sendable {
    /// The limits of a request that brings none of its own. URLSession does not tell when a connection stands, so the
    /// limits for connecting and for the first byte count together.
    public var timeouts: RingTimeouts
    /// The most bytes of a body, counted after inflating, of any call but a media download.
    public var documentByteLimit: Int64
    /// The most bytes of a media answer; `nil` for any number.
    public var mediaByteLimit: Int64?
    /// The most bytes of a streamed request body, which is collected in memory before it is sent.
    public var uploadByteLimit: Int
    /// How many bytes of one body wait to be read before the transfer is suspended.
    public var bodyBuffer: Int
    /// The most connections to one host.
    public var connectionsPerHost: Int
    /// The clock that limits and `RingDeadline`s are read on.
    public var clock: any RingClock

    /// Creates a configuration. Every default is meant for production.
    public init(
        timeouts: RingTimeouts = RingTimeouts(), documentByteLimit: Int64 = 32 * 1024 * 1024,
        mediaByteLimit: Int64? = nil, uploadByteLimit: Int = 32 * 1024 * 1024, bodyBuffer: Int = 256 * 1024,
        connectionsPerHost: Int = 64, clock: any RingClock = RingSystemClock()
    ) {
        self.timeouts = timeouts
        self.documentByteLimit = documentByteLimit
        self.mediaByteLimit = mediaByteLimit
        self.uploadByteLimit = uploadByteLimit
        self.bodyBuffer = bodyBuffer
        self.connectionsPerHost = connectionsPerHost
        self.clock = clock
    }
}
