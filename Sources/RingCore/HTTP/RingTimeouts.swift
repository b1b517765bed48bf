/// Limits for the phases of one exchange. Each `nil` leaves that phase to the deadline of the whole call.
public struct RingTimeouts: Hashable, Sendable {
    /// Name look-up, TCP and TLS together.
    public var connect: Duration?
    /// From the request's last byte to the answer's first.
    public var firstByte: Duration?
    /// The longest silence between two pieces of a body.
    public var silence: Duration?
    /// The whole exchange, body included.
    public var total: Duration?

    /// Creates limits.
    public init(
        connect: Duration? = .seconds(10), firstByte: Duration? = .seconds(30), silence: Duration? = .seconds(30),
        total: Duration? = nil
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.silence = silence
        self.total = total
    }
}
