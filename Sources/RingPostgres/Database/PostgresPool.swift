internal import Dispatch
internal import RingCore
internal import Synchronization

/// Statements of one caller, as one transaction.
struct PostgresJob: Sendable {
    enum Kind {
        /// It changes nothing, or nothing that a second time would change: it is sent again after a lost connection.
        case repeatable
        /// A change that shares a commit with others that wait.
        case change
        /// A change in a transaction of its own, because it locks records that only the server chooses.
        case alone
    }

    var calls: [PostgresCall]
    var kind: Kind
    /// When the caller no longer waits for a connection.
    var end: ContinuousClock.Instant
    /// Called once, on the connection's thread.
    var finish: @Sendable (Result<[PostgresResult], PostgresFailure>) -> Void
}

/// A few connections, each with a thread of its own, and the jobs that wait for one.
///
/// libpq blocks: its threads are not those of Swift's concurrency. A connection that failed is replaced; jobs wait for that
/// as long as ``RingPostgresOptions/connectionTimeout``.
final class PostgresPool: Sendable {
    let settings: PostgresSettings
    let options: RingPostgresOptions
    private let state: Mutex<State>
    private let lanes: [Lane]
    /// Connections of transactions that have ended.
    private let spares = Mutex(Spares())

    /// One connection and the thread that uses it.
    private final class Lane: Sendable {
        let number: Int
        let queue: DispatchQueue
        /// Touched on the queue only.
        let connection = Mutex<Held>(Held())

        init(number: Int) {
            self.number = number
            self.queue = DispatchQueue(label: "ring.postgres.\(number)")
        }
    }

    /// `@unchecked Sendable` because a connection holds a C handle: only the queue of its lane touches it.
    private struct Held: @unchecked Sendable {
        var connection: PostgresConnection?
        var usedAt = ContinuousClock.now
    }

    /// `@unchecked Sendable` because connections hold C handles: whoever takes one out is the only one to use it.
    private struct Spares: @unchecked Sendable {
        var connections: [PostgresConnection] = []
    }

    private struct State {
        var waiting: [PostgresJob] = []
        /// The lanes that do nothing; the last one was used last.
        var idle: [Int]
        /// The lanes that have a connection, as far as is known.
        var connected: Set<Int> = []
        var isClosed = false
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    init(_ settings: PostgresSettings, _ options: RingPostgresOptions) {
        self.settings = settings
        self.options = options
        let count = max(options.maximumConnections, 1)
        self.lanes = (0..<count).map(Lane.init)
        self.state = Mutex(State(idle: Array((0..<count).reversed())))
    }

    // MARK: Callers

    /// Runs statements as one transaction.
    ///
    /// - Throws: ``PostgresFailure``.
    func run<Value: Sendable>(
        _ calls: [PostgresCall], _ kind: PostgresJob.Kind, _ convert: @escaping @Sendable ([PostgresResult]) -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            self.enqueue(
                PostgresJob(
                    calls: calls, kind: kind, end: .now + self.options.connectionTimeout,
                    finish: { continuation.resume(with: $0.map(convert).mapError { $0 }) }))
        }
    }

    func enqueue(_ job: PostgresJob) {
        let lane: Int?? = self.state.withLock { state in
            if state.isClosed { return .none }
            state.waiting.append(job)
            return .some(state.idle.popLast())
        }
        switch lane {
        case .none: job.finish(.failure(Self.closed))
        case .some(.none): break
        case .some(.some(let number)): self.start(number)
        }
    }

    static let closed = PostgresFailure(kind: .closed, text: "the database was closed")

    /// Refuses further jobs, and returns when the connections are closed.
    func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isDone = self.state.withLock { state in
                state.isClosed = true
                if state.waiting.isEmpty, state.idle.count == self.lanes.count { return true }
                state.closing.append(continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
        self.spares.withLock { $0.connections = [] }
        for lane in self.lanes {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                lane.queue.async {
                    lane.connection.withLock { $0.connection = nil }
                    continuation.resume()
                }
            }
        }
    }

    // MARK: Connections of transactions

    /// A connection that nobody else uses. Blocks, as long as a call waits for one.
    ///
    /// - Throws: ``PostgresFailure``.
    func spare() throws -> PostgresConnection {
        let end = ContinuousClock.now + self.options.connectionTimeout
        while true {
            guard !self.isClosed else { throw Self.closed }
            let kept = self.spares.withLock { spares in
                Spares(connections: spares.connections.popLast().map { [$0] } ?? [])
            }
            guard let connection = kept.connections.first else { break }
            if !connection.isStale() { return connection }
        }
        return try self.newConnection { failure, pause in failure.isFinal || self.isClosed || end <= .now + pause }
    }

