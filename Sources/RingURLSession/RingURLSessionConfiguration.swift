public import RingCore

/// How ``RingURLSessionTransport`` behaves, and how large a response may be.
public struct RingURLSessionConfiguration: Sendable {
    /// The limits of a request that has none of its own. URLSession does not report when a connection is made, so the limits
    /// for connecting and for the first byte count together.
    public var timeouts: RingTimeouts
    /// The most bytes of a body, counted after decompression, of any call except a media download.
    public var maximumDocumentBytes: Int64
    /// The most bytes of a media response; `nil` for any number.
    public var maximumMediaBytes: Int64?
    /// The most connections to one host.
    package var maximumConnectionsPerHost = 64
    /// The most bytes of a streamed request body, which is collected in memory before it is sent.
    package var maximumUploadBytes = 32 * 1024 * 1024
    /// How many bytes of one body wait to be read before the transfer is suspended.
    package var maximumBufferedBytes = 256 * 1024
    /// The clock that limits and deadlines are read on.
    package var clock: any RingClock = RingSystemClock()

    /// Creates a configuration. Every default is meant for production.
    public init(
        timeouts: RingTimeouts = RingTimeouts(), maximumDocumentBytes: Int64 = 32 * 1024 * 1024,
        maximumMediaBytes: Int64? = nil
    ) {
        self.timeouts = timeouts
        self.maximumDocumentBytes = maximumDocumentBytes
        self.maximumMediaBytes = maximumMediaBytes
    }
}
