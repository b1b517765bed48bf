import Foundation
import RingCore
import Synchronization

/// Opens once, and then resumes all waiting tasks.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func open() {
        let waiters = self.state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = self.state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Counts up, and resumes the tasks that wait for a number when it is reached.
final class Counter: Sendable {
    private struct State {
        var value = 0
        var waiters: [(Int, CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    var value: Int { self.state.withLock { $0.value } }

    func increment() {
        let ready = self.state.withLock { state in
            state.value += 1
            let ready = state.waiters.filter { $0.0 <= state.value }.map(\.1)
            state.waiters.removeAll { $0.0 <= state.value }
            return ready
        }
        for waiter in ready { waiter.resume() }
    }

    func reaches(_ value: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = self.state.withLock { state in
                if state.value < value { state.waiters.append((value, continuation)) }
                return state.value >= value
            }
            if isThere { continuation.resume() }
        }
    }
}

/// A storage in memory that a test can delay, and let fail before or after an effect.
final class TestStorage: RingStorage {
    struct Failure: Error {}
    struct Faults: Sendable {
        var reads = false
        var commits = false
        var commitsAfterEffect = false
        var extensions = false
    }

    let inner: RingMemoryStorage
    /// Commits wait for it.
    let gate: Gate?
    let faults = Mutex(Faults())
    let commits = Mutex<[[RingStorageChange]]>([])
    let reads = Mutex(0)
    /// Runs once, before the next commit.
    let beforeCommit = Mutex<(@Sendable () async throws -> Void)?>(nil)
    let announced: AsyncStream<RingStorageID>?

    init(_ inner: RingMemoryStorage, gate: Gate? = nil, announced: AsyncStream<RingStorageID>? = nil) {
        self.inner = inner
        self.gate = gate
        self.announced = announced
    }

    var location: String { "test" }

    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        try self.read()
        return try await self.inner.records(ids)
    }

    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try self.read()
        return try await self.inner.records(matching: query)
    }

    private func read() throws {
        self.reads.withLock { $0 += 1 }
        if self.faults.withLock({ $0.reads }) { throw Failure() }
    }

    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        if let gate { await gate.wait() }
        let hook = self.beforeCommit.withLock { hook in
            defer { hook = nil }
            return hook
        }
        try await hook?()
        if self.faults.withLock({ $0.commits }) { throw Failure() }
        self.commits.withLock { $0.append(changes) }
        let isDone = try await self.inner.commit(changes)
        if self.faults.withLock({ $0.commitsAfterEffect }) { throw Failure() }
        return isDone
    }

    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        if self.faults.withLock({ $0.extensions }) { throw Failure() }
        return try await self.inner.extend(leases, by: duration)
    }

    func close() async { await self.inner.close() }

    func changes(in collection: RingStorageCollection) -> AsyncStream<RingStorageID>? {
        collection.name == "inbox" ? self.announced : nil
    }
}
