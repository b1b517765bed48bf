import RingCore
import RingOAuth
import RingTesting
import Synchronization
import Testing

/// The first token of an account: one look at the store, in the task of whoever came first.
@Suite(.timeLimit(.minutes(1))) struct RingFirstTokenTests {
    /// One actor's tasks run in turn, each up to its first wait: whoever comes behind them knows that they are in.
    @MainActor private func callers(_ count: Int, _ bench: KeeperBench) async -> [Task<String, any Error>] {
        let callers = (0..<count).map { _ in Task { @MainActor in try await bench.token() } }
        await Task { @MainActor in }.value
        return callers
    }

    @Test @MainActor func aHundredFirstCallersShareOneLook() async throws {
        let store = WatchedStore()
        let bench = try KeeperBench(storage: store)
        try await bench.link("a")
        store.stallNextRead()
        let callers = await self.callers(100, bench)
        #expect(store.reads == 1)
        store.goOn()
        for caller in callers { #expect(try await caller.value == "old-a") }
        #expect(store.reads == 1)
        #expect(bench.endpoint.forms.isEmpty)
    }

    /// The store gives up with the caller; those who came meanwhile are served all the same.
    @Test(arguments: [14_400.0, -1])
    @MainActor func aCancelledLookCancelsNoOtherCaller(secondsLeft: Double) async throws {
        let store = WatchedStore()
        let bench = try KeeperBench(storage: store)
        try await bench.link("a", secondsLeft: secondsLeft)
        store.stallNextRead()
        let callers = await self.callers(3, bench)
        callers[0].cancel()
        await #expect(throws: CancellationError.self) { try await callers[0].value }
        for caller in callers.dropFirst() {
            #expect(try await caller.value == (secondsLeft > 0 ? "old-a" : "access-1"))
        }
        #expect(bench.endpoint.exchanges == (secondsLeft > 0 ? [:] : ["first-a": 1]))
        await bench.keeper.settle()
    }

    @Test func aFailedLookIsTriedAgainByTheFlight() async throws {
        let store = WatchedStore()
        let bench = try KeeperBench(storage: store)
        try await bench.link("a")
        store.failReads(1)
        #expect(try await bench.token() == "old-a")
        let other = try bench.other()
        store.failReads(2)
        #expect(await other.code { _ = try await other.token() } == .storageFailed)
        // Nothing of it is remembered.
        #expect(try await other.token() == "old-a")
        await other.keeper.settle()
    }

    @Test func settlingWaitsForALook() async throws {
        let store = WatchedStore()
        let bench = try KeeperBench(storage: store)
        try await bench.link("a")
        store.stallNextRead()
        let caller = Task { try await bench.token() }
        await store.stalled()
        let settling = Task { _ = await bench.keeper.settle() }
        store.goOn()
        await settling.value
        #expect(try await caller.value == "old-a")
        // What is known needs no store.
        #expect(try await bench.token() == "old-a")
        #expect(store.reads == 1)
    }
}

/// A store in memory whose reads are counted, and fail or wait when they are told to. A read that waits gives up when its
/// task is cancelled.
private final class WatchedStore: RingStorage {
    private struct State {
        var reads = 0
        var failures = 0
        var isStalling = false
    }

    private let storage = RingMemoryStorage()
    private let state = Mutex(State())
    private let arrived = AsyncStream<Void>.makeStream()
    private let go = AsyncStream<Void>.makeStream()

    var reads: Int { self.state.withLock { $0.reads } }
    func failReads(_ count: Int) { self.state.withLock { $0.failures = count } }
    func stallNextRead() { self.state.withLock { $0.isStalling = true } }
    func stalled() async { for await _ in self.arrived.stream { return } }
    func goOn() { self.go.continuation.yield() }

    let location = "watched"

    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        let (fails, stalls) = self.state.withLock { state in
            state.reads += 1
            defer { state.isStalling = false }
            guard state.failures > 0 else { return (false, state.isStalling) }
            state.failures -= 1
            return (true, false)
        }
        if fails { throw RingError(code: .storageFailed, message: "told to fail") }
        if stalls {
            self.arrived.continuation.yield()
            for await _ in self.go.stream { break }
            try Task.checkCancellation()
        }
        return try await self.storage.records(ids)
    }

    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try await self.storage.records(matching: query)
    }

    func commit(_ changes: [RingStorageChange]) async throws -> Bool { try await self.storage.commit(changes) }

    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        try await self.storage.extend(leases, by: duration)
    }

    func close() async { await self.storage.close() }
}
