import Foundation
import RingWebhooks
import Synchronization

/// Opens once; whoever waits goes on then.
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

/// Counts up; whoever waits for a number goes on when it is reached.
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

/// A memory store whose saves wait until a gate is opened.
final class SlowStore: RingWebhookStore {
    let inner = RingMemoryWebhookStore()
    let gate = Gate()
    let saved = Gate()

    func save(_ webhook: RingStoredWebhook, isQuarantined: Bool) async throws -> Bool {
        await self.gate.wait()
        defer { self.saved.open() }
        return try await self.inner.save(webhook, isQuarantined: isQuarantined)
    }
    func claim(_ claim: RingWebhookClaim) async throws -> [RingStoredWebhook] { try await self.inner.claim(claim) }
    func extend(_ keys: [RingWebhookKey], owner: String, until: Date) async throws -> [RingWebhookKey] {
        try await self.inner.extend(keys, owner: owner, until: until)
    }
    func settle(
        _ key: RingWebhookKey, owner: String, as settlement: RingWebhookSettlement, now: Date
    ) async throws -> Bool { try await self.inner.settle(key, owner: owner, as: settlement, now: now) }
    func giveUpLeases(of owner: String, now: Date) async throws {
        try await self.inner.giveUpLeases(of: owner, now: now)
    }
    func backlog() async throws -> Int { try await self.inner.backlog() }
    func counts() async throws -> RingWebhookCounts { try await self.inner.counts() }
    func quarantined(limit: Int) async throws -> [RingStoredWebhook] { try await self.inner.quarantined(limit: limit) }
    func release(_ key: RingWebhookKey, now: Date) async throws -> Bool { try await self.inner.release(key, now: now) }
    func purge(doneBefore: Date, quarantinedBefore: Date) async throws -> Int {
        try await self.inner.purge(doneBefore: doneBefore, quarantinedBefore: quarantinedBefore)
    }
}
