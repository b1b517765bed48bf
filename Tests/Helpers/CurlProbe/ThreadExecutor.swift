import Foundation
import Synchronization

/// Runs tasks on one thread of its own: what a forked process has to bring, because Swift's pool did not come with it.
final class ThreadExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let news = DispatchSemaphore(value: 0)

    init() { Thread.detachNewThread { self.run() } }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.jobs.withLock { $0.append(job) }
        self.news.signal()
    }

    private func run() {
        while true {
            self.news.wait()
            if let job = self.jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
            }
        }
    }
}
