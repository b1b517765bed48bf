/// Runs tasks on the thread that receives the answers to their calls.
///
/// A task that prefers the transport as its executor sends, waits, receives and decodes on one thread, and no second one is
/// woken for its answers: where processors sleep, that is a quarter to a third of a device list's processor time.
///
/// <!-- given: sweep: @escaping @Sendable () async throws -> Void -->
/// ```swift
/// Task(executorPreference: RingCurlTransport.shared) { try await sweep() }
/// ```
///
/// It is meant for work that is mostly calls, such as a sweep over many accounts. All tasks on it share one thread, with
/// the transport's documents and tokens: while one of them computes or blocks, every call of the process waits.
extension RingCurlTransport: TaskExecutor {
    /// Has `job` run on the thread of the documents. Swift calls this.
    public func enqueue(_ job: consuming ExecutorJob) {
        // Without a thread of our own the task goes on elsewhere, and learns from its first call what is wrong.
        guard let engine = try? self.engine(.documents) else { return globalConcurrentExecutor.enqueue(job) }
        unsafe engine.submit(.run(CurlJob(job, for: self.asUnownedTaskExecutor())))
    }
}
