import RingCore
import Synchronization

/// Answers in order; the last one repeats.
final class Script: Sendable {
    private let answers: [RingHTTPResponse]
    private let index = Mutex(0)

    init(_ answers: [RingHTTPResponse]) { self.answers = answers }

    func next() -> RingHTTPResponse {
        self.answers[
            self.index.withLock { index in
                defer { index += 1 }
                return min(index, self.answers.count - 1)
            }]
    }
}

/// A number that tasks add to.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { self.count.withLock { $0 } }

    @discardableResult
    func add(_ step: Int = 1) -> Int {
        self.count.withLock { count in
            count += step
            return count
        }
    }
}
