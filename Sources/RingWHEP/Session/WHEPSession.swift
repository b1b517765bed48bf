public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A live session that is open on the server.
///
/// It ends by itself before Ring ends it, and when the last reference is released. In every case exactly one DELETE is sent,
/// with the access token of that moment. Prefer ``WHEPClient/withLiveSession(_:engine:options:body:)``, which also waits
/// for the end.
public actor WHEPSession {
    /// The device.
    public nonisolated let device: RingDeviceID
    /// The parsed answer, with its repairs and findings.
    public nonisolated let checkedAnswer: SDPCheckedAnswer
    /// Whether the server made the offer, and ``answer`` is that offer.
    package nonisolated let isCounterOffer: Bool
    /// Where the session is closed. With it and the account's access token the session can be closed, so do not log it.
    public nonisolated let url: URL
    /// When the server opened it.
    package nonisolated let startedAt: Date
    /// When Ring ends it, by its power source.
    public nonisolated let expiresBy: Date
    /// The ICE servers that the response recommends. Wire: `Link` with `rel="ice-server"`.
    public nonisolated let iceServers: [WHEPICEServer]
    /// Whether the server accepts ICE changes. Wire: `Accept-Patch`, or an `ETag`.
    public nonisolated let acceptsICEChanges: Bool

    private nonisolated let deadline: RingDeadline
    private nonisolated let closer: WHEPSessionCloser
    private nonisolated let context: WHEPStartContext
    private nonisolated let hub: WHEPUpdateHub
    private var entityTag: String?
    private let lifetime: Task<Void, Never>

    init(_ opened: WHEPOpened, context: WHEPStartContext, closer: WHEPSessionCloser, hub: WHEPUpdateHub) {
        let configuration = context.configuration
        let limit = configuration.expectedDuration(context.options.power)
        let useful = max(limit - configuration.closeMargin, .zero)
        let deadline = RingDeadline(uptime: opened.openedAt + min(useful, context.admission.allowance ?? useful))
        self.device = context.device
        self.checkedAnswer = opened.answer
        self.isCounterOffer = opened.isCounterOffer
        self.url = opened.url
        self.startedAt = opened.date
        self.expiresBy = opened.date + limit.seconds
        self.deadline = deadline
        self.iceServers = opened.iceServers
        self.acceptsICEChanges = opened.acceptsICEChanges
        self.context = context
        self.closer = closer
        self.hub = hub
        self.entityTag = opened.entityTag
        let clock = context.clock
        // References neither the session nor its engine, so releasing the last reference ends both.
        self.lifetime = context.api.environment.detach {
            await Self.live(until: deadline, configuration: configuration, clock: clock, hub: hub, closer: closer)
        }
    }

    deinit {
        self.lifetime.cancel()
        guard self.hub.endReason == nil else { return }
        let closer = self.closer
        self.context.api.environment.detach { _ = await closer.close(.abandoned) }
    }

    /// The text of the SDP answer, checked and repaired: pass it to the engine. After a counter-offer, the server's offer.
    public nonisolated var answer: String { self.checkedAnswer.sdp.text }

    /// The time until the session is closed from this side.
    public nonisolated var remaining: Duration {
        self.hub.endReason == nil ? max(self.deadline.remaining(self.context.clock), .zero) : .zero
    }

    /// Why the session ended; `nil` while it runs.
    public nonisolated var endReason: WHEPEndReason? { self.hub.endReason }

    /// The remaining time about once per second, a warning before the end, and the end with its reason. Then it finishes.
    ///
    /// Every call returns a sequence of its own, beginning with the latest update.
    public nonisolated func updates() -> AsyncStream<WHEPSessionUpdate> { self.hub.updates() }

    /// Ends the session on the server.
    ///
    /// Takes no longer than the configured time, goes on when the task is cancelled, and can be called any number of
    /// times. A session that the server ended before counts as closed.
    @discardableResult
    public nonisolated func close() async -> WHEPCloseOutcome { await self.close(.closed) }

    @discardableResult
    package nonisolated func close(_ reason: WHEPEndReason) async -> WHEPCloseOutcome {
        let outcome = await self.closer.close(reason)
        self.lifetime.cancel()
        return outcome
    }

    /// Hands the session over to the application, which closes it by its ``url``: it is no longer closed from here, and no
    /// longer in the ledger.
    public nonisolated func detach() async {
        await self.closer.detach()
        self.lifetime.cancel()
    }

    /// Sends candidates that were gathered after the offer.
    ///
    /// Ring does not document this and requires every candidate in the offer; other WHEP servers accept it. The session
    /// goes on in every case. Wire: PATCH, WHEP section 4.4.2.
    ///
    /// - Parameter fragment: Made from the offer, with the new candidates.
    /// - Throws: `RingError` with `iceUpdateUnsupported` when the server does not accept candidates, `liveSessionEnded`
    ///   when the session is over; the error of the status.
    public func trickle(_ fragment: SDPFragment) async throws {
        try self.checkIsOpen()
        try await WHEPICEPatch(url: self.url, context: self.context).trickle(fragment, entityTag: self.entityTag)
    }

    /// Restarts ICE with new credentials and candidates, for a viewer whose network changed.
    ///
    /// After a failure the session continues unchanged. Wire: PATCH with `If-Match: *`, WHEP section 4.4.3.
    ///
    /// - Parameter fragment: The new credentials and all candidates.
    /// - Returns: The server's new credentials and candidates, which replace all earlier ones.
    /// - Throws: As ``trickle(_:)``; `RingError` with `malformedResponse` when the response is not a fragment.
    public func restartICE(_ fragment: SDPFragment) async throws -> SDPFragment {
        try self.checkIsOpen()
        let (response, entityTag) = try await WHEPICEPatch(url: self.url, context: self.context).restart(fragment)
        self.entityTag = entityTag
        return response
    }

    /// Passes the answer to the engine, which is then closed with the session.
    ///
    /// - Throws: What the engine throws; `RingError` with `liveSessionEnded` when the session has ended.
    nonisolated func start(_ engine: any WHEPEngine) async throws {
        guard await self.closer.adopt(engine) else { throw RingError.liveSessionEnded(self.endReason) }
        // An engine that answered a counter-offer has everything already.
        if !self.isCounterOffer { try await engine.accept(answer: self.checkedAnswer.sdp) }
    }

    private func checkIsOpen() throws {
        guard self.endReason == nil else {
            throw RingError(
                code: .liveSessionEnded, message: "the live session has ended; open another one", operation: .updateLive
            )
        }
    }

    private static func live(
        until deadline: RingDeadline, configuration: WHEPConfiguration, clock: any RingClock, hub: WHEPUpdateHub,
        closer: WHEPSessionCloser
    ) async {
        while true {
            let left = deadline.remaining(clock)
            guard left > .zero else { break }
            hub.send(WHEPSessionUpdate(remaining: left, isEndingSoon: left <= configuration.warningInterval))
            do {
                try await clock.sleep(for: min(left, configuration.updateInterval))
            } catch {
                return
            }
        }
        _ = await closer.close(.deadline)
    }
}

/// The result of a successful negotiation.
struct WHEPOpened: Sendable {
    var url: URL
    var answer: SDPCheckedAnswer
    var isCounterOffer: Bool
    /// The clock's uptime and date when the response arrived.
    var openedAt: Duration
    var date: Date
    var iceServers: [WHEPICEServer]
    var entityTag: String?
    var acceptsICEChanges: Bool
}
