internal import Dispatch
internal import RingCore
internal import Synchronization

/// Tells other processes of changed records, and listens to what they tell.
///
/// Announcements are collected for a moment and sent in a transaction of their own, so that no commit waits for the lock that
/// PostgreSQL takes for them. They are hints: a lost one costs time and nothing else.
final class PostgresNotifications: Sendable {
    private let pool: PostgresPool
    private let sql: PostgresSQL
    private let process: Int64
    private let queue = DispatchQueue(label: "ring.postgres.notifications")
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        var isListening = false
        var isSending = false
        var changed: Set<RingStorageID> = []
        var lastID = 0
        var streams: [Int: (collection: String, continuation: AsyncStream<RingStorageID>.Continuation)] = [:]
    }

    /// How long announcements are collected.
    private static let pause = Duration.milliseconds(20)
    /// The most bytes of an announcement; the server's limit is 8,000.
    private static let maximumSize = 7_000

    init(_ pool: PostgresPool, _ sql: PostgresSQL, process: Int64) {
        self.pool = pool
        self.sql = sql
        self.process = process
    }

    // MARK: Announcing

    func announce(_ ids: [RingStorageID]) {
        let starts = self.state.withLock { state in
            guard !state.isClosed, state.changed.count < 1_000 else { return false }
            state.changed.formUnion(ids)
            defer { state.isSending = true }
            return !state.isSending
        }
        if starts { Task { await self.send() } }
    }

    private func send() async {
        while true {
            // Nobody cancels this task.
            try? await Task.sleep(for: Self.pause)
            let ids = self.state.withLock { state in
                defer { state.changed = [] }
                if state.changed.isEmpty { state.isSending = false }
                return state.changed
            }
            if ids.isEmpty { return }
            let calls = self.payloads(ids).map { PostgresCall(sql: self.sql.notify, values: [.text($0)]) }
            // Not as a change, which would share its commit with others. A hint that is lost costs nothing but time.
            _ = try? await self.pool.run(calls, .repeatable) { $0.count }
        }
    }

    /// One line for the process, then one for each record.
    private func payloads(_ ids: Set<RingStorageID>) -> [String] {
        var payloads: [String] = []
        var payload = "\(self.process)"
        for id in ids {
            let line = "\n\(id.collection)/\(id.name)"
            if line.utf8.count > 1_000 || id.name.contains("\n") || id.name.contains("\0") { continue }
            if payload.utf8.count + line.utf8.count > Self.maximumSize {
                payloads.append(payload)
                payload = "\(self.process)"
            }
            payload += line
        }
        return payloads + [payload]
    }

    // MARK: Listening

    func changes(in collection: RingStorageCollection) -> AsyncStream<RingStorageID>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: RingStorageID.self, bufferingPolicy: .bufferingNewest(256))
        let (id, starts): (Int?, Bool) = self.state.withLock { state in
            guard !state.isClosed else { return (nil, false) }
            state.lastID += 1
            state.streams[state.lastID] = (collection.name, continuation)
            defer { state.isListening = true }
            return (state.lastID, !state.isListening)
        }
        guard let id else { return nil }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.streams.removeValue(forKey: id) }
        }
        if starts { self.queue.async { [weak self] in self?.listen() } }
        return stream
    }

    private var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// Runs on the queue until the database is closed.
    private func listen() {
        var pause = Duration.milliseconds(100)
        while !self.isClosed {
            do {
                let connection = try PostgresConnection.open(self.pool.settings.parameters)
                try connection.script("LISTEN \(self.sql.channel)", within: self.pool.options.limit)
                pause = .milliseconds(100)
                while !self.isClosed {
                    for payload in try connection.notifications(within: .milliseconds(250)) { self.tell(payload) }
                }
            } catch {
                let (seconds, attoseconds) = pause.components
                let nanoseconds = Int(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
                _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .nanoseconds(nanoseconds))
                pause = min(pause * 2, .seconds(5))
            }
        }
    }

    private func tell(_ payload: String) {
        let lines = payload.split(separator: "\n")
        guard let first = lines.first, first != "\(self.process)" else { return }
        let streams = self.state.withLock { Array($0.streams.values) }
        for line in lines.dropFirst() {
            guard let slash = line.firstIndex(of: "/") else { continue }
            let (collection, name) = (String(line[..<slash]), String(line[line.index(after: slash)...]))
            for stream in streams where stream.collection == collection {
                stream.continuation.yield(RingStorageID(RingStorageCollection(name: collection, indexes: []), name))
            }
        }
    }

    func close() async {
        let streams = self.state.withLock { state in
            state.isClosed = true
            defer { state.streams = [:] }
            return Array(state.streams.values)
        }
        for stream in streams { stream.continuation.finish() }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            self.queue.async { continuation.resume() }
        }
    }
}
