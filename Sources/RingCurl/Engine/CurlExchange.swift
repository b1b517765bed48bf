internal import RingCore
internal import Synchronization

/// One request and its response, shared by the task that sends it and the loop that does the work.
///
/// Continuations are taken under the lock and resumed after it: a resumed task may cancel another, whose handler takes
/// this lock.
final class CurlExchange: Sendable {
    typealias Delivery = RingHTTPExchange.Delivery
    typealias Waiter = CheckedContinuation<Delivery, Never>

    let plan: CurlPlan
    let upload: CurlUpload?
    private let engine: CurlEngine
    private let state = Mutex(State())

    private struct State {
        var exchange = RingHTTPExchange()
        /// The task that waits, if ``exchange`` says so.
        var waiter: Waiter?
        var pump: Task<Void, Never>?

        mutating func takeWaiter() -> Waiter? {
            defer { self.waiter = nil }
            return self.waiter
        }
    }

    init(plan: CurlPlan, engine: CurlEngine) {
        self.plan = plan
        self.engine = engine
        self.upload = CurlUpload(plan.payload)
    }

    // MARK: For the task

    /// Sends the request and waits for the response's head.
    ///
    /// The closures run where the caller does: an async closure that captures no isolation would move to Swift's pool and
    /// back, which costs a caller on an actor two thread switches.
    func response(isolation: isolated (any Actor)?) async throws -> RingHTTPResponse {
        let delivery = await withTaskCancellationHandler {
            _ = isolation
            return await withCheckedContinuation { (waiter: Waiter) in
                let isSent = self.state.withLock { state in
                    guard state.exchange.sent() else { return false }
                    state.waiter = waiter
                    return true
                }
                guard isSent else { return waiter.resume(returning: .failure(CancellationError())) }
                self.engine.perform(.add(self))
                self.startPump()
            }
        } onCancel: {
            self.cancel()
        }
        switch delivery {
        case .response(let head, let bytes):
            return RingHTTPResponse(status: head.status, headerFields: head.headerFields, body: RingHTTPBody(bytes))
        case .head(let head):
            return RingHTTPResponse(
                status: head.status, headerFields: head.headerFields,
                body: RingHTTPBody(streaming: CurlBody(exchange: self), length: head.bodyLength))
        case .failure(let error): throw self.plan.failure.thrown(error)
        // No body comes before its head.
        case .chunk, .end: throw CancellationError()
        }
    }

    /// The next piece of the body, waiting for it; `nil` at the end.
    func nextChunk(isolation: isolated (any Actor)?) async throws -> [UInt8]? {
        if Task.isCancelled { self.cancel() }
        var action = self.state.withLock { $0.exchange.chunkRequested(waits: false) }
        if case .resumeReceiving = action {
            // The reader's own thread receives, and no other needs to be woken.
            self.engine.perform(.resume(self))
            action = self.state.withLock { $0.exchange.chunkRequested(waits: false) }
        }
        switch action {
        case .deliver(let delivery): return try self.chunk(delivery)
        case .refuse: throw self.plan.failure.secondReader()
        case .wait, .resumeReceiving: break
        }
        let delivery = await withTaskCancellationHandler {
            _ = isolation
            return await withCheckedContinuation { (waiter: Waiter) in
                // Something may have arrived since; then the waiter is not kept.
                let action = self.state.withLock { state in
                    let action = state.exchange.chunkRequested(waits: true)
                    switch action {
                    case .wait, .resumeReceiving: state.waiter = waiter
                    case .deliver, .refuse: break
                    }
                    return action
                }
                switch action {
                case .wait: break
                case .resumeReceiving: self.engine.submit(.resume(self))
                case .deliver(let delivery): waiter.resume(returning: delivery)
                case .refuse: waiter.resume(returning: .failure(self.plan.failure.secondReader()))
                }
            }
        } onCancel: {
            self.cancel()
        }
        return try self.chunk(delivery)
    }

    private func chunk(_ delivery: Delivery) throws -> [UInt8]? {
        switch delivery {
        case .chunk(let chunk): return chunk
        case .failure(let error): throw self.plan.failure.thrown(error)
        case .end, .head, .response: return nil
        }
    }

