public import RingCore
internal import RingCrypto
internal import Synchronization

/// Takes webhooks so that none is lost, none is forged, and none is worked on without need twice.
///
/// ``handle(method:headers:body:)`` verifies, keeps and answers; how long a handler takes never shows in the answer.
/// ``run()`` works on what was kept, in this process or another that shares the store.
public final class RingWebhookInbox: Sendable {
    /// Tells Ring's webhooks from forgeries.
    public let verifier: RingWebhookVerifier
    /// Keeps them.
    public let store: any RingWebhookStore
    /// How they are taken and worked on.
    public let options: RingWebhookInboxOptions

    let clock: any RingClock
    let observer: any RingObserver
    let handler: RingWebhookHandler
    let owner: String
    let bell = Doorbell()
    let state: Mutex<InboxState>

    /// Makes an inbox. It receives at once and works once ``run()`` is called.
    ///
    /// - Parameters:
    ///   - verifier: Tells Ring's webhooks from forgeries.
    ///   - store: Keeps them, durably unless this is a test.
    ///   - options: How they are taken and worked on.
    ///   - clock: Waits, and compares with Ring's times.
    ///   - observer: Is told what happens.
    ///   - handler: Works on events, each at least once.
    public init(
        verifier: RingWebhookVerifier, store: any RingWebhookStore, options: RingWebhookInboxOptions = .init(),
        clock: any RingClock = RingSystemClock(), observer: any RingObserver = RingSilentObserver(),
        handler: @escaping RingWebhookHandler
    ) {
        self.verifier = verifier
        self.store = store
        self.options = options
        self.clock = clock
        self.observer = observer
        self.handler = handler
        self.owner = options.instanceName ?? "inbox-\(UInt64.random(in: .min ... .max))"
        self.state = Mutex(InboxState(replayWindow: options.replayWindow))
    }

    /// How long after it was sent a webhook is taken for new. May be changed at any time.
    public var replayWindow: RingReplayWindow {
        get { self.state.withLock { $0.replayWindow } }
        set { self.state.withLock { $0.replayWindow = newValue } }
    }

    /// How many requests in a row were refused with 4xx, by this process; Ring may switch an endpoint off at ten.
    public var consecutiveRefusals: Int { self.state.withLock { $0.refusals } }

    /// What was set aside, oldest first, with the reasons.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: The webhooks as they arrived.
    /// - Throws: What the store throws.
    public func quarantined(limit: Int = 100) async throws -> [RingStoredWebhook] {
        try await self.store.quarantined(limit: limit)
    }

    /// Works on what was set aside after all: after a release that can read it, or a look at a late one.
    ///
    /// - Parameter key: The webhook.
    /// - Throws: `RingWebhookError` with code `not_found` when nothing with this key is quarantined; what the store throws.
    public func release(_ key: RingWebhookKey) async throws {
        guard try await self.store.release(key, now: self.clock.now()) else {
            throw RingWebhookError(code: .notFound, message: "no webhook with this key is quarantined")
        }
        self.bell.ring()
    }
}

/// What changes while an inbox lives.
struct InboxState: Sendable {
    var replayWindow: RingReplayWindow
    /// Refusals in a row, and when the last one was.
    var refusals = 0
    var lastRefusal: Duration?
    /// Saves under way.
    var saving = 0
    /// What waits, counted now and then and kept up between.
    var waiting: Int?
    var countedAt: Duration?
    /// What this process is working on.
    var active: Set<RingWebhookKey> = []
}