    var waitingCount: Int { self.state.withLock { $0.waiting.count } }

    private var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// Keeps a connection for the next transaction.
    func keep(_ connection: PostgresConnection) {
        let isClosed = self.isClosed
        let kept = Spares(connections: [connection])
        self.spares.withLock { spares in
            if !isClosed, spares.connections.count < self.options.maximumConnections {
                spares.connections += kept.connections
            }
        }
    }

    /// Connects, and tries again until it is told to stop.
    ///
    /// - Parameter stops: Called after each failure, with the pause until the next attempt.
    private func newConnection(_ stops: (PostgresFailure, Duration) -> Bool) throws -> PostgresConnection {
        var pause: Duration?
        while true {
            do {
                let connection = try PostgresConnection.open(self.settings.parameters, classifies: pause == nil)
                try connection.script(self.options.sessionScript, within: self.options.limit)
                return connection
            } catch {
                let next = pause.map { min($0 * 2, .milliseconds(800)) } ?? .milliseconds(50)
                let failure = error as? PostgresFailure ?? PostgresFailure(kind: .unreachable, text: "\(error)")
                if stops(failure, next) { throw failure }
                Self.sleep(next)
                pause = next
            }
        }
    }

    // MARK: Lanes

    private func start(_ number: Int) {
        self.lanes[number].queue.async { self.drain(number) }
    }

    /// Runs on the lane's thread until nothing waits, or the server has no connection for this lane while it has some for others.
    private func drain(_ number: Int) {
        while let jobs = self.next(number) {
            guard self.run(jobs, on: self.lanes[number]) else { return self.rest(number) }
        }
    }

    /// Leaves the work to the lanes with a connection. This one is the last that is asked again.
    private func rest(_ number: Int) {
        let other: Int? = self.state.withLock { state in
            state.idle.insert(number, at: 0)
            // Somebody has to work on what was put back.
            guard !state.waiting.isEmpty, let place = state.idle.lastIndex(where: state.connected.contains) else {
                return state.waiting.isEmpty || state.idle.count < self.lanes.count ? nil : state.idle.popLast()
            }
            return state.idle.remove(at: place)
        }
        if let other { self.start(other) }
    }

    /// Puts jobs back for the lanes that have a connection.
    ///
    /// - Returns: `false` when there is none.
    private func putBack(_ jobs: [PostgresJob], from number: Int) -> Bool {
        self.state.withLock { state in
            state.connected.remove(number)
            guard !state.connected.isEmpty, !state.isClosed else { return false }
            state.waiting.insert(contentsOf: jobs, at: 0)
            return true
        }
    }

