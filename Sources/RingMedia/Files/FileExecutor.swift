internal import Dispatch

/// Runs an actor's jobs one after the other on a thread of its own.
///
/// Writing to a disk can block for seconds, and a blocked thread of Swift's pool is missed by every task of the process.
/// One thread for each file under way is few, since the downloads bound them, and a slow disk then slows its own
/// download alone.
final class FileExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "ring.media.file")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }
}
