internal import Foundation
internal import RingCore
internal import Synchronization

#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif

/// One request and its answer, shared by the task that asked and URLSession's delegate queue.
///
/// Continuations are taken under the lock and resumed after it.
final class SessionExchange: Sendable {
    let operation: RingOperation
    let host: String
    private let isHead: Bool
    private let byteLimit: Int64?
    private let configuration: RingURLSessionConfiguration
    private let limits: SessionLimits
    private let state: Mutex<State>

    private struct State {
        var task: URLSessionTask?
        var watch: Task<Void, Never>?
        var head: Head?
        var headWaiter: CheckedContinuation<Head, any Error>?
        var bodyWaiter: CheckedContinuation<[UInt8]?, any Error>?
        var chunks: [[UInt8]] = []
        var buffered = 0
        var received: Int64 = 0
        var isSuspended = false
        var isFinished = false
        var error: (any Error)?
        var lastActivity: Duration
    }

    struct Head: Sendable {
        var status: Int
        var fields: RingHTTPFields
        var length: Int64?
    }

    init(
        _ request: RingHTTPRequest, _ context: RingRequestContext, _ configuration: RingURLSessionConfiguration
    ) throws {
        self.operation = context.operation
        self.host = request.url.host() ?? "the host"
        self.isHead = request.method == .head
        self.byteLimit = context.operation.isMedia ? configuration.mediaByteLimit : configuration.documentByteLimit
        self.configuration = configuration
        let now = configuration.clock.uptime()
        self.limits = SessionLimits(context, configuration, start: now)
        self.state = Mutex(State(lastActivity: now))
        if let deadline = context.deadline, deadline.uptime <= now {
            throw SessionFailure.overdue(.deadline, self.operation, self.host, isSent: false, status: nil)
        }
    }

    // MARK: For the caller