    /// The jobs for a lane: a fair part of those that wait.
    private func next(_ number: Int) -> [PostgresJob]? {
        let (jobs, closing): ([PostgresJob]?, [CheckedContinuation<Void, Never>]) = self.state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.idle.append(number)
                guard state.isClosed, state.idle.count == self.lanes.count else { return (nil, []) }
                defer { state.closing = [] }
                return (nil, state.closing)
            }
            let count = min(state.waiting.count, self.options.maximumGroup)
            defer { state.waiting.removeFirst(count) }
            return (Array(state.waiting.prefix(count)), [])
        }
        for continuation in closing { continuation.resume() }
        return jobs
    }

    /// - Returns: `false` when jobs were put back, because this lane gets no connection.
    private func run(_ jobs: [PostgresJob], on lane: Lane) -> Bool {
        lane.connection.withLock { held in
            let changes = jobs.filter { $0.kind == .change }
                .map { (job: $0, record: $0.calls.first?.firstRecord ?? []) }
            let ordered = changes.sorted { $0.record.lexicographicallyPrecedes($1.record) }.map(\.job)
            let hasRead = self.perform(jobs.filter { $0.kind == .repeatable }, &held, lane.number, .repeatable)
            let hasTaken = self.perform(jobs.filter { $0.kind == .alone }, &held, lane.number, .alone)
            return self.perform(ordered, &held, lane.number, .change) && hasTaken && hasRead
        }
    }

    /// Runs jobs in one round trip.
    ///
    /// - Parameter kind: That of all of them. Changes share one transaction, and so one write to the server's disk. Each statement
    ///   decides for itself whether it changes anything, so that one caller's refused change is not another one's.
    /// - Returns: `false` when the jobs were put back.
    private func perform(_ jobs: [PostgresJob], _ held: inout Held, _ number: Int, _ kind: PostgresJob.Kind) -> Bool {
        var jobs = jobs
        var isRepeated = false
        while !jobs.isEmpty {
            guard let connection = self.connection(&held, number, for: &jobs) else { return jobs.isEmpty }
            do {
                if kind == .change, jobs.count > 1 {
                    try self.together(&jobs, connection)
                } else {
                    try self.apart(&jobs, connection)
                }
                held.usedAt = .now
                return true
            } catch {
                held.connection = nil
                self.state.withLock { _ = $0.connected.remove(number) }
                let failure = error as? PostgresFailure ?? PostgresFailure(kind: .lost, text: "\(error)")
                // A read may be repeated; a change that was sent may have been made.
                if kind != .repeatable || isRepeated || failure.kind == .timedOut {
                    for job in jobs { job.finish(.failure(failure)) }
                    return true
                }
                isRepeated = true
            }
        }
        return true
    }

    /// Runs jobs in a transaction each.
    ///
    /// - Parameter jobs: Those that are finished are removed, also when the connection fails afterwards.
    private func apart(_ jobs: inout [PostgresJob], _ connection: PostgresConnection) throws {
        for _ in 0..<4 {
            let outcomes = try connection.run(groups: jobs.map(\.calls), within: self.options.limit)
            var rest: [PostgresJob] = []
            for (job, outcome) in zip(jobs, outcomes) {
                if case .failure(let failure) = outcome {
                    if failure.isTransient {
                        rest.append(job)
                        continue
                    }
                    // Such as on a server that is a standby by now: the next call looks for the primary.
                    if failure.needsOtherConnection { connection.giveUp() }
                }
                job.finish(outcome)
            }
            jobs = rest
            if jobs.isEmpty { return }
        }
        let failure = PostgresFailure(
            kind: .refused(sqlState: "40P01"), text: "other transactions interfered four times")
        for job in jobs { job.finish(.failure(failure)) }
        jobs = []
    }

    /// Runs jobs in one transaction, and each in its own when the server refuses one of them.
    ///
    /// - Parameter jobs: As in ``apart(_:_:)``.
    private func together(_ jobs: inout [PostgresJob], _ connection: PostgresConnection) throws {
        do {
            var results = try connection.run(jobs.flatMap(\.calls), within: self.options.limit)[...]
            for job in jobs {
                job.finish(.success(Array(results.prefix(job.calls.count))))
                results = results.dropFirst(job.calls.count)
            }
            jobs = []
        } catch let failure as PostgresFailure {
            guard case .refused = failure.kind, !failure.needsOtherConnection else { throw failure }
            // Undone as a whole: each change then gets its own verdict.
            try self.apart(&jobs, connection)
        }
    }

    /// The lane's connection, or a new one; `nil` when no job waits for one any longer, because all are finished, or those that are
    /// left were put back for other lanes.
    private func connection(
        _ held: inout Held, _ number: Int, for jobs: inout [PostgresJob]
    ) -> PostgresConnection? {
        if let connection = held.connection {
            if connection.isUsable, ContinuousClock.now - held.usedAt < .seconds(1) || !connection.isStale() {
                return connection
            }
            held.connection = nil
        }
        let connection = try? self.newConnection { failure, pause in
            let now = ContinuousClock.now
            let isClosed = self.isClosed
            let late = jobs.filter { isClosed || $0.end <= now + pause || failure.isFinal }
            jobs.removeAll { isClosed || $0.end <= now + pause || failure.isFinal }
            for job in late { job.finish(.failure(failure.beforeSending)) }
            return jobs.isEmpty || self.putBack(jobs, from: number)
        }
        guard let connection else { return nil }
        held.connection = connection
        held.usedAt = .now
        self.state.withLock { _ = $0.connected.insert(number) }
        return connection
    }

    private static func sleep(_ duration: Duration) {
        // On a thread that nothing else needs: that of a lane, or of a transaction.
        let (seconds, attoseconds) = duration.components
        let nanoseconds = Int(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .nanoseconds(nanoseconds))
    }
}

extension PostgresFailure {
    /// The same failure of a job of which nothing was sent.
    fileprivate var beforeSending: PostgresFailure {
        if case .rejected = self.kind { return self }
        return PostgresFailure(kind: .unreachable, text: self.text)
    }
}
