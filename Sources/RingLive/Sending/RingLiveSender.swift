internal import CRingGStreamer
internal import RingCore
internal import Synchronization

/// Sends H.264 to one WebRTC peer that has made an SDP offer: the other side of a live session, for tests and the simulator.
package final class RingLiveSender: Sendable {
    package typealias Network = RingLiveSenderNetwork
    package typealias Statistics = RingLiveSenderStatistics

    /// The SDP answer, with all candidates.
    package let answer: String
    private let handle: SenderHandle
    private let link: SenderLink

    private init(answer: String, handle: SenderHandle, link: SenderLink) {
        self.answer = answer
        self.handle = handle
        self.link = link
    }

    /// Loads GStreamer on a thread of its own, which may take seconds.
    package static func prepare() { ring_gst_sender_prepare() }

    /// Begins a session and gathers its candidates.
    ///
    /// - Parameters:
    ///   - offer: The SDP offer of the peer, with all its candidates.
    ///   - payload: The payload type of the H.264 to send; `nil` for the first one with packetization-mode 1.
    ///   - network: How the network behaves.
    /// - Throws: ``RingLiveSenderError`` when GStreamer is missing, or no session comes of the offer.
    package static func start(
        offer: String, payload: String? = nil, network: Network = Network()
    ) async throws(RingLiveSenderError) -> RingLiveSender {
        let offer = try SenderOffer(offer, payload: payload)
        let link = SenderLink()
        guard let handle = SenderHandle(offer, network, link) else {
            throw RingLiveSenderError(message: "there is no memory or no thread to be had")
        }
        let isSettled = await link.changed.wait(
            until: { link.state.withLock { $0.answer != nil || $0.end != nil } }, atMost: .seconds(30),
            in: RingEnvironment())
        let state = link.state.withLock { $0 }
        guard let answer = state.answer, state.end == nil else {
            await handle.close()
            throw RingLiveSenderError(
                message: state.end ?? (isSettled ? "no SDP answer" : "no SDP answer within 30 s, or cancelled"))
        }
        return RingLiveSender(answer: answer, handle: handle, link: link)
    }

    /// Whether pictures can be sent: ICE and DTLS are done.
    package var isConnected: Bool { self.link.state.withLock { $0.isConnected } }

    /// Why nothing more can be sent; `nil` while it can.
    package var end: String? { self.link.state.withLock { $0.end } }

    /// Waits until the peer is connected or the session has ended.
    ///
    /// - Returns: Whether it is connected.
    @discardableResult
    package func waitUntilConnected(atMost limit: Duration) async -> Bool {
        await self.link.changed.wait(
            until: { self.link.state.withLock { $0.isConnected || $0.end != nil } }, atMost: limit,
            in: RingEnvironment())
        return self.isConnected && self.end == nil
    }

    /// Whether the peer has asked for a key frame since the last call.
    package func takeKeyFrameRequest() -> Bool {
        self.link.state.withLock { state in
            defer { state.isKeyFrameWanted = false }
            return state.isKeyFrameWanted
        }
    }

    /// Sends one picture. One task at a time may call this.
    ///
    /// - Parameters:
    ///   - bytes: An access unit in the byte stream format; a key frame has its parameter sets in front.
    ///   - time: The time of the picture since the first one.
    /// - Returns: Whether it was taken; not before the peer is connected, and not after the end.
    @discardableResult
    package func send(_ bytes: [UInt8], at time: Duration) -> Bool { self.handle.push(bytes, time) }

    /// What was sent and requested so far.
    package var statistics: Statistics {
        var result = self.handle.statistics
        result.keyFrameRequests = self.link.state.withLock { $0.keyFrameRequests }
        return result
    }

    /// Ends the session; returns when its threads and sockets are gone. May be called several times.
    package func close() async {
        await self.handle.close()
        self.link.change { if $0.end == nil { $0.end = "closed" } }
    }
}
