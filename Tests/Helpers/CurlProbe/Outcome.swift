import Foundation
import Synchronization

/// What a task found, for a thread that waits for it.
final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func set(_ result: Result<Value, any Error>) {
        self.result.withLock { $0 = result }
        self.isThere.signal()
    }

    func wait() -> Result<Value, any Error> {
        while true {
            if let result = self.result.withLock({ $0 }) { return result }
            self.isThere.wait()
        }
    }
}
