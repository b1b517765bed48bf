internal import RingCore
internal import Synchronization

/// A webhook from ``RingWebhookInbox/deliveries()``, leased to this process until it is acknowledged.
///
/// The first acknowledgement counts. A value that is released without one counts as failed: the webhook is delivered later,
/// by ``RingWebhookRetrySchedule``.
public final class RingPendingWebhook: Sendable {
    /// The event, its key and the number of the attempt.
    public let delivery: RingWebhookDelivery
    private let acknowledgement: Acknowledgement

    fileprivate init(_ delivery: RingWebhookDelivery, _ acknowledgement: Acknowledgement) {
        self.delivery = delivery
        self.acknowledgement = acknowledgement
    }

    deinit { self.acknowledgement.give(.failure(RingWebhookNotAcknowledged())) }

    /// Whether the work should end: it took longer than ``RingWebhookInboxOptions/handlerTimeout``, another process has
    /// taken the webhook over, or the inbox stops. The webhook stays leased until it is acknowledged.
    public var isCancelled: Bool { self.acknowledgement.isCancelled }

    /// The work is done. The webhook is not delivered to anybody any more.
    public func finish() { self.acknowledgement.give(.success(())) }

    /// The work has failed, as if a handler had thrown the error: the webhook is delivered later, or quarantined for a
    /// `RingWebhookError` with code `handler_refused`.
    ///
    /// - Parameter error: Why. Of other errors only the type is stored.
    public func fail(_ error: any Error) { self.acknowledgement.give(.failure(error)) }
}

/// A pending webhook was released without an acknowledgement.
struct RingWebhookNotAcknowledged: Error {}

/// The one acknowledgement of a pending webhook. The handler that waits for it holds this alone, so that the release of the
/// webhook itself is noticed.
private final class Acknowledgement: Sendable {
    private struct State: Sendable {
        var isHandedOut = false
        var isGiven = false
        var isCancelled = false
    }

    private let activity: InboxActivity
    private let result = RingFirstResult<Void>()
    private let state = Mutex(State())

    init(_ activity: InboxActivity) { self.activity = activity }

    var isCancelled: Bool { self.state.withLock { $0.isCancelled } }

    func noteHandedOut() { self.state.withLock { $0.isHandedOut = true } }

    func cancel() { self.state.withLock { $0.isCancelled = true } }

    func give(_ result: Result<Void, any Error>) {
        let (isFirst, isHandedOut) = self.state.withLock { state in
            defer { state.isGiven = true }
            return (!state.isGiven, state.isHandedOut)
        }
        guard isFirst else { return }
        if isHandedOut { self.activity.want(-1) }
        self.result.finish(result)
    }

    func value() async throws { try await self.result.value() }
}

/// The sequence behind ``RingWebhookInbox/deliveries()``. Each iteration is a run of the worker of its own.
struct PendingWebhooks: AsyncSequence, Sendable {
    typealias Element = RingPendingWebhook
    typealias Failure = Never

    let worker: InboxWorker
    let activity: InboxActivity
    let environment: RingEnvironment

    func makeAsyncIterator() -> Iterator {
        let queue = PendingQueue(self.activity)
        let run = self.environment.detach { [worker] in
            await worker.run(.onDemand, { try await queue.deliver($0) }, onStop: { queue.end() })
            queue.end()
        }
        return Iterator(queue: queue, iteration: Iteration(run))
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let queue: PendingQueue
        fileprivate let iteration: Iteration

        func next() async -> RingPendingWebhook? { await self.queue.next() }

        func next(isolation actor: isolated (any Actor)?) async -> RingPendingWebhook? { await self.queue.next() }
    }

    /// Ends the run when the iterator is released.
    fileprivate final class Iteration: Sendable {
        private let run: Task<Void, Never>

        init(_ run: Task<Void, Never>) { self.run = run }

        deinit { self.run.cancel() }
    }
}

/// Where the handler of an iteration meets the calls of `next()`.
private final class PendingQueue: Sendable {
    private typealias Caller = (id: UInt64, result: RingFirstResult<RingPendingWebhook?>)

    private struct State: Sendable {
        var lastID: UInt64 = 0
        var callers: [Caller] = []
        /// What was taken for a call of `next()` that was cancelled meanwhile.
        var webhooks: [(id: UInt64, webhook: RingPendingWebhook, acknowledgement: Acknowledgement)] = []
        var isEnded = false

        mutating func nextID() -> UInt64 {
            self.lastID += 1
            return self.lastID
        }
    }

    private let activity: InboxActivity
    private let state = Mutex(State())

    init(_ activity: InboxActivity) { self.activity = activity }

    /// The handler: hands the webhook to a call of `next()` and waits for its acknowledgement, also when it is cancelled.
    func deliver(_ delivery: RingWebhookDelivery) async throws {
        let acknowledgement = Acknowledgement(self.activity)
        let id = self.offer(RingPendingWebhook(delivery, acknowledgement), acknowledgement)
        try await withTaskCancellationHandler {
            try await acknowledgement.value()
        } onCancel: {
            acknowledgement.cancel()
            // Nobody has it, so its release is its acknowledgement.
            self.withdraw(id)
        }
    }

    private func offer(_ webhook: RingPendingWebhook, _ acknowledgement: Acknowledgement) -> UInt64 {
        let (id, caller) = self.state.withLock { state -> (UInt64, Caller?) in
            let id = state.nextID()
            guard state.callers.isEmpty else {
                acknowledgement.noteHandedOut()
                return (id, state.callers.removeFirst())
            }
            if !state.isEnded { state.webhooks.append((id, webhook, acknowledgement)) }
            return (id, nil)
        }
        caller?.result.finish(.success(webhook))
        return id
    }

    private func withdraw(_ id: UInt64) {
        // Released outside of the lock.
        _ = self.state.withLock { state in
            state.webhooks.firstIndex { $0.id == id }.map { state.webhooks.remove(at: $0) }
        }
    }

    func next() async -> RingPendingWebhook? {
        let result = RingFirstResult<RingPendingWebhook?>()
        let id = self.state.withLock { $0.nextID() }
        self.activity.want(1)
        let webhook = await withTaskCancellationHandler {
            self.enter(id, result)
            return (try? await result.value()) ?? nil
        } onCancel: {
            if self.leave(id) { result.finish(.success(nil)) }
        }
        if webhook == nil { self.activity.want(-1) }
        return webhook
    }

    private func enter(_ id: UInt64, _ result: RingFirstResult<RingPendingWebhook?>) {
        let webhook = self.state.withLock { state -> RingPendingWebhook?? in
            // Read inside the lock: a later cancellation finds the caller in the list.
            if Task.isCancelled || state.isEnded { return .some(nil) }
            guard state.webhooks.isEmpty else {
                let (_, webhook, acknowledgement) = state.webhooks.removeFirst()
                acknowledgement.noteHandedOut()
                return webhook
            }
            state.callers.append((id, result))
            return nil
        }
        if let webhook { result.finish(.success(webhook)) }
    }

    private func leave(_ id: UInt64) -> Bool {
        self.state.withLock { state in
            guard let index = state.callers.firstIndex(where: { $0.id == id }) else { return false }
            state.callers.remove(at: index)
            return true
        }
    }

    /// No further webhook will come.
    func end() {
        let (callers, _) = self.state.withLock { state in
            state.isEnded = true
            defer { (state.callers, state.webhooks) = ([], []) }
            return (state.callers, state.webhooks)
        }
        for caller in callers { caller.result.finish(.success(nil)) }
    }
}
