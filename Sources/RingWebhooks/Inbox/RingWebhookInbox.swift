public import RingCore
public import RingCrypto
internal import Synchronization

/// Receives webhooks so that none is lost, none is forged, and none is worked on twice at the same time.
///
/// ``handle(method:headers:body:)`` verifies, keeps and responds; how long a handler takes never delays the response.
/// ``run()`` works on what was kept, in this process or another that shares the storage.
public final class RingWebhookInbox: Sendable {
    /// Tells Ring's webhooks from forgeries.
    public let verifier: RingWebhookVerifier
    /// How webhooks are taken and worked on.
    public let options: RingWebhookInboxOptions

    let environment: RingEnvironment
    let store: RingWebhookStore
    let handler: RingWebhookHandler
    let heartbeat: RingLeaseHeartbeat
    let saveLimit: RingSharedTimeLimit
    let handlerLimit: RingSharedTimeLimit
    /// Tells this inbox from those of other processes and of earlier runs.
    let identity: Int64
    /// Rings when there may be something to work on.
    let bell = Doorbell()
    /// Rings when the stored moments have to be judged again.
    let clockBell = Doorbell()
    /// Rings when a piece of work or a save has ended.
    let quietBell = Doorbell()
    let state: Mutex<InboxState>

    /// Makes an inbox. It receives at once and works once ``run()`` is called.
    ///
    /// - Parameters:
    ///   - verifier: Tells Ring's webhooks from forgeries.
    ///   - storage: Keeps them, durably unless this is a test.
    ///   - sealing: The keys that encrypt the stored bodies; `nil` stores them as they are.
    ///   - options: How they are taken and worked on.
    ///   - environment: The clock, and the observer that is told what happens.
    ///   - handler: Works on events, each at least once.
    public init(
        verifier: RingWebhookVerifier, storage: any RingStorage, sealing: RingSealingKeyRing? = nil,
        options: RingWebhookInboxOptions = .init(), environment: RingEnvironment = .init(),
        handler: @escaping RingWebhookHandler
    ) {
        self.verifier = verifier
        self.options = options
        self.environment = environment
        self.store = RingWebhookStore(storage: storage, sealing: sealing, environment: environment)
        self.handler = handler
        self.heartbeat = RingLeaseHeartbeat(storage: storage, environment: environment, duration: options.lease)
        self.saveLimit = RingSharedTimeLimit(options.saveLimit, environment: environment)
        self.handlerLimit = RingSharedTimeLimit(options.handlerLimit, environment: environment)
        self.identity = environment.randomToken()
        self.state = Mutex(InboxState(replayWindow: options.replayWindow))
    }

    var clock: any RingClock { self.environment.clock }
    var observer: any RingObserver { self.environment.observer }

    /// How long after it was sent a webhook is accepted as new. May be changed at any time.
    public var replayWindow: RingReplayWindow {
        get { self.state.withLock { $0.replayWindow } }
        set { self.state.withLock { $0.replayWindow = newValue } }
    }

    /// How many requests in a row were refused with 4xx, by this process; Ring may switch an endpoint off at ten. Starts
    /// again after a day without one.
    public var consecutiveRefusals: Int {
        let now = self.clock.uptime()
        return self.state.withLock { $0.hasOldRefusals(at: now) ? 0 : $0.refusals }
    }

    /// How many webhooks are in each state. It counts records, so it is for a person or a metric once a minute.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func counts() async throws -> RingWebhookCounts { try await self.store.counts() }

    /// What is quarantined, in the order of arrival, with the reasons.
    ///
    /// - Parameter limit: How many at most.
    /// - Throws: `RingError` with code `storageFailed`.
    public func quarantined(limit: Int = 100) async throws -> [RingQuarantinedWebhook] {
        try await self.store.quarantined(limit: limit)
    }

    /// Works on a quarantined webhook: after an update that can read it, or a look at a late one.
    ///
    /// - Parameter key: The webhook.
    /// - Throws: `RingWebhookError` with code `not_found` when nothing with this key is quarantined; `RingError` with code
    ///   `storageFailed`.
    public func release(_ key: RingWebhookKey) async throws {
        guard try await self.store.release(key) else {
            throw RingWebhookError(code: .notFound, message: "no webhook with this key is quarantined")
        }
        self.expectWork()
    }

