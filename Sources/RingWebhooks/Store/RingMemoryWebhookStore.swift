internal import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A store in memory, for tests and afternoons: what waits is lost with the process.
public final class RingMemoryWebhookStore: RingWebhookStore {
    private let state = Mutex(MemoryWebhookState())

    /// Creates an empty store.
    public init() {}

    /// Keeps a webhook unless one with its key was kept before.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func save(_ webhook: RingStoredWebhook, isQuarantined: Bool) async throws -> Bool {
        self.state.withLock { state in
            guard state.entries[webhook.key] == nil else { return false }
            state.next += 1
            let phase = isQuarantined ? MemoryWebhookState.Phase.quarantined : .waiting(due: webhook.receivedAt)
            state.entries[webhook.key] = .init(webhook: webhook, phase: phase, number: state.next)
            return true
        }
    }

    /// Takes webhooks to work on.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func claim(_ claim: RingWebhookClaim) async throws -> [RingStoredWebhook] {
        self.state.withLock { $0.claim(claim) }
    }

    /// Extends the leases the owner still holds.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func extend(_ keys: [RingWebhookKey], owner: String, until: Date) async throws -> [RingWebhookKey] {
        self.state.withLock { state in
            keys.filter { key in
                guard state.entries[key]?.phase.isRunning(for: owner) == true else { return false }
                state.entries[key]?.phase = .running(owner: owner, until: until)
                return true
            }
        }
    }

    /// Ends the work on a webhook.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func settle(
        _ key: RingWebhookKey, owner: String, as settlement: RingWebhookSettlement, now: Date
    ) async throws -> Bool {
        self.state.withLock { state in
            guard var entry = state.entries[key], entry.phase.isRunning(for: owner) else { return false }
            switch settlement {
            case .done:
                entry.phase = .done
                entry.webhook.body = []
            case .retry(let moment, let reason):
                entry.phase = .waiting(due: moment)
                entry.webhook.reason = reason
            case .givenBack:
                entry.phase = .waiting(due: now)
                entry.webhook.attempts -= 1
            case .quarantined(let reason):
                entry.phase = .quarantined
                entry.webhook.reason = reason
            }
            state.entries[key] = entry
            return true
        }
    }

    /// Makes everything the owner holds due at once.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func giveUpLeases(of owner: String, now: Date) async throws {
        self.state.withLock { state in
            for (key, entry) in state.entries where entry.phase.isRunning(for: owner) {
                state.entries[key]?.phase = .waiting(due: now)
            }
        }
    }

    /// How many webhooks wait for work.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func backlog() async throws -> Int { try await self.counts().waiting }

    /// How many webhooks are in each state.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func counts() async throws -> RingWebhookCounts {
        self.state.withLock { state in
            state.entries.values.reduce(into: RingWebhookCounts()) { counts, entry in
                switch entry.phase {
                case .waiting: counts.waiting += 1
                case .running: counts.running += 1
                case .done: counts.done += 1
                case .quarantined: counts.quarantined += 1
                }
            }
        }
    }

    /// What is quarantined, oldest first.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func quarantined(limit: Int) async throws -> [RingStoredWebhook] {
        self.state.withLock { state in
            let found = state.entries.values.filter { $0.phase.isQuarantined }
            return found.sorted { $0.number < $1.number }.prefix(max(0, limit)).map(\.webhook)
        }
    }

    /// Lets a quarantined webhook wait for work again.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func release(_ key: RingWebhookKey, now: Date) async throws -> Bool {
        self.state.withLock { state in
            guard state.entries[key]?.phase.isQuarantined == true else { return false }
            state.entries[key]?.phase = .waiting(due: now)
            state.entries[key]?.webhook.attempts = 0
            return true
        }
    }

    /// Forgets what was received long ago.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func purge(doneBefore: Date, quarantinedBefore: Date) async throws -> Int {
        self.state.withLock { state in
            let before = state.entries.count
            state.entries = state.entries.filter { _, entry in
                switch entry.phase {
                case .done: entry.webhook.receivedAt >= doneBefore
                case .quarantined: entry.webhook.receivedAt >= quarantinedBefore
                case .waiting, .running: true
                }
            }
            return before - state.entries.count
        }
    }
}
