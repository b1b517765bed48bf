import RingCurl

/// Where the task runs that makes a benchmark's calls.
enum Caller {
    /// In Swift's pool, like any other.
    case pool
    /// On the transport's thread, which it prefers.
    case transport
}

extension Contender {
    /// Calls one after the other, by a task.
    init(_ name: String, times count: Int, _ caller: Caller, call: @escaping @Sendable () async throws -> Int) {
        @Sendable func all() async throws -> Int {
            var sum = 0
            for _ in 0..<count { sum += try await call() }
            return sum
        }
        self.init(caller == .pool ? name : "\(name), on the transport's thread") {
            switch caller {
            case .pool: try await all()
            case .transport: try await withTaskExecutorPreference(RingCurlTransport.shared) { try await all() }
            }
        }
    }

    /// Calls one after the other that never leave their thread.
    init(_ name: String, times count: Int, call: @escaping @Sendable () throws -> Int) {
        self.init(name) {
            var sum = 0
            for _ in 0..<count { sum += try call() }
            return sum
        }
    }
}
