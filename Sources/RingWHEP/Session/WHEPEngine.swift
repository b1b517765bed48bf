/// A WebRTC stack that receives the media: a browser, aiortc, GStreamer, or a native one.
///
/// The engine is responsible for ICE, DTLS and decoding, this package for HTTP and the session. One engine serves one
/// session.
public protocol WHEPEngine: Sendable {
    /// Makes an offer with all candidates gathered. Called once for each POST.
    ///
    /// - Throws: Any error of the engine; then nothing is sent.
    func offer() async throws -> SDP

    /// Accepts the answer, which has been checked and repaired.
    ///
    /// - Throws: Any error of the engine; then the session is closed.
    func accept(answer: SDP) async throws

    /// Stops the media and releases all resources. Called once, after the session was closed, also when ``accept(answer:)``
    /// threw or no session was made.
    func close() async
}

/// An engine that can also answer an offer, for servers that make the offer (WHEP section 4.2.2).
public protocol WHEPCounterOfferEngine: WHEPEngine {
    /// Answers a server's offer instead of making its own. The answer has to be `recvonly`.
    ///
    /// - Throws: Any error of the engine; then the session is closed.
    func answer(counterOffer: SDP) async throws -> SDP
}
