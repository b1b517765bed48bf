internal import Dispatch
internal import RingCore
internal import Synchronization

/// A transaction that an application's handler works in, on a connection of its own.
final class PostgresTransaction: RingStorageTransaction {
    private enum Phase {
        case new
        case open(PostgresConnection)
        case ended
    }

    /// `@unchecked Sendable` because a connection holds a C handle: only the queue touches it.
    private struct State: @unchecked Sendable {
        var phase = Phase.new
    }

    private let pool: PostgresPool
    private let location: String
    private let call: @Sendable ([RingStorageChange]) -> (PostgresCall, @Sendable (PostgresResult) -> Bool)
    private let queue = DispatchQueue(label: "ring.postgres.transaction")
    private let state = Mutex(State())

    init(
        _ pool: PostgresPool, location: String,
        call: @escaping @Sendable ([RingStorageChange]) -> (PostgresCall, @Sendable (PostgresResult) -> Bool)
    ) {
        self.pool = pool
        self.location = location
        self.call = call
    }

    func execute(_ statement: String, parameters: [String?]) async throws -> [[String?]] {
        try await self.onQueue { phase in
            let connection = try self.opened(&phase)
            return try connection.rows(statement, parameters, within: self.pool.options.limit)
        }
    }

    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        try await self.onQueue { phase in
            let connection = try self.opened(&phase)
            phase = .ended
            let (call, isMade) = self.call(changes)
            let results = try connection.run([call], within: self.pool.options.limit)
            guard let result = results.first, isMade(result) else {
                try connection.script("ROLLBACK", within: self.pool.options.limit)
                self.pool.keep(connection)
                return false
            }
            try connection.script("COMMIT", within: self.pool.options.limit)
            self.pool.keep(connection)
            return true
        }
    }

    func rollBack() async {
        // A connection that fails to is closed, which rolls back as well.
        _ = try? await self.onQueue { phase in
            guard case .open(let connection) = phase else { return phase = .ended }
            phase = .ended
            try connection.script("ROLLBACK", within: self.pool.options.limit)
            self.pool.keep(connection)
        }
    }

    private func opened(_ phase: inout Phase) throws -> PostgresConnection {
        switch phase {
        case .open(let connection): return connection
        case .ended: throw PostgresFailure(kind: .closed, text: "the transaction has ended")
        case .new:
            let connection = try self.pool.spare()
            // A handler may do other things between its statements, for longer than a connection of the pool may be idle.
            // Plans are those that the application expects.
            try connection.script(
                """
                BEGIN; SET LOCAL idle_in_transaction_session_timeout = 600000; \
                SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL jit TO DEFAULT
                """, within: self.pool.options.limit)
            phase = .open(connection)
            return connection
        }
    }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable (inout Phase) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            self.queue.async {
                let result = self.state.withLock { state in Result { try body(&state.phase) } }
                continuation.resume(
                    with: result.mapError { ($0 as? PostgresFailure)?.asRingError(self.location) ?? $0 })
            }
        }
    }
}
