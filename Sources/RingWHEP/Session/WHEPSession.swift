public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A live session that is open on the server.
///
/// It ends by itself before Ring ends it, and when the last reference goes. Whatever happens, the server is told exactly
/// once, with the token of that moment. Prefer ``WHEPClient/withLiveSession(_:engine:options:body:)``, which also waits for
/// the end.
public actor WHEPSession {
    /// The device.
    public nonisolated let device: RingDeviceID
    /// The answer for the engine, checked and repaired. After a counter-offer, the server's offer.
    public nonisolated let answer: SDPCheckedAnswer
    /// Whether the server made the offer, and ``answer`` is that offer.
    public nonisolated let isCounterOffer: Bool
    /// Where the session is closed. Whoever has it and the account's token can close the session: do not log it.
    public nonisolated let url: URL
    /// When the server opened it.
    public nonisolated let startedAt: Date
    /// When Ring ends it, by its power class.
    public nonisolated let expiresBy: Date
    /// When it is closed from this side, by the clock's `uptime`.
    public nonisolated let deadline: RingDeadline
    /// The ICE servers the answer recommends. Wire: `Link` with `rel="ice-server"`.
    public nonisolated let iceServers: [WHEPICEServer]
    /// The extensions the server offers; unknown ones are to be ignored.
    public nonisolated let extensions: [WHEPExtensionLink]
    /// Whether the server says that it takes ICE changes. Wire: `Accept-Patch`, or an `ETag`.
    public nonisolated let takesICEChanges: Bool

    let context: WHEPStartContext
    let closer: WHEPSessionCloser
    let hub: WHEPUpdateHub
    var entityTag: String?
    private let lifetime: Task<Void, Never>

    init(_ opened: WHEPOpened, context: WHEPStartContext, closer: WHEPSessionCloser, hub: WHEPUpdateHub) {
        let configuration = context.configuration
        let limit = configuration.limit(context.options.power)
        let useful = max(limit - configuration.margin, .zero)
        let deadline = RingDeadline(uptime: opened.openedAt + min(useful, context.admission.allowance ?? useful))
        self.device = context.device
        self.answer = opened.answer
        self.isCounterOffer = opened.isCounterOffer
        self.url = opened.url
        self.startedAt = opened.date
        self.expiresBy = opened.date + limit.seconds
        self.deadline = deadline
        self.iceServers = opened.iceServers
        self.extensions = opened.extensions
        self.takesICEChanges = opened.takesICEChanges
        self.context = context
        self.closer = closer
        self.hub = hub
        self.entityTag = opened.entityTag
        let clock = context.clock
        // Holds neither the session nor its engine, so dropping the last reference ends both.
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

    /// The time left until the session is closed from this side.
    public nonisolated var remaining: Duration {
        self.hub.endReason == nil ? max(self.deadline.remaining(self.context.clock), .zero) : .zero
    }

    /// Why the session ended; `nil` while it runs.
    public nonisolated var endReason: WHEPEndReason? { self.hub.endReason }

    /// The remaining time about once a second, a warning before the end, and the end with its reason; then it finishes.
    ///
    /// Every call gives a sequence of its own, beginning with the latest news.
    public nonisolated func updates() -> AsyncStream<WHEPSessionUpdate> { self.hub.updates() }

    /// Ends the session on the server.
    ///
    /// Takes no longer than the configured time, goes on when the task is cancelled, and can be called any number of
    /// times. A session that the server ended before counts as closed.
    @discardableResult
    public nonisolated func close(_ reason: WHEPEndReason = .closed) async -> WHEPCloseOutcome {
        let outcome = await self.closer.close(reason)
        self.lifetime.cancel()
        return outcome
    }

    /// Hands the session over to whoever has ``url``: it is no longer closed from here, and no longer in the ledger.
    public nonisolated func detach() async {
        await self.closer.detach()
        self.lifetime.cancel()
    }

    func setEntityTag(_ tag: String?) { self.entityTag = tag }

    private static func live(
        until deadline: RingDeadline, configuration: WHEPConfiguration, clock: any RingClock, hub: WHEPUpdateHub,
        closer: WHEPSessionCloser
    ) async {
        while true {
            let left = deadline.remaining(clock)
            guard left > .zero else { break }
            hub.send(WHEPSessionUpdate(remaining: left, isEndingSoon: left <= configuration.warning))
            do {
                try await clock.sleep(for: min(left, configuration.updateInterval))
            } catch {
                return
            }
        }
        _ = await closer.close(.deadline)
    }
}

extension Duration {
    /// Seconds as a floating-point number, for dates.
    var seconds: TimeInterval {
        let (seconds, attoseconds) = self.components
        return TimeInterval(seconds) + TimeInterval(attoseconds) / 1e18
    }
}
