internal import Foundation
internal import RingCore
internal import Synchronization

#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif

/// One request and its response, shared by the task that sends it and URLSession's delegate queue.
///
/// Continuations are taken under the lock and resumed after it.
final class SessionExchange: Sendable {
    typealias Delivery = RingHTTPExchange.Delivery
    typealias Waiter = CheckedContinuation<Delivery, Never>
    private typealias Limits = RingHTTPExchangeProgress.Limits

    private let failure: RingTransportFailure
    private let isHead: Bool
    private let maximumBodyBytes: Int64?
    private let maximumBufferedBytes: Int
    private let clock: any RingClock
    private let state: Mutex<State>

    private struct State {
        var exchange = RingHTTPExchange()
        var progress: RingHTTPExchangeProgress
        /// The task that waits, if ``exchange`` says so.
        var waiter: Waiter?
        var chunks = RingHTTPChunks()
        var received: Int64 = 0
        var task: URLSessionTask?
        var isSuspended = false
        var watch: Task<Void, Never>?

        /// The task to resume now, and with what.
        mutating func takeWakeUp() -> WakeUp? {
            guard let delivery = self.exchange.deliver(), let waiter = self.takeWaiter() else { return nil }
            return WakeUp(waiter: waiter, delivery: delivery)
        }

        mutating func takeWaiter() -> Waiter? {
            defer { self.waiter = nil }
            return self.waiter
        }
    }

    private struct WakeUp {
        var waiter: Waiter
        var delivery: Delivery
        func perform() { self.waiter.resume(returning: self.delivery) }
    }

    init(
        _ request: RingHTTPRequest, _ context: RingRequestContext, _ configuration: RingURLSessionConfiguration,
        _ failure: RingTransportFailure
    ) throws {
        self.failure = failure
        self.isHead = request.method == .head
        self.maximumBodyBytes =
            context.operation.lane == .media ? configuration.maximumMediaBytes : configuration.maximumDocumentBytes
        self.maximumBufferedBytes = configuration.maximumBufferedBytes
        self.clock = configuration.clock
        var limits = try RingTransportChecks.limits(
            context, standard: Limits(configuration.timeouts), clock: configuration.clock)
        // Without a report of the connection, the time until the first byte has one limit.
        limits.firstByte = limits.firstByte.map { $0.addingReportingOverflow(limits.connect ?? 0) }
            .map { $0.overflow ? .max : $0.partialValue }
        limits.connect = nil
        let now = configuration.clock.uptime().clampedNanoseconds
        var progress = RingHTTPExchangeProgress(limits: limits, now: now)
        _ = progress.advance(to: .waiting, now: now)
        self.state = Mutex(State(progress: progress))
    }

    private var now: Int64 { self.clock.uptime().clampedNanoseconds }

    // MARK: For the caller

