internal import RingCore

extension RingDeviceDirectory {
    /// Waits for a load; a caller that is cancelled leaves at once, and the load goes on.
    internal func wait(for load: DirectoryLoad) async throws {
        self.waiterIDs &+= 1
        let id = self.waiterIDs
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else if let outcome = load.outcome {
                    continuation.resume(with: outcome)
                } else {
                    self.waiters[id] = continuation
                    load.waiters.append(id)
                }
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
    }

    private func giveUp(_ id: UInt64) {
        self.waiters.removeValue(forKey: id)?.resume(throwing: CancellationError())
    }

    internal func resume(_ load: DirectoryLoad, throwing error: (any Error)? = nil) {
        let outcome: Result<Void, any Error> = error.map { .failure($0) } ?? .success(())
        load.outcome = outcome
        for id in load.waiters { self.waiters.removeValue(forKey: id)?.resume(with: outcome) }
        load.waiters = []
    }
}
