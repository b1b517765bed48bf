internal import RingCore

extension RingDeviceDirectory {
    /// Waits for a load; a caller that is cancelled leaves at once, and the load goes on.
    internal func wait(for load: DirectoryLoad) async throws {
        try Task.checkCancellation()
        if let outcome = load.outcome { return try outcome.get() }
        try await load.run.value {}
    }

    internal func resume(_ load: DirectoryLoad, throwing error: (any Error)? = nil) {
        let outcome: Result<Void, any Error> = error.map { .failure($0) } ?? .success(())
        load.outcome = outcome
        load.run.finish(outcome)
    }
}
