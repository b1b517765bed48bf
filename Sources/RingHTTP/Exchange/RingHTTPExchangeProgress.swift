/// Where an exchange stands on the wire, and which limit ends it if nothing more happens. Does no I/O and reads no clock.
///
/// Times are readings of one monotonic clock, in nanoseconds.
package struct RingHTTPExchangeProgress: Sendable {
    /// What the transport is doing. Each phase has a limit of its own.
    package enum Phase: Sendable {
        /// Name look-up, TCP and TLS, or waiting for a connection.
        case connecting
        /// The request is being written.
        case sending
        /// The request is written; no byte of the response has arrived.
        case waiting
        /// The head of the response arrives.
        case receivingHead
        /// The body of the response arrives.
        case receivingBody
    }

    /// A limit that can pass.
    package enum Limit: Sendable { case connect, firstByte, silence, total, deadline }

    /// How long each phase may take, in nanoseconds; `nil` for any time.
    package struct Limits: Hashable, Sendable {
        /// For connecting, from the start.
        package var connect: Int64?
        /// For the first byte of the response, from the last byte of the request.
        package var firstByte: Int64?
        /// Between two pieces of what is sent or received.
        package var silence: Int64?
        /// For the whole exchange.
        package var total: Int64?
        /// For the whole exchange, by the deadline of the call that it is part of.
        package var deadline: Int64?

        package init(
            connect: Int64? = nil, firstByte: Int64? = nil, silence: Int64? = nil, total: Int64? = nil,
            deadline: Int64? = nil
        ) {
            self.connect = connect
            self.firstByte = firstByte
            self.silence = silence
            self.total = total
            self.deadline = deadline
        }

        /// The duration of one limit.
        package subscript(limit: Limit) -> Int64? {
            switch limit {
            case .connect: self.connect
            case .firstByte: self.firstByte
            case .silence: self.silence
            case .total: self.total
            case .deadline: self.deadline
            }
        }
    }

    package let limits: Limits
    package private(set) var phase = Phase.connecting
    /// Sending has stopped until there is more of the request's body: no silence of the server's.
    package private(set) var isSendingPaused = false
    /// Receiving has stopped until the reader wants more: no silence of the server's.
    package private(set) var isReceivingPaused = false
    private let started: Int64
    private var lastActivity: Int64

    /// An exchange that starts now.
    package init(limits: Limits, now: Int64) {
        self.limits = limits
        self.started = now
        self.lastActivity = now
    }

    // MARK: Events

    /// Something was sent or received.
    ///
    /// - Returns: Whether a new phase has begun, so that ``nextExpiry`` may be earlier.
    package mutating func advance(to phase: Phase, now: Int64) -> Bool {
        self.lastActivity = now
        guard phase != self.phase else { return false }
        self.phase = phase
        return true
    }

    /// Something was sent or received within a phase.
    package mutating func noteActivity(now: Int64) { self.lastActivity = now }

    /// Sending stops for want of the request's body.
    package mutating func pauseSending() { self.isSendingPaused = true }

    /// Receiving stops until the reader wants more.
    package mutating func pauseReceiving() { self.isReceivingPaused = true }

    /// Sending and receiving go on; silence counts from now.
    ///
    /// - Returns: Whether one of them was paused.
    package mutating func resume(now: Int64) -> Bool {
        guard self.isSendingPaused || self.isReceivingPaused else { return false }
        self.isSendingPaused = false
        self.isReceivingPaused = false
        self.lastActivity = now
        return true
    }

    // MARK: Limits

    /// When the next limit passes if nothing more happens; `Int64.max` when there is none.
    package var nextExpiry: Int64 { self.next.at }

    /// The limit that has passed, if any.
    package func overdue(at now: Int64) -> Limit? {
        let next = self.next
        return next.at <= now ? next.limit : nil
    }

    private var next: (at: Int64, limit: Limit) {
        var next = (at: Int64.max, limit: Limit.total)
        func consider(_ limit: Limit, since start: Int64) {
            guard let duration = self.limits[limit] else { return }
            let (at, overflows) = start.addingReportingOverflow(duration)
            if !overflows, at < next.at { next = (at, limit) }
        }
        consider(.total, since: self.started)
        consider(.deadline, since: self.started)
        switch self.phase {
        case .connecting: consider(.connect, since: self.started)
        case .sending where !self.isSendingPaused: consider(.silence, since: self.lastActivity)
        case .waiting: consider(.firstByte, since: self.lastActivity)
        case .receivingHead: consider(.silence, since: self.lastActivity)
        case .receivingBody where !self.isReceivingPaused: consider(.silence, since: self.lastActivity)
        default: break
        }
        return next
    }
}

extension Duration {
    /// The duration in nanoseconds, clamped to what fits.
    package var clampedNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (whole, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !isTooLarge else { return seconds < 0 ? .min : .max }
        let (sum, overflows) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflows ? (seconds < 0 ? .min : .max) : sum
    }
}