    /// Ends the exchange at once, whatever it is doing. The task that waits is resumed without waiting for the loop.
    func cancel() {
        let (cancellation, waiter) = self.state.withLock { state in
            (state.exchange.cancelled(), state.takeWaiter())
        }
        waiter?.resume(returning: .failure(CancellationError()))
        guard cancellation.endsTransfer else { return }
        self.endPump()
        self.engine.submit(.cancel(self))
    }

    private func startPump() {
        guard let upload, case .stream(let body, _) = self.plan.payload else { return }
        let engine = self.engine
        // Unstructured: it continues after `response()` has returned with the head of an early response. It ends with the
        // exchange.
        let pump = Task { [weak self] in
            await upload.fill(from: body) { if let self { engine.submit(.resume(self)) } }
        }
        let isEnded = self.state.withLock { state in
            state.pump = pump
            return state.exchange.isEnded
        }
        if isEnded { self.endPump() }
    }

    private func endPump() {
        self.upload?.close()
        self.state.withLock { $0.pump }?.cancel()
    }

    // MARK: For the loop

    /// Whether nobody waits for it any more.
    var isCancelled: Bool { self.state.withLock { $0.exchange.isCancelled } }

    func receive(_ head: RingHTTPResponseHead) { self.state.withLock { $0.exchange.headArrived(head) } }

    /// Ends an exchange for which there is no transfer, and says whom to wake.
    func refuse(_ error: RingError) -> CurlWakeUp? {
        var nothing = RingHTTPChunks()
        self.finish(with: error, &nothing)
        return self.report(&nothing, isReceivingPaused: false).wakeUp
    }

    /// Whether there is no space for more besides `gathered` bytes that have not been reported yet. Then receiving continues
    /// when the reader wants more.
    func isFull(besides gathered: Int) -> Bool {
        self.state.withLock { $0.exchange.stopsReceiving(at: self.plan.maximumBufferedBytes, besides: gathered) }
    }

    /// Notes the end, in order or with an error.
    func finish(with error: RingError?, _ chunks: inout RingHTTPChunks) {
        self.state.withLock { state in
            state.exchange.chunksArrived(&chunks)
            if let error {
                state.exchange.failed(error, discardsBody: error.code == .deadlineExceeded)
            } else {
                state.exchange.completed()
            }
        }
        self.endPump()
    }

    /// Takes what was gathered in one turn of the loop.
    ///
    /// - Parameter isReceivingPaused: Whether receiving has stopped until the reader wants more.
    /// - Returns: Whom to wake, how many bytes wait to be read, and whether to stop receiving now. libcurl then stops
    ///   reading; a callback that has no space makes it copy what it has read already.
    func report(
        _ chunks: inout RingHTTPChunks, isReceivingPaused: Bool
    ) -> (wakeUp: CurlWakeUp?, waiting: Int, pauses: Bool) {
        self.state.withLock { state in
            state.exchange.chunksArrived(&chunks)
            var wakeUp: CurlWakeUp?
            if let delivery = state.exchange.deliver(), let waiter = state.takeWaiter() {
                wakeUp = CurlWakeUp(waiter: waiter, delivery: delivery)
            }
            var pauses = false
            if isReceivingPaused {
                state.exchange.receivingStopped()
            } else if self.plan.lane == .media {
                pauses = state.exchange.stopsReceiving(
                    at: min(self.plan.maximumBufferedBytes, RingHTTPChunks.size))
            }
            return (wakeUp, state.exchange.bufferedByteCount, pauses)
        }
    }
}

/// A task to resume once the loop's lock is free.
struct CurlWakeUp: Sendable {
    fileprivate let waiter: CurlExchange.Waiter
    fileprivate let delivery: CurlExchange.Delivery

    func perform() { self.waiter.resume(returning: self.delivery) }
}

/// A response's body while it arrives. When the last copy is gone, the transfer ends.
private struct CurlBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    fileprivate final class Holder: Sendable {
        let exchange: CurlExchange
        init(_ exchange: CurlExchange) { self.exchange = exchange }
        deinit { self.exchange.cancel() }
    }

    private let holder: Holder

    init(exchange: CurlExchange) { self.holder = Holder(exchange) }

    func makeAsyncIterator() -> Iterator { Iterator(holder: self.holder) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let holder: Holder

        mutating func next() async throws -> [UInt8]? {
            try await self.holder.exchange.nextChunk(isolation: #isolation)
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            try await self.holder.exchange.nextChunk(isolation: actor)
        }
    }
}
