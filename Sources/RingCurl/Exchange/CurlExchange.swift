internal import RingCore
internal import Synchronization

/// One request and its answer, shared by the task that asked and the loop that does the work.
///
/// Continuations are taken under the lock and resumed after it: a resumed task may cancel another, whose handler takes
/// this lock.
final class CurlExchange: Sendable {
    let plan: CurlPlan
    let upload: CurlUpload?
    private let engine: CurlEngine
    private let state: Mutex<State>

    private struct State {
        var head: CurlHead?
        var headWaiter: CheckedContinuation<CurlAnswer, any Error>?
        var bodyWaiter: CheckedContinuation<[UInt8]?, any Error>?
        /// What arrived and was not read yet.
        var queue = CurlQueue()
        /// The loop waits for room.
        var isPaused = false
        /// Nothing more will come.
        var isFinished = false
        var error: RingError?
        /// The task was cancelled, or nobody wants the rest.
        var isCancelled = false
        var pump: Task<Void, Never>?
    }

    init(plan: CurlPlan, engine: CurlEngine) {
        self.plan = plan
        self.engine = engine
        self.upload = CurlUpload(plan.payload)
        self.state = Mutex(State())
    }

    // MARK: For the task

    /// Sends the request and waits for the answer's head.
    ///
    /// The closures run where the caller does: an async closure that captures no isolation would hop to Swift's pool and
    /// back, which costs a caller on an actor two thread switches.
    func answer(isolation: isolated (any Actor)?) async throws -> RingHTTPResponse {
        let answer = try await withTaskCancellationHandler {
            _ = isolation
            return try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<CurlAnswer, any Error>) in
                let isCancelled = self.state.withLock { state in
                    if !state.isCancelled { state.headWaiter = waiter }
                    return state.isCancelled
                }
                if isCancelled { return waiter.resume(throwing: CancellationError()) }
                self.engine.perform(.add(self))
                self.startPump()
            }
        } onCancel: {
            self.cancel()
        }
        switch answer {
        case .whole(let head, let bytes):
            return RingHTTPResponse(
                status: head.status, headerFields: self.describing(head), body: RingHTTPBody(bytes))
        case .streaming(let head):
            let body = CurlBody(exchange: self)
            return RingHTTPResponse(
                status: head.status, headerFields: self.describing(head),
                body: RingHTTPBody(streaming: body, length: self.length(head)))
        }
    }

    /// The next piece of the body, waiting for it; `nil` at the end.
    func nextChunk(isolation: isolated (any Actor)?) async throws -> [UInt8]? {
        if Task.isCancelled { self.cancel() }
        if let ready = try self.takeChunk() { return ready.chunk }
        // Whoever reads fast receives on a thread of its own, and nobody need be woken.
        if self.goesOn(), let ready = try self.takeChunk() { return ready.chunk }
        return try await withTaskCancellationHandler {
            _ = isolation
            return try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<[UInt8]?, any Error>) in
                // Something may have come since; then the waiter is not kept.
                let ready = Result { try self.takeChunk(orWaitWith: waiter) }
                switch ready {
                case .success(.none): break
                case .success(.some(let ready)): waiter.resume(returning: ready.chunk)
                case .failure(let error): waiter.resume(throwing: error)
                }
            }
        } onCancel: {
            self.cancel()
        }
    }

    /// Ends the exchange at once, whatever it is doing. Whoever waits is told without waiting for the loop.
    func cancel() {
        let (head, body, isNews) = self.state.withLock { state in
            let isNews = !state.isCancelled && !state.isFinished
            let waiters = (state.headWaiter, state.bodyWaiter)
            if isNews || waiters.0 != nil || waiters.1 != nil { state.isCancelled = true }
            state.headWaiter = nil
            state.bodyWaiter = nil
            return (waiters.0, waiters.1, isNews)
        }
        head?.resume(throwing: CancellationError())
        body?.resume(throwing: CancellationError())
        guard isNews else { return }
        self.endPump()
        self.engine.submit(.cancel(self))
    }

    /// Goes on receiving after a pause; says whether there was one.
    private func goesOn() -> Bool {
        let wasPaused = self.state.withLock { state in
            defer { state.isPaused = false }
            return state.isPaused
        }
        if wasPaused { self.engine.perform(.resume(self)) }
        return wasPaused
    }

    private struct Ready { var chunk: [UInt8]? }

    /// Takes what is there; `nil` when there is nothing yet, and then keeps `waiter`.
    private func takeChunk(orWaitWith waiter: CheckedContinuation<[UInt8]?, any Error>? = nil) throws -> Ready? {
        try self.state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            // Time that is up is up, whatever has arrived.
            if let error = state.error, error.code == .deadlineExceeded { throw error }
            if let chunk = state.queue.removeFirst() { return Ready(chunk: chunk) }
            if let error = state.error { throw error }
            if state.isFinished { return Ready(chunk: nil) }
            guard let waiter else { return nil }
            guard state.bodyWaiter == nil else {
                throw RingError(
                    code: .closed, message: "this body is already being read; a streamed body has one reader",
                    operation: self.plan.operation, delivery: .answered)
            }
            state.bodyWaiter = waiter
            return nil
        }
    }

    /// The fields as they are true of the body that is handed out.
    private func describing(_ head: CurlHead) -> RingHTTPFields {
        guard self.isInflated(head) else { return head.fields }
        return RingHTTPFields(head.fields.filter { $0.name != .contentLength && $0.name != .contentEncoding })
    }

    private func isInflated(_ head: CurlHead) -> Bool {
        self.plan.inflates && head.fields[.contentEncoding].map { $0.lowercased() != "identity" } ?? false
    }

    private func length(_ head: CurlHead) -> Int64? {
        if self.plan.method == "HEAD" || head.status == 204 || head.status == 304 { return 0 }
        if self.isInflated(head) || head.fields[.transferEncoding] != nil { return nil }
        return head.announced
    }

    private func startPump() {
        guard let upload, case .stream(let body, _) = self.plan.payload else { return }
        let engine = self.engine
        // Unstructured: it goes on after `answer()` has returned with the head of an early answer. It ends with the
        // exchange.
        let pump = Task { [weak self] in
            await upload.fill(from: body) { if let self { engine.submit(.resume(self)) } }
        }
        let isEnded = self.state.withLock { state in
            state.pump = pump
            return state.isFinished || state.isCancelled
        }
        if isEnded { self.endPump() }
    }

    private func endPump() {
        self.upload?.close()
        self.state.withLock { $0.pump }?.cancel()
    }

    // MARK: For the loop

    /// Whether nobody waits for it any more.
    var isEnded: Bool { self.state.withLock { $0.isCancelled } }

    func receive(_ head: CurlHead) { self.state.withLock { $0.head = head } }

    /// Ends an exchange for which there is no transfer, and says whom to tell.
    func refuse(_ error: RingError) -> CurlNews? {
        var nothing = CurlChunks()
        self.finish(with: error, &nothing)
        return self.settle(&nothing, isPaused: false).news
    }

    /// Whether there is no room for more beside what was gathered and not handed over yet. Then it wants to be asked again.
    func isFull(beside gathered: Int) -> Bool {
        self.state.withLock { state in
            guard state.queue.bytes + gathered >= self.plan.bodyBuffer else { return false }
            state.isPaused = true
            return true
        }
    }

    /// Notes the end, in order or with an error.
    func finish(with error: RingError?, _ chunks: inout CurlChunks) {
        self.state.withLock { state in
            state.queue.take(&chunks)
            state.isFinished = true
            state.error = error
        }
        self.endPump()
    }

    /// Takes what was gathered.
    ///
    /// - Parameter isPaused: Whether receiving has stopped until the reader has come for what there is.
    /// - Returns: Whom to tell what there is, how many bytes wait, and whether to stop receiving now. libcurl then stops
    ///   reading; a callback that has no room makes it copy what it has read already.
    func settle(_ chunks: inout CurlChunks, isPaused: Bool) -> (news: CurlNews?, waiting: Int, pauses: Bool) {
        self.state.withLock { state in
            state.queue.take(&chunks)
            let news = self.news(&state)
            let pauses =
                self.plan.lane == .media && state.queue.bytes >= min(self.plan.bodyBuffer, CurlChunks.size)
                && !isPaused && !state.isFinished
            state.isPaused = isPaused || pauses
            return (news, state.queue.bytes, pauses)
        }
    }

    private func news(_ state: inout State) -> CurlNews? {
        if let waiter = state.headWaiter {
            let result: Result<CurlAnswer, any Error>
            if let head = state.head {
                let isWhole = state.isFinished && state.error == nil
                result = .success(isWhole ? .whole(head, state.queue.removeAll()) : .streaming(head))
            } else if state.isFinished {
                // Without an error only when nobody wants the answer any more.
                result = .failure(state.error ?? CancellationError())
            } else {
                return nil
            }
            state.headWaiter = nil
            return .head(waiter, result)
        }
        guard let waiter = state.bodyWaiter else { return nil }
        let result: Result<[UInt8]?, any Error>
        if let chunk = state.queue.removeFirst() {
            result = .success(chunk)
        } else if state.isFinished {
            result = state.error.map { .failure($0) } ?? .success(nil)
        } else {
            return nil
        }
        state.bodyWaiter = nil
        return .body(waiter, result)
    }
}
