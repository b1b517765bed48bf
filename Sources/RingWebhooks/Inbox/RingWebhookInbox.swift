public import RingCore
public import RingCrypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Receives webhooks so that none is lost, none is forged, and none is worked on twice at the same time.
///
/// ``handle(method:headers:body:)`` verifies, stores and responds; how long a handler takes never delays the response.
/// ``run()`` calls the handler for what was stored, in this process or another that shares the storage. ``deliveries()``
/// is the same without a handler, for a loop.
public final class RingWebhookInbox: Sendable {
    /// Tells Ring's webhooks from forgeries.
    package let verifier: RingWebhookVerifier
    /// How webhooks are taken and worked on.
    public let options: RingWebhookInboxOptions

    private let store: RingWebhookStore
    private let handler: RingWebhookHandler?
    private let activity: InboxActivity
    private let worker: InboxWorker
    private let callers: DeliveryCallers
    private let receiver: InboxReceiver

    /// Creates an inbox. It receives at once, and works once ``run()`` is called or ``deliveries()`` are iterated over.
    ///
    /// - Parameters:
    ///   - verifier: Tells Ring's webhooks from forgeries.
    ///   - storage: Stores them, durably unless this is a test.
    ///   - sealing: The keys that encrypt the stored bodies; `nil` stores them as they are.
    ///   - options: How they are taken and worked on.
    ///   - environment: The clock and the observer.
    ///   - handler: Works on events, each at least once; `nil` for ``deliveries()``, and in a process that only receives.
    public convenience init(
        verifier: RingWebhookVerifier, storage: any RingStorage, sealing: RingSealingKeyRing? = nil,
        options: RingWebhookInboxOptions = .init(), environment: RingEnvironment = .init(),
        handler: RingWebhookHandler? = nil
    ) {
        self.init(
            verifier: verifier, storage: storage, sealing: sealing, options: options, environment: environment,
            steps: nil, handler: handler)
    }

    /// - Parameter steps: What this package does itself about every webhook, around the handler and the loop alike.
    package init(
        verifier: RingWebhookVerifier, storage: any RingStorage, sealing: RingSealingKeyRing?,
        options: RingWebhookInboxOptions, environment: RingEnvironment, steps: RingWebhookSteps?,
        handler: RingWebhookHandler?
    ) {
        self.verifier = verifier
        self.options = options
        self.store = RingWebhookStore(storage: storage, sealing: sealing, environment: environment)
        self.handler = handler
        self.activity = InboxActivity(options, environment: environment)
        let identity = environment.randomToken()
        self.worker = InboxWorker(
            options: options, environment: environment, store: self.store, identity: identity, activity: self.activity,
            steps: steps)
        self.callers = DeliveryCallers(self.activity)
        self.receiver = InboxReceiver(
            verifier: verifier, options: options, environment: environment, store: self.store, identity: identity,
            activity: self.activity, worker: self.worker)
    }

    /// How long after it was sent a webhook is accepted as new. May be changed at any time.
    public var replayWindow: RingReplayWindow {
        get { self.activity.replayWindow }
        set { self.activity.replayWindow = newValue }
    }

    /// How many requests in a row were refused with 4xx, by this process; Ring may switch an endpoint off at ten. After a
    /// day without a refusal the count is 0.
    public var consecutiveRefusals: Int { self.receiver.consecutiveRefusals }

    /// Takes one request to the webhook URL: checks its size, verifies the signature over the raw bytes, stores the event
    /// durably unless it is a duplicate, and gives the response.
    ///
    /// Nothing but the method, the size and the signature decides whether a webhook is taken, and nothing is parsed before
    /// the signature is verified. No handler runs before the response, or delays it.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - headers: The request's header fields.
    ///   - body: The raw bytes of the body. A server should stop reading beyond ``RingWebhookInboxOptions/maximumBodyBytes``
    ///     and may pass what it read: it is then too long, and the response is 413.
    /// - Returns: Status, header fields and body for Ring.
    public func handle(
        method: RingHTTPMethod = .post, headers: RingHTTPFields, body: [UInt8]
    ) async -> RingWebhookResponse {
        await self.receiver.handle(method, headers, body)
    }

    /// Takes one request to the webhook URL as an HTTP value, such as `RingListener` passes it.
    ///
    /// - Parameter request: The request. A body that streams is read up to ``RingWebhookInboxOptions/maximumBodyBytes``.
    /// - Returns: The response for Ring.
    public func handle(_ request: RingHTTPRequest) async -> RingHTTPResponse {
        let response = await self.receiver.handle(request)
        return RingHTTPResponse(
            status: response.status, headerFields: response.headers, body: RingHTTPBody(response.body))
    }

    /// Calls the handler for what was stored, until the task is cancelled or ``shutdown(within:)`` is called. Then the
    /// handlers are cancelled too, and what they had not finished is given back for the next process.
    ///
    /// It returns when the last handler has. Failures of the storage are reported to the observer and do not end it. Call it
    /// once a process, or never in a process that only receives. Without a handler it only deletes what has expired.
    public func run() async {
        guard let handler else { return await self.worker.runWithoutHandler() }
        await self.worker.run(.handlers, handler)
    }

    /// What was stored, as a sequence, instead of a handler.
    ///
    /// Iterating does what ``run()`` does. Each element is leased to this process until it is acknowledged with
    /// ``RingPendingWebhook/finish()`` or ``RingPendingWebhook/fail(_:)``; one that is released without that counts as failed.
    /// No webhook is taken before `next()` is called for it, and at most ``RingWebhookInboxOptions/concurrency`` wait for
    /// their acknowledgement: then `next()` waits too.
    ///
    /// <!-- given: inbox: RingWebhookInbox, func work(on event: RingWebhookEvent) async throws -->
    /// ```swift
    /// for await webhook in inbox.deliveries() {
    ///     do {
    ///         try await work(on: webhook.delivery.event)
    ///         webhook.finish()
    ///     } catch {
    ///         webhook.fail(error)
    ///     }
    /// }
    /// ```
    ///
    /// Several iterations share the webhooks: each goes to the call of `next()` that has waited longest. An iteration
    /// ends when its task is cancelled or ``shutdown(within:)`` is called. Use either this or ``run()`` in one process.
    ///
    /// - Returns: The sequence; it does nothing until it is iterated over.
    public func deliveries() -> some AsyncSequence<RingPendingWebhook, Never> & Sendable {
        PendingWebhooks(worker: self.worker, callers: self.callers, environment: self.store.environment)
    }

    /// How many webhooks are in each state. It counts records, so it is for a person or a metric once a minute.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func counts() async throws -> RingWebhookCounts { try await self.store.counts() }

    /// When the oldest webhook arrived that no handler has finished: it waits for its turn or its next attempt, or a handler works
    /// on it. `nil` when there is none.
    ///
    /// It reads one record, however many there are. ``RingWebhooksWaiting`` reports its age once a minute.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func oldestWaiting() async throws -> Date? { try await self.store.oldestWaiting() }

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
        self.activity.expectWork()
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
        defer { self.activity.expectWork() }
        return try await self.store.release(where: condition)
    }

    /// Takes no webhooks any more: requests get 503 with `Retry-After`, and Ring sends them to the next process later.
    /// What was stored is still worked on.
    public func stopReceiving() { self.activity.stopReceiving() }

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
        self.activity.stop()
        self.worker.wakeUp()
        return await self.activity.waitUntilQuiet(atMost: limit)
    }
}
