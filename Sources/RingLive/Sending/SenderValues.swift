/// Why a sender could not begin.
package struct RingLiveSenderError: Error, Sendable, CustomStringConvertible {
    /// What was wrong.
    package var message: String
    /// The message.
    package var description: String { self.message }

    /// Creates an error.
    package init(message: String) { self.message = message }
}

/// How the network to the peer behaves.
package struct RingLiveSenderNetwork: Hashable, Sendable {
    /// The share of packets that are lost in each direction, from 0 to 1.
    package var loss = 0.0
    /// The share of packets that arrive 20 ms later than the others.
    package var reordering = 0.0
    /// Each packet is delayed by a random time up to this one.
    package var jitter = Duration.zero
    /// The seed of what happens to which packet.
    package var seed: UInt64 = 1

    /// A network that works.
    package init() {}
}

/// What was sent and requested so far.
package struct RingLiveSenderStatistics: Hashable, Sendable {
    /// RTP packets with retransmissions, and those of them that the network lost.
    package var packets = 0
    package var lost = 0
    /// RTP and RTCP packets that the network delayed by its jitter, and those that it reordered.
    package var delayed = 0
    package var reordered = 0
    /// RTCP packets of the peer.
    package var received = 0
    /// Packets that the peer asked to be sent again, and those that were.
    package var requested = 0
    package var repeated = 0
    /// How often the peer asked for a key frame.
    package var keyFrameRequests = 0
}
