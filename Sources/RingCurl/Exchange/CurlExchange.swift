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
        var headWaiter: CheckedContinuation<Answer, any Error>?
        var bodyWaiter: CheckedContinuation<[UInt8]?, any Error>?
        /// What arrived and was not read yet.
        var chunks: [[UInt8]] = []
        var buffered = 0
        /// The loop waits for room.
        var isPaused = false
        /// Nothing more will come.
        var isFinished = false
        var error: RingError?
        /// The task was cancelled, or nobody wants the rest.
        var isCancelled = false
        var pump: Task<Void, Never>?
    }

    private enum Answer: Sendable {
        case whole(CurlHead, [UInt8])
        case streaming(CurlHead)
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
            return try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Answer, any Error>) in
                let isCancelled = self.state.withLock { state in
                    if !state.isCancelled { state.headWaiter = waiter }
                    return state.isCancelled
                }
                if isCancelled { return waiter.resume(throwing: CancellationError()) }
                self.engine.submit(.add(self))
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

    private struct Ready { var chunk: [UInt8]? }

    /// Takes what is there; `nil` when there is nothing yet, and then keeps `waiter`.
    private func takeChunk(orWaitWith waiter: CheckedContinuation<[UInt8]?, any Error>? = nil) throws -> Ready? {
        let (ready, wakesLoop): (Ready?, Bool) = try self.state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            // Time that is up is up, whatever has arrived.
            if let error = state.error, error.code == .deadlineExceeded { throw error }
            if !state.chunks.isEmpty {
                let chunk = state.chunks.removeFirst()
                state.buffered -= chunk.count
                let wakesLoop = state.isPaused && state.buffered <= self.plan.bodyBuffer / 2
                if wakesLoop { state.isPaused = false }
                return (Ready(chunk: chunk), wakesLoop)
            }
            if let error = state.error { throw error }
            if state.isFinished { return (Ready(chunk: nil), false) }
            guard let waiter else { return (nil, false) }
            guard state.bodyWaiter == nil else {
                throw RingError(
                    code: .closed, message: "this body is already being read; a streamed body has one reader",
                    operation: self.plan.operation, delivery: .answered)
            }
            state.bodyWaiter = waiter
            return (nil, false)
        }
        if wakesLoop { self.engine.submit(.resume(self)) }
        return ready
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

    /// Keeps a piece of the body; says `false` when there is no room, and that it wants to be asked again.
    func receive(_ piece: UnsafeRawBufferPointer) -> Bool {
        self.state.withLock { state in
            guard state.buffered < self.plan.bodyBuffer else {
                state.isPaused = true
                return false
            }
            state.buffered += piece.count
            // Many small pieces, such as TLS records, become few large ones.
            if let last = state.chunks.indices.last, state.chunks[last].count + piece.count <= 64 * 1024 {
                unsafe state.chunks[last].append(contentsOf: piece)
            } else {
                // Room for what is announced, so that the chunk is not copied while it grows; but none for a trickle, of
                // which many chunks may be kept.
                let announced = piece.count < 8 * 1024 ? 0 : Int(clamping: state.head?.announced ?? 0)
                var chunk: [UInt8] = []
                chunk.reserveCapacity(max(piece.count, min(64 * 1024, announced)))
                unsafe chunk.append(contentsOf: piece)
                state.chunks.append(chunk)
            }
            return true
        }
    }

    /// Notes the end, in order or with an error.
    func finish(with error: RingError?) {
        self.state.withLock { state in
            state.isFinished = true
            state.error = error
        }
        self.endPump()
    }

    /// Tells whoever waits what there is.
    func settle() {
        let wakes = self.state.withLock { state -> (() -> Void)? in
            if let waiter = state.headWaiter {
                if let head = state.head {
                    state.headWaiter = nil
                    guard state.isFinished, state.error == nil else {
                        return { waiter.resume(returning: .streaming(head)) }
                    }
                    let bytes = state.chunks.count == 1 ? state.chunks[0] : Array(state.chunks.joined())
                    state.chunks = []
                    return { waiter.resume(returning: .whole(head, bytes)) }
                }
                guard let error = state.error else { return nil }
                state.headWaiter = nil
                return { waiter.resume(throwing: error) }
            }
            guard let waiter = state.bodyWaiter else { return nil }
            if !state.chunks.isEmpty {
                let chunk = state.chunks.removeFirst()
                state.buffered -= chunk.count
                state.bodyWaiter = nil
                return { waiter.resume(returning: chunk) }
            }
            guard state.isFinished else { return nil }
            state.bodyWaiter = nil
            let error = state.error
            return { if let error { waiter.resume(throwing: error) } else { waiter.resume(returning: nil) } }
        }
        wakes?()
    }
}
