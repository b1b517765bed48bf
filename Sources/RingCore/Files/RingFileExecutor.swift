internal import Dispatch

/// Runs an actor's jobs one after the other on a thread of its own.
///
/// Writing to a disk can block for seconds, and a blocked thread of Swift's pool is not available to any task of the process.
/// The number of threads is that of the files, and a slow disk slows its own file only.
package final class RingFileExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "ring.file")

    /// Creates an executor for one actor.
    package init() {}

    /// Runs a job after those before it.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// A reference for the actor, which keeps the executor.
    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }
}
