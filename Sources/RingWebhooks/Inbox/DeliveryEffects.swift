internal import RingCore
internal import Synchronization

/// What a handler does in the transaction that settles its event. Begins with the first statement.
final class DeliveryEffects: Sendable {
    private struct State: Sendable {
        var transaction: (any RingStorageTransaction)?
        var hasEnded = false
    }

    private let storage: any RingStorage
    private let state = Mutex(State())

    init(_ storage: any RingStorage) { self.storage = storage }

    func execute(_ statement: String, _ parameters: [String?]) async throws -> [[String?]] {
        let found: (transaction: (any RingStorageTransaction)?, hasEnded: Bool) = self.state.withLock { state in
            if !state.hasEnded, state.transaction == nil { state.transaction = self.storage.transaction() }
            return (state.transaction, state.hasEnded)
        }
        guard !found.hasEnded else {
            throw RingError(code: .closed, message: "the transaction of this event has ended with its handler")
        }
        guard let transaction = found.transaction else {
            throw RingError(
                code: .misconfigured,
                message: "\(self.storage.location) has no transactions for an application; RingPostgres has")
        }
        return try await transaction.execute(statement, parameters: parameters)
    }

    /// The transaction, when a statement has begun one. No further statement is run.
    func end() -> (any RingStorageTransaction)? {
        self.state.withLock { state in
            state.hasEnded = true
            return state.transaction
        }
    }
}
