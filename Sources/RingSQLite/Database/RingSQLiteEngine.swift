internal import Dispatch
internal import Synchronization

/// One connection, the queue that uses it, and how many open databases share it.
final class RingSQLiteEngine: Sendable {
    let location: RingSQLiteDatabase.Location
    /// The file; `nil` for memory.
    let identity: RingSQLiteFile.Identity?
    private let options: RingSQLiteOptions
    // A serial queue has threads of its own; blocking one takes none from Swift's concurrency.
    private let queue = DispatchQueue(label: "ring.sqlite")
    private let state = Mutex(State())

    private struct State {
        var connection: RingSQLiteConnection?
        var waiting: [RingSQLiteJob] = []
        var isScheduled = false
        /// The open databases, and those that are being opened.
        var users = 1
    }

    init(_ location: RingSQLiteDatabase.Location, identity: RingSQLiteFile.Identity?, options: RingSQLiteOptions) {
        self.location = location
        self.identity = identity
        self.options = options
    }

    /// Counts one more user, who then calls ``open(completion:)``.
    ///
    /// - Returns: `false` when nobody uses it: it closes its file, and a new file may have the same number already.
    func join() -> Bool {
        self.state.withLock { state in
            guard state.users > 0 else { return false }
            state.users += 1
            return true
        }
    }

    /// Whether nobody uses it.
    var isUnused: Bool { self.state.withLock { $0.users == 0 } }

    /// Opens the connection, unless another user has.
    ///
    /// - Parameter completion: Called on the queue with success or a ``RingSQLiteError``; the caller is no user then.
    func open(completion: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        self.queue.async {
            do {
                if self.state.withLock({ $0.connection == nil }) {
                    let connection = try RingSQLiteOpening.open(self.location, self.identity, self.options)
                    self.state.withLock { $0.connection = connection }
                }
                completion(.success(()))
            } catch {
                self.leave()
                completion(.failure(error))
            }
        }
    }

    /// Ends one use after the calls under way; the last one closes the connection.
    ///
    /// - Parameters:
    ///   - holder: Whose leases end.
    ///   - completion: Called on the queue at the end.
    func release(holder: RingSQLiteLeaseHolder?, completion: @escaping @Sendable () -> Void = {}) {
        guard let holder else {
            return self.queue.async {
                self.leave()
                completion()
            }
        }
        let giveUp = RingSQLiteJob(
            mode: .write(hasSavepoint: true, shrinks: false), run: { try $0.remove(holder) },
            // When that fails, the leases end with the process or by time.
            finish: { _ in
                self.queue.async {
                    self.leave()
                    completion()
                }
            })
        self.enqueue(giveUp)
    }

    /// On the queue. Nobody joins after the last user; whoever opens the file meanwhile makes a new engine.
    private func leave() {
        let connection = self.state.withLock { state in
            state.users -= 1
            defer { if state.users == 0 { state.connection = nil } }
            return state.users == 0 ? state.connection : nil
        }
        connection?.close()
        RingSQLiteRegistry.removeUnused(self)
    }

    var closed: RingSQLiteError {
        RingSQLiteError(code: .closed, message: "\(self.location.text) was closed; open it anew")
    }

    func perform<Value: Sendable>(
        _ mode: RingSQLiteJob.Mode, _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let box = RingSQLiteBox<Value>()
            self.enqueue(
                RingSQLiteJob(
                    mode: mode,
                    run: { connection in
                        let value = try body(connection)
                        box.value.withLock { $0 = value }
                    },
                    finish: { error in
                        if let error { return continuation.resume(throwing: error) }
                        guard let value = box.value.withLock({ $0 }) else {
                            return continuation.resume(
                                throwing: RingSQLiteError(code: .misuse, message: "a change ended without its result"))
                        }
                        continuation.resume(returning: value)
                    }))
        }
    }

    private func enqueue(_ job: RingSQLiteJob) {
        let mustSchedule = self.state.withLock { state in
            state.waiting.append(job)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { self.queue.async { self.drain() } }
    }

    /// Runs on the queue until nothing waits.
    private func drain() {
        while true {
            let (jobs, connection) = self.state.withLock { state in
                let jobs = state.waiting
                state.waiting = []
                if jobs.isEmpty { state.isScheduled = false }
                return (jobs, state.connection)
            }
            if jobs.isEmpty { return }
            guard let connection else {
                for job in jobs { job.finish(self.closed) }
                continue
            }
            RingSQLiteBatch(connection: connection, maximumGroup: self.options.maximumGroup).run(jobs)
        }
    }
}
