internal import Synchronization

/// One run of a handler, which others may end.
final class HandlerRun: Sendable {
    /// Why a run was ended from outside.
    enum End: Sendable {
        /// It took longer than it may.
        case timedOut
        /// Another process took the webhook over.
        case leaseLost
        /// The process stops working.
        case stopping
    }

    private struct State: Sendable {
        var task: Task<Void, any Error>?
        var end: End?
    }
    private let state = Mutex(State())

    /// The first reason the run was ended for; `nil` when it was not.
    var end: End? { self.state.withLock { $0.end } }

    /// Ends the run, also one whose task is not known yet.
    func end(_ reason: End) {
        let task = self.state.withLock { state in
            if state.end == nil || reason == .leaseLost { state.end = reason }
            return state.task
        }
        task?.cancel()
    }

    /// Waits for the task, however it ends.
    func result(of task: Task<Void, any Error>) async -> Result<Void, any Error> {
        let isEnded = self.state.withLock { state in
            state.task = task
            return state.end != nil
        }
        if isEnded { task.cancel() }
        return await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            self.end(.stopping)
        }
    }
}
