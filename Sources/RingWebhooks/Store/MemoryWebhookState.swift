#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a memory store keeps.
struct MemoryWebhookState: Sendable {
    enum Phase: Sendable {
        case waiting(due: Date)
        case running(owner: String, until: Date)
        case done
        case quarantined

        func isRunning(for owner: String) -> Bool {
            if case .running(owner, _) = self { true } else { false }
        }
        var isQuarantined: Bool { if case .quarantined = self { true } else { false } }
    }

    struct Entry: Sendable {
        var webhook: RingStoredWebhook
        var phase: Phase
        var number: Int

        func isBefore(_ other: Self) -> Bool {
            (self.webhook.position, self.number) < (other.webhook.position, other.number)
        }
    }

    var entries: [RingWebhookKey: Entry] = [:]
    var next = 0

    mutating func claim(_ claim: RingWebhookClaim) -> [RingStoredWebhook] {
        var busy = Set<String>()
        var first: [String: Entry] = [:]
        var due: [Entry] = []
        for (key, stored) in self.entries {
            var entry = stored
            if case .running(_, let until) = entry.phase, until <= claim.now {
                entry.phase = .waiting(due: claim.now)
                self.entries[key] = entry
            }
            switch (entry.phase, entry.webhook.lane) {
            case (.running, let lane?): busy.insert(lane)
            case (.waiting, let lane?):
                if let other = first[lane], other.isBefore(entry) { break }
                first[lane] = entry
            case (.waiting(let moment), nil): if moment <= claim.now { due.append(entry) }
            default: break
            }
        }
        for (lane, entry) in first where !busy.contains(lane) {
            if case .waiting(let moment) = entry.phase, moment <= claim.now { due.append(entry) }
        }
        return due.sorted { $0.number < $1.number }.prefix(max(0, claim.limit)).map { taken in
            var entry = taken
            entry.webhook.attempts += 1
            entry.phase = .running(owner: claim.owner, until: claim.leaseUntil)
            self.entries[entry.webhook.key] = entry
            return entry.webhook
        }
    }
}
