/// What the middleware and the transport need to know about a request beside what goes to the server.
public struct RingRequestContext: Sendable {
    /// What the request is for; decides retries, credentials and the name it is observed under.
    public var operation: RingOperation
    /// The account on whose behalf it is sent, for fairness and observation.
    public var account: RingAccountID?
    /// Which requests go first when the rate budget is short.
    public var priority: RingPriority
    /// When everything about this call must have ended, the response's body included.
    public var deadline: RingDeadline?
    /// Limits for the phases of one exchange; `nil` leaves them to the transport.
    public var timeouts: RingTimeouts?
    /// When it is no longer sent, for a request that may take longer once it was sent; `nil` leaves that to the deadline.
    package var sentBefore: RingDeadline?

    /// Creates a context.
    public init(
        operation: RingOperation, account: RingAccountID? = nil, priority: RingPriority = .interactive,
        deadline: RingDeadline? = nil, timeouts: RingTimeouts? = nil
    ) {
        self.operation = operation
        self.account = account
        self.priority = priority
        self.deadline = deadline
        self.timeouts = timeouts
    }

    /// When waiting to send it has to end.
    package var waitingEnds: RingDeadline? { [self.deadline, self.sentBefore].compactMap { $0 }.min() }
}

/// Limits for the phases of one exchange. Each `nil` leaves that phase to the deadline of the whole call.
public struct RingTimeouts: Hashable, Sendable {
    /// Name look-up, TCP and TLS together.
    public var connect: Duration?
    /// From the request's last byte to the response's first.
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

/// Which requests go first when the rate budget is short.
///
/// The more urgent one is the greater.
public enum RingPriority: Comparable, Hashable, Sendable, CaseIterable {
    /// A sweep that nobody waits for.
    case background
    /// Work that follows an event, without a person watching.
    case normal
    /// A person, or a doorbell, is waiting.
    case interactive
}
