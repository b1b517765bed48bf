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

    /// Answers an offer of the server instead of making its own (WHEP section 4.2.2). The answer has to be `recvonly`. Called only
    /// with ``WHEPSessionOptions/acceptsCounterOffer``.
    ///
    /// - Returns: The answer; `nil` from an engine that cannot, which is the default.
    /// - Throws: Any error of the engine; then the session is closed.
    func answer(counterOffer: SDP) async throws -> SDP?
}

extension WHEPEngine {
    /// No answer.
    public func answer(counterOffer: SDP) async throws -> SDP? { nil }
}

/// An engine that wants to know beforehand that its session is closed from this side, because its peer then stops the media.
package protocol WHEPNoticingEngine: WHEPEngine {
    /// Called before the DELETE is sent, and again when it is repeated.
    ///
    /// - Parameter reason: Why it is closed.
    func sessionWillClose(_ reason: WHEPEndReason)
}