    /// Starts `task` and waits for the response's head.
    func response(_ task: URLSessionTask) async throws -> RingHTTPResponse {
        let delivery = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                let isSent = self.state.withLock { state in
                    guard state.exchange.sent() else { return false }
                    state.waiter = waiter
                    state.task = task
                    return true
                }
                guard isSent else {
                    task.cancel()
                    return waiter.resume(returning: .failure(CancellationError()))
                }
                task.resume()
                self.startWatch()
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
                body: RingHTTPBody(streaming: SessionBody(exchange: self), length: head.bodyLength))
        case .failure(let error): throw self.failure.thrown(error)
        // No body comes before its head.
        case .chunk, .end: throw CancellationError()
        }
    }

    /// The next piece of the body, waiting for it; `nil` at the end.
    func nextChunk() async throws -> [UInt8]? {
        if Task.isCancelled { self.cancel() }
        let delivery = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                let now = self.now
                let delivery = self.state.withLock { state -> Delivery? in
                    let action = state.exchange.chunkRequested(waits: true)
                    switch action {
                    case .deliver(let delivery): return delivery
                    case .refuse: return .failure(self.failure.secondReader())
                    case .wait, .resumeReceiving:
                        state.waiter = waiter
                        _ = state.progress.resume(now: now)
                        if state.isSuspended {
                            state.isSuspended = false
                            state.task?.resume()
                        }
                        return nil
                    }
                }
                if let delivery { waiter.resume(returning: delivery) }
            }
        } onCancel: {
            self.cancel()
        }
        switch delivery {
        case .chunk(let chunk): return chunk
        case .failure(let error): throw self.failure.thrown(error)
        case .end, .head, .response: return nil
        }
    }

    /// Ends the exchange at once, whatever it is doing.
    func cancel() {
        let (cancellation, waiter) = self.state.withLock { state in
            (state.exchange.cancelled(), state.takeWaiter())
        }
        waiter?.resume(returning: .failure(CancellationError()))
        if cancellation.endsTransfer { self.endTransfer() }
    }

    // MARK: For the delegate

    func receive(_ response: URLResponse) {
        // swift-corelibs-foundation reports interim responses, too.
        guard let response = response as? HTTPURLResponse, response.statusCode >= 200 || response.statusCode == 101
        else {
            return
        }
        let head = SessionResponse.head(response, isHead: self.isHead)
        let now = self.now
        let wakeUp = self.state.withLock { state in
            state.exchange.headArrived(head)
            _ = state.progress.advance(to: .receivingBody, now: now)
            return state.takeWakeUp()
        }
        wakeUp?.perform()
    }

    func receive(_ data: Data) {
        guard !data.isEmpty else { return }
        let now = self.now
        let (wakeUp, error) = self.state.withLock { state -> (WakeUp?, RingError?) in
            state.received += Int64(data.count)
            if let limit = self.maximumBodyBytes, state.received > limit {
                return (nil, self.failure.responseTooLarge(maximumBytes: limit, status: state.exchange.status))
            }
            state.progress.noteActivity(now: now)
            unsafe data.withUnsafeBytes { unsafe state.chunks.append($0, announced: nil) }
            state.exchange.chunksArrived(&state.chunks)
            let wakeUp = state.takeWakeUp()
            // What waits for the reader is no silence of the server's.
            if state.exchange.bufferedByteCount > 0 { state.progress.pauseReceiving() }
            #if canImport(Darwin)
            // On Linux a suspended task starts over, so it is not suspended there.
            if !state.isSuspended, state.exchange.stopsReceiving(at: self.maximumBufferedBytes) {
                state.isSuspended = true
                state.task?.suspend()
            }
            #endif
            return (wakeUp, nil)
        }
        wakeUp?.perform()
        if let error { self.fail(error) }
    }

    /// The task has ended, in order or with an error.
    ///
    /// - Parameter response: The response by the task. A refused redirect without a body may end without another report of it.
    func complete(_ error: (any Error)?, _ response: URLResponse?) {
        if error == nil, let response, self.state.withLock({ $0.exchange.status }) == nil { self.receive(response) }
        let status = self.state.withLock { $0.exchange.status }
        if let error { return self.fail(SessionResponse.error(error, self.failure, status: status)) }
        guard status != nil else {
            return self.fail(self.failure.error(self.failure.closedWithoutResponse, delivery: .unknown))
        }
        let (wakeUp, watch) = self.state.withLock { state in
            state.exchange.completed()
            return (state.takeWakeUp(), state.watch)
        }
        watch?.cancel()
        wakeUp?.perform()
    }

    private func fail(_ error: RingError) {
        let wakeUp = self.state.withLock { state in
            state.exchange.failed(error, discardsBody: error.code == .deadlineExceeded)
            return state.takeWakeUp()
        }
        self.endTransfer()
        wakeUp?.perform()
    }

    private func endTransfer() {
        let (task, watch) = self.state.withLock { ($0.task, $0.watch) }
        task?.cancel()
        watch?.cancel()
    }

    // MARK: Limits

    private func startWatch() {
        let clock = self.clock
        let watch = Task { [weak self] in
            while let wait = self?.checkLimits(), (try? await clock.sleep(for: wait)) != nil {}
        }
        let isEnded = self.state.withLock { state in
            state.watch = watch
            return state.exchange.isEnded
        }
        if isEnded { watch.cancel() }
    }

    /// Ends the exchange when a limit has passed. Otherwise returns how long to wait before the next check; `nil` for ever.
    private func checkLimits() -> Duration? {
        let now = self.now
        let (progress, isEnded, status) = self.state.withLock {
            ($0.progress, $0.exchange.isEnded, $0.exchange.status)
        }
        guard !isEnded else { return nil }
        if let limit = progress.overdue(at: now) {
            self.fail(self.failure.overdue(limit, progress.limits, status: status, delivery: .unknown))
            return nil
        }
        // The limit of silence may begin meanwhile, and then it is the next.
        let wait = min(progress.nextExpiry - now, progress.limits.silence ?? .max)
        return progress.nextExpiry == .max && progress.limits.silence == nil ? nil : .nanoseconds(max(1, wait))
    }
}

/// A response's body while it arrives. When the last copy is gone, the task is cancelled.
private struct SessionBody: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    fileprivate final class Holder: Sendable {
        let exchange: SessionExchange
        init(_ exchange: SessionExchange) { self.exchange = exchange }
        deinit { self.exchange.cancel() }
    }

    private let holder: Holder

    init(exchange: SessionExchange) { self.holder = Holder(exchange) }

    func makeAsyncIterator() -> Iterator { Iterator(holder: self.holder) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let holder: Holder

        mutating func next() async throws -> [UInt8]? { try await self.holder.exchange.nextChunk() }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            try await self.holder.exchange.nextChunk()
        }
    }
}
