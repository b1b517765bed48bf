import RingCore
import Synchronization

/// Responses in order; the last one repeats.
final class Script: Sendable {
    private let responses: [RingHTTPResponse]
    private let index = Mutex(0)

    init(_ responses: [RingHTTPResponse]) { self.responses = responses }

    func next() -> RingHTTPResponse {
        self.responses[
            self.index.withLock { index in
                defer { index += 1 }
                return min(index, self.responses.count - 1)
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
