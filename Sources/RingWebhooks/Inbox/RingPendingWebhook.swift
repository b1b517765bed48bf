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
    /// - Parameter error: Why. Of errors that are not this package's only the type is stored.
    public func fail(_ error: any Error) { self.acknowledgement.give(.failure(error)) }
}

/// A pending webhook was released without an acknowledgement.
struct RingWebhookNotAcknowledged: Error {}

/// No call of `next()` waits for a webhook any more.
struct RingWebhookNotWanted: Error {}

/// The one acknowledgement of a pending webhook. The handler that waits for it holds this alone, so that the release of the
/// webhook itself is noticed.
private final class Acknowledgement: Sendable {
    private struct State: Sendable {
        var isGiven = false
        var isCancelled = false
    }

    private let activity: InboxActivity
    private let result = RingFirstResult<Void>()
    private let state = Mutex(State())

    init(_ activity: InboxActivity) { self.activity = activity }

    var isCancelled: Bool { self.state.withLock { $0.isCancelled } }

    func cancel() { self.state.withLock { $0.isCancelled = true } }

    func give(_ result: Result<Void, any Error>) {
        let isFirst = self.state.withLock { state in
            defer { state.isGiven = true }
            return !state.isGiven
        }
        guard isFirst else { return }
        self.activity.want(-1)
        self.result.finish(result)
    }

    func value() async throws { try await self.result.value() }
}

/// The sequence behind ``RingWebhookInbox/deliveries()``.
struct PendingWebhooks: AsyncSequence, Sendable {
    typealias Element = RingPendingWebhook
    typealias Failure = Never

    let worker: InboxWorker
    let callers: DeliveryCallers
    let environment: RingEnvironment

    func makeAsyncIterator() -> Iterator {
        let run = self.callers.sharedRun { [worker, callers, environment] in
            environment.detach {
                await worker.run(.onDemand, { try await callers.deliver($0) }, onStop: { callers.end() })
            }
        }
        return Iterator(callers: self.callers, run: run)
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let callers: DeliveryCallers
        fileprivate let run: DeliveryRun

        func next() async -> RingPendingWebhook? { await self.callers.next() }

        func next(isolation actor: isolated (any Actor)?) async -> RingPendingWebhook? { await self.callers.next() }
    }
}

/// The one run of the worker for all iterations of an inbox. It ends when the last iterator is released.
private final class DeliveryRun: Sendable {
    private let task: Task<Void, Never>

    init(_ task: Task<Void, Never>) { self.task = task }

    deinit { self.task.cancel() }
}

/// The calls of `next()` that wait for a webhook, of all iterations of an inbox.
final class DeliveryCallers: Sendable {
    private typealias Caller = (id: UInt64, result: RingFirstResult<RingPendingWebhook?>)

    private struct State: Sendable {
        var lastID: UInt64 = 0
        /// In the order in which they began to wait.
        var callers: [Caller] = []
        var isEnded = false
        weak var run: DeliveryRun?
    }

    private let activity: InboxActivity
    private let state = Mutex(State())

    init(_ activity: InboxActivity) { self.activity = activity }

    /// The run of the iterations under way, or a new one.
    fileprivate func sharedRun(start: () -> Task<Void, Never>) -> DeliveryRun {
        self.state.withLock { state in
            if let run = state.run { return run }
            let run = DeliveryRun(start())
            state.run = run
            return run
        }
    }

    /// The handler: hands the webhook to a call of `next()` and waits for its acknowledgement, also when it is cancelled.
    func deliver(_ delivery: RingWebhookDelivery) async throws {
        let caller = self.state.withLock { $0.callers.isEmpty ? nil : $0.callers.removeFirst() }
        // The call was cancelled after the webhook was taken for it.
        guard let caller else { throw RingWebhookNotWanted() }
        let acknowledgement = Acknowledgement(self.activity)
        caller.result.finish(.success(RingPendingWebhook(delivery, acknowledgement)))
        try await withTaskCancellationHandler {
            try await acknowledgement.value()
        } onCancel: {
            acknowledgement.cancel()
        }
    }

    func next() async -> RingPendingWebhook? {
        let result = RingFirstResult<RingPendingWebhook?>()
        let id = self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let webhook = await withTaskCancellationHandler {
            self.enter(id, result)
            // After the call is in the list: what is taken for it finds it there.
            self.activity.want(1)
            return (try? await result.value()) ?? nil
        } onCancel: {
            if self.leave(id) { result.finish(.success(nil)) }
        }
        if webhook == nil { self.activity.want(-1) }
        return webhook
    }

    private func enter(_ id: UInt64, _ result: RingFirstResult<RingPendingWebhook?>) {
        let isWaiting = self.state.withLock { state in
            // Read inside the lock: a later cancellation finds the caller in the list.
            if Task.isCancelled || state.isEnded { return false }
            state.callers.append((id, result))
            return true
        }
        if !isWaiting { result.finish(.success(nil)) }
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
        let callers = self.state.withLock { state in
            state.isEnded = true
            defer { state.callers = [] }
            return state.callers
        }
        for caller in callers { caller.result.finish(.success(nil)) }
    }
}