    /// Works on every quarantined webhook that a condition holds for.
    ///
    /// - Parameter condition: Whether to work on it.
    /// - Returns: How many were released.
    /// - Throws: `RingError` with code `storageFailed`; some may have been released.
    @discardableResult
    public func releaseQuarantined(
        where condition: (RingQuarantinedWebhook) -> Bool = { _ in true }
    ) async throws -> Int {
        defer { self.expectWork() }
        return try await self.store.release(where: condition)
    }

    /// Takes no webhooks any more: requests get 503 with `Retry-After`, and Ring sends them again to the next process.
    /// What was kept is still worked on.
    public func stopReceiving() { self.state.withLock { $0.isReceiving = false } }

    /// Ends receiving and working, for the end of the process: no more webhooks are taken, running handlers are cancelled,
    /// and what they had not finished is given back without counting the attempt. ``run()`` then returns.
    ///
    /// A handler that ignores its cancellation keeps its webhook, so that no other process runs it at the same time; when
    /// the process ends, others take it over.
    ///
    /// - Parameter limit: How long to wait for running handlers and saves.
    /// - Returns: Whether everything has ended, and nothing of this inbox uses the storage any more.
    @discardableResult
    public func shutdown(within limit: Duration) async -> Bool {
        self.state.withLock { state in
            state.isReceiving = false
            state.isWorking = false
        }
        self.bell.ring()
        self.clockBell.ring()
        let end = self.clock.uptime() + limit
        while !self.state.withLock({ $0.isQuiet }) {
            let remaining = end - self.clock.uptime()
            guard remaining > .zero else { return false }
            // A caller that is cancelled, as when the process is told to end, waits all the same.
            await self.environment.detach { await self.quietBell.wait(atMost: remaining, in: self.environment) }.value
        }
        return true
    }
}

/// A webhook that this process holds, and the run of its handler.
struct HeldWebhook: Sendable {
    var claim: RingWebhookClaim
    /// The event, when it is decoded already.
    var event: RingWebhookEvent?
    var run: HandlerRun
}

/// What changes while an inbox lives.
struct InboxState: Sendable {
    var replayWindow: RingReplayWindow
    var isReceiving = true
    var isWorking = true
    /// Refusals in a row, and the monotonic time of the last one.
    var refusals = 0
    var lastRefusal: Duration?
    /// When the observer was last told that this machine's clock is behind, and that a sealing key is missing.
    var toldOfSlowClock: Duration?
    var toldOfKeys: [String: Duration] = [:]
    /// Calls of `run()` and saves under way.
    var runs = 0
    var saving = 0
    /// What waits, counted now and then and updated between.
    var waiting: Int?
    var countedAt: Duration?
    /// What this process is working on, by the records that it holds.
    var active: Set<RingStorageID> = []
    /// What was taken as it was saved, and waits for `run()`.
    var handedOver: [HeldWebhook] = []
    /// Whether the storage may hold something to work on that no query has found yet.
    var expectsWork = true
    /// When dates that lie too far ahead, and lanes that no option of this process asks for, were last looked for.
    var checkedDatesAt: Duration?
    var checkedLanesAt: Duration?
    var hasLanes = true
    /// Whether lanes come first in the next claim.
    var takesLanesFirst = false
    /// The wall clock less the monotonic clock.
    var clockOffset: Double?
    /// The monotonic time since when that has not jumped.
    var steadySince: Duration?

    init(replayWindow: RingReplayWindow) { self.replayWindow = replayWindow }

    var isQuiet: Bool { self.runs == 0 && self.saving == 0 && self.active.isEmpty }

    func hasOldRefusals(at now: Duration) -> Bool { self.lastRefusal.map { now - $0 > .seconds(86_400) } ?? false }

    /// Whether an interval has passed since a moment, which is then the present one.
    static func isOver(_ interval: Duration, since last: inout Duration?, now: Duration) -> Bool {
        if let last, now - last < interval { return false }
        last = now
        return true
    }
}
