/// A task's job that waits for the loop's thread. It is run once.
///
/// Neither part is counted: a job lives until it has run, and its task keeps the executor until then.
@safe struct CurlJob: Sendable {
    private let job: UnownedJob
    private let executor: UnownedTaskExecutor

    init(_ job: consuming ExecutorJob, for executor: UnownedTaskExecutor) {
        self.job = UnownedJob(job)
        unsafe self.executor = executor
    }

    func run() { unsafe self.job.runSynchronously(on: self.executor) }
}
