internal import Synchronization

/// Hands a streamed body from a task to the engine's thread, one piece at a time.
final class BodyPump: Sendable {
    /// What `read(into:)` returns at the end and after a failure, in libmicrohttpd's numbers.
    static let ended = -1
    static let failed = -2

    private enum Outcome { case open, ended, failed }

    private struct State {
        var piece: ArraySlice<UInt8> = []
        var outcome = Outcome.open
        var sent: Int64 = 0
        var isSuspended = false
        var isDetached = false
        var producer: CheckedContinuation<Void, Never>?
        var task: Task<Void, Never>?
    }

    private let connection: EngineConnection
    private let watch: DisconnectWatch
    private let cutAfter: Int64
    private let stallAfter: Int64
    /// Whether the client had closed its own side when the response began: it waits for the body nevertheless. One that does so
    /// later has left.
    private let isHalfClosed: Bool
    private let state = Mutex(State())

    init(
        connection: EngineConnection, watch: DisconnectWatch, cutAfter: Int64 = .max, stallAfter: Int64 = .max
    ) {
        self.connection = connection
        self.watch = watch
        self.cutAfter = cutAfter
        self.stallAfter = stallAfter
        self.isHalfClosed = stallAfter == .max && connection.hasEnded
    }

    // MARK: On the engine's thread

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let (result, producer) = self.state.withLock { state -> (Int, CheckedContinuation<Void, Never>?) in
            if state.outcome == .failed || state.sent >= self.cutAfter { return (Self.failed, nil) }
            let isStalled = state.sent >= self.stallAfter
            if state.piece.isEmpty || isStalled {
                if state.outcome == .ended && !isStalled { return (Self.ended, nil) }
                // Inside the lock, so that nobody resumes what is not suspended yet.
                state.isSuspended = true
                self.connection.suspend()
                self.watch.add(self.connection.socket, isHalfClosed: self.isHalfClosed) { [weak self] in self?.fail() }
                return (0, nil)
            }
            let capacity = Int(clamping: min(self.cutAfter, self.stallAfter) - state.sent)
            let count = min(buffer.count, state.piece.count, capacity)
            let part = state.piece.prefix(count)
            unsafe buffer.copyBytes(from: part)
            state.piece = state.piece.dropFirst(count)
            state.sent += Int64(count)
            guard state.piece.isEmpty else { return (count, nil) }
            return (count, state.producer.take())
        }
        producer?.resume()
        return result
    }

    /// The engine will not ask again.
    func detach() {
        let (task, producer) = self.state.withLock { state in
            state.isDetached = true
            state.outcome = .failed
            state.piece = []
            return (state.task.take(), state.producer.take())
        }
        task?.cancel()
        producer?.resume()
    }

    // MARK: On any thread

    func start(_ task: Task<Void, Never>) {
        let isLate = self.state.withLock { state in
            state.task = task
            return state.isDetached
        }
        if isLate { task.cancel() }
    }

    /// Offers a piece and waits until the engine took all of it; `false` when nobody wants more.
    func push(_ bytes: [UInt8]) async -> Bool {
        guard !bytes.isEmpty else { return true }
        let isWanted = self.state.withLock { state in
            guard state.outcome == .open else { return false }
            state.piece = bytes[...]
            self.wake(&state)
            return true
        }
        guard isWanted else { return false }
        await withCheckedContinuation { continuation in
            let isTaken = self.state.withLock { state in
                if !state.piece.isEmpty { state.producer = continuation }
                return state.piece.isEmpty
            }
            if isTaken { continuation.resume() }
        }
        return self.state.withLock { $0.outcome == .open }
    }

    func finish() { self.close(.ended) }

    func fail() { self.close(.failed) }

    private func close(_ outcome: Outcome) {
        let producer = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.outcome == .open || outcome == .failed { state.outcome = outcome }
            guard outcome == .failed else {
                if state.sent < self.stallAfter { self.wake(&state) }
                return nil
            }
            state.piece = []
            self.wake(&state)
            return state.producer.take()
        }
        producer?.resume()
    }

    /// Inside the lock, so that the engine is not stopped in between.
    private func wake(_ state: inout State) {
        guard state.isSuspended, !state.isDetached else { return }
        state.isSuspended = false
        self.watch.remove(self.connection.socket)
        self.connection.resume()
    }
}
