/// What makes the media flow: a browser, aiortc, GStreamer, or a native WebRTC stack.
///
/// The engine owns ICE, DTLS and decoding; this package owns HTTP and the session. One engine serves one session.
public protocol WHEPEngine: Sendable {
    /// Makes an offer with all candidates gathered. Called once for each POST.
    ///
    /// - Throws: Whatever keeps the engine from making one; nothing is sent then.
    func offer() async throws -> SDP

    /// Takes the answer, already checked and repaired.
    ///
    /// - Throws: Whatever the engine has against it; the session is closed then.
    func accept(answer: SDP) async throws

    /// Stops the media and frees everything. Called once, after the session was closed, also when ``accept(answer:)``
    /// threw or no session was made.
    func close() async
}

/// An engine that can also answer: for servers that make the offer (WHEP section 4.2.2).
public protocol WHEPCounterOfferEngine: WHEPEngine {
    /// Answers a server's offer in place of its own. The answer has to be `recvonly`.
    ///
    /// - Throws: Whatever the engine has against it; the session is closed then.
    func answer(counterOffer: SDP) async throws -> SDP
}