    func answer(_ task: URLSessionTask) async throws -> RingHTTPResponse {
        let head = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Head, any Error>) in
                let error = self.state.withLock { state -> (any Error)? in
                    if let error = state.error { return error }
                    state.task = task
                    state.headWaiter = waiter
                    return nil
                }
                if let error {
                    task.cancel()
                    return waiter.resume(throwing: error)
                }
                task.resume()
                self.startWatch()
            }
        } onCancel: {
            self.end(with: CancellationError())
        }
        return RingHTTPResponse(
            status: head.status, headerFields: head.fields,
            body: RingHTTPBody(streaming: SessionBody(exchange: self), length: head.length))
    }

    func nextChunk() async throws -> [UInt8]? {
        if Task.isCancelled { self.end(with: CancellationError()) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<[UInt8]?, any Error>) in
                let ready = self.state.withLock { state -> Result<[UInt8]?, any Error>? in
                    if let ready = Self.take(&state) {
                        if state.isSuspended, state.buffered <= self.configuration.bodyBuffer / 2 {
                            state.isSuspended = false
                            state.lastActivity = self.configuration.clock.uptime()
                            state.task?.resume()
                        }
                        return ready
                    }
                    guard state.bodyWaiter == nil else {
                        return .failure(
                            RingError(
                                code: .closed,
                                message: "this body is already being read; a streamed body has one reader",
                                operation: self.operation, delivery: .answered))
                    }
                    state.bodyWaiter = waiter
                    return nil
                }
                if let ready { waiter.resume(with: ready) }
            }
        } onCancel: {
            self.end(with: CancellationError())
        }
    }

    /// Nobody wants the rest.
    func abandon() { self.end(with: CancellationError()) }

    private static func take(_ state: inout State) -> Result<[UInt8]?, any Error>? {
        if let error = state.error, !Self.keepsWhatCame(error) { return .failure(error) }
        if !state.chunks.isEmpty {
            let chunk = state.chunks.removeFirst()
            state.buffered -= chunk.count
            return .success(chunk)
        }
        if let error = state.error { return .failure(error) }
        return state.isFinished ? .success(nil) : nil
    }

    /// Time that is up is up, and a cancelled reader wants nothing; a lost connection gives what came before.
    private static func keepsWhatCame(_ error: any Error) -> Bool {
        guard let error = error as? RingError else { return false }
        return error.code != .deadlineExceeded
    }

    // MARK: For the delegate

    func receive(_ response: URLResponse) {
        guard let response = response as? HTTPURLResponse else { return }
        let head = SessionHead.make(response, isHead: self.isHead)
        let now = self.configuration.clock.uptime()
        let waiter = self.state.withLock { state -> CheckedContinuation<Head, any Error>? in
            guard state.head == nil else { return nil }
            state.head = head
            state.lastActivity = now
            defer { state.headWaiter = nil }
            return state.headWaiter
        }
        waiter?.resume(returning: head)
    }

    func receive(_ data: Data) {
        guard !data.isEmpty else { return }
        let now = self.configuration.clock.uptime()
        let (waiter, isTooLarge) = self.state.withLock { state -> (CheckedContinuation<[UInt8]?, any Error>?, Bool) in
            state.lastActivity = now
            state.received += Int64(data.count)
            if let limit = self.byteLimit, state.received > limit { return (nil, true) }
            if let waiter = state.bodyWaiter {
                state.bodyWaiter = nil
                return (waiter, false)
            }
            state.chunks.append([UInt8](data))
            state.buffered += data.count
            #if canImport(Darwin)
            // On Linux a suspended task starts over, so there is nothing to be done there.
            if state.buffered >= self.configuration.bodyBuffer, !state.isSuspended {
                state.isSuspended = true
                state.task?.suspend()
            }
            #endif
            return (nil, false)
        }
        waiter?.resume(returning: [UInt8](data))
        if isTooLarge {
            self.end(
                with: RingError(
                    code: .responseTooLarge,
                    message:
                        "the body is larger than the \(self.byteLimit ?? 0) bytes allowed; raise the transport's cap "
                        + "if such an answer is expected", operation: self.operation, delivery: .answered))
        }
    }

    func finish(_ error: (any Error)?) {
        let status = self.state.withLock { $0.head?.status }
        if let error {
            return self.end(with: SessionFailure.make(error, self.operation, self.host, status: status))
        }
        guard status != nil else {
            return self.end(with: SessionFailure.noAnswer(self.operation, self.host))
        }
        self.end(with: nil)
    }

    /// Ends the exchange once; what comes later changes nothing.
    private func end(with error: (any Error)?) {
        let (task, watch, head, body) = self.state.withLock { state in
            guard !state.isFinished else { return (nil, nil, nil, nil) as Ends }
            state.isFinished = true
            state.error = error
            defer {
                state.headWaiter = nil
                state.bodyWaiter = nil
            }
            return (error == nil ? nil : state.task, state.watch, state.headWaiter, state.bodyWaiter) as Ends
        }
        task?.cancel()
        watch?.cancel()
        if let error {
            head?.resume(throwing: error)
            body?.resume(throwing: error)
        } else {
            body?.resume(returning: nil)
        }
    }

    private typealias Ends = (
        URLSessionTask?, Task<Void, Never>?, CheckedContinuation<Head, any Error>?,
        CheckedContinuation<[UInt8]?, any Error>?
    )

    // MARK: Limits

    private func startWatch() {
        let clock = self.configuration.clock
        let watch = Task { [weak self] in
            while let wait = self?.checkLimits(), (try? await clock.sleep(for: wait)) != nil {}
        }
        let isFinished = self.state.withLock { state in
            state.watch = watch
            return state.isFinished
        }
        if isFinished { watch.cancel() }
    }

    /// Ends the exchange when a limit has passed; otherwise how long to wait before looking again.
    private func checkLimits() -> Duration? {
        let now = self.configuration.clock.uptime()
        let (isFinished, status, next) = self.state.withLock { state in
            (
                state.isFinished, state.head?.status,
                self.limits.next(
                    hasHead: state.head != nil, isPaused: state.isSuspended || state.buffered > 0,
                    lastActivity: state.lastActivity)
            )
        }
        guard !isFinished else { return nil }
        guard let next else { return .seconds(1) }
        guard next.at <= now else { return next.at - now }
        self.end(
            with: SessionFailure.overdue(next.limit, self.operation, self.host, isSent: true, status: status))
        return nil
    }
}
