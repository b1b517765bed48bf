internal import RingCrypto
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The codes of the last minutes, as digests: one that Ring posts twice is exchanged once.
final class RingCodeExchanges: Sendable {
    private struct Entry {
        var task: Task<RingTokenExchangeAnswer, Never>
        var startedAt: Date
    }

    private let entries = Mutex<[RingSHA256Digest: Entry]>([:])

    /// The answer for a code: of the exchange under way or done, or of a new one.
    func answer(
        for code: String, now: Date, _ exchange: @escaping @Sendable () async -> RingTokenExchangeAnswer
    ) async -> RingTokenExchangeAnswer {
        let digest = RingSHA256.digest(of: Array(code.utf8))
        let task = self.entries.withLock { entries in
            entries = entries.filter { now.timeIntervalSince($0.value.startedAt) < 600 }
            if let known = entries[digest] { return known.task }
            // Not the caller's child: a connection that breaks must not cut off an exchange.
            let task = Task { await exchange() }
            entries[digest] = Entry(task: task, startedAt: now)
            return task
        }
        let answer = await task.value
        // Not sent: Ring may post it again, and then it is tried.
        if answer.status == 503 { self.entries.withLock { $0[digest] = nil } }
        return answer
    }
}
