internal import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension WHEPClient {
    /// Closes what a process before this one left open on this account. Call it at every start.
    ///
    /// Concerns records of the same owner name and another incarnation. A start that was cut off before the server had
    /// told the session's URL cannot be closed by anybody: the governor keeps the device taken until it surely has ended.
    ///
    /// - Parameters:
    ///   - waitsForUnknown: Whether to wait until sessions whose URL is not known have surely ended.
    ///   - isGone: Whether the process of another incarnation is gone; for programs that run several at a time under one
    ///     name. Every other incarnation counts as gone by default.
    /// - Returns: What was found and what became of it.
    /// - Throws: `RingError` with `storageFailed` when the ledger cannot be read; `CancellationError`.
    @discardableResult
    public func recover(
        waitsForUnknown: Bool = false, isGone: @Sendable (WHEPSessionOwner) -> Bool = { _ in true }
    ) async throws -> WHEPRecovery {
        let owner = self.configuration.owner
        let left = try await self.ledger.records().filter {
            $0.owner.name == owner.name && $0.owner.incarnation != owner.incarnation && $0.account == self.api.account
                && isGone($0.owner)
        }
        var recovery = WHEPRecovery()
        try await withThrowingTaskGroup(of: (WHEPSessionRecord, WHEPRecovery.Fate).self) { group in
            var rest = left[...]
            // A start after a crash must not flood the API: eight at a time.
            for record in rest.prefix(8) { group.addTask { (record, await self.settle(record)) } }
            rest = rest.dropFirst(8)
            while let (record, fate) = try await group.next() {
                recovery.add(record, fate)
                if let next = rest.popFirst() { group.addTask { (next, await self.settle(next)) } }
            }
        }
        if waitsForUnknown {
            let clock = self.api.environment.clock
            for record in recovery.unknown.sorted(by: { $0.mayRunUntil < $1.mayRunUntil }) {
                let wait = record.mayRunUntil.timeIntervalSince(clock.now())
                if wait > 0 { try await clock.sleep(for: .seconds(wait)) }
                try await self.ledger.remove(record.id)
            }
        }
        return recovery
    }

    /// Closes a session by its URL, as another process may have got it from ``WHEPSession/url``.
    ///
    /// - Parameter sessionURL: The URL, absolute and under the API's origin.
    /// - Returns: Whether it was closed now or had ended before.
    /// - Throws: `RingError` with `invalidArgument` when the URL is no live session under the API's origin, since the
    ///   token goes there; what kept the server from closing it.
    @discardableResult
    public func close(_ sessionURL: URL) async throws -> WHEPCloseOutcome {
        guard WHEPLocation.isSession(sessionURL, under: self.api.baseURL) else {
            throw RingError(
                code: .invalidArgument,
                message: "this is no live session under the API's origin, the only place the token may go",
                operation: .endLive)
        }
        let outcome = await self.api.endLiveSession(sessionURL, within: self.configuration.closeTimeout)
        if case .failed(let error) = outcome { throw error }
        let records = (try? await self.ledger.records()) ?? []
        for record in records where record.sessionURL == sessionURL { try? await self.ledger.remove(record.id) }
        return outcome
    }

    private func settle(_ record: WHEPSessionRecord) async -> WHEPRecovery.Fate {
        let left = record.mayRunUntil.timeIntervalSince(self.api.environment.clock.now())
        guard left > 0 else {
            try? await self.ledger.remove(record.id)
            return .expired
        }
        guard let url = record.sessionURL, WHEPLocation.isSession(url, under: self.api.baseURL) else {
            await self.governor.block(record.device, for: .seconds(left))
            return .unknown
        }
        let outcome = await self.api.endLiveSession(url, within: self.configuration.closeTimeout)
        guard outcome.isOver else {
            await self.governor.block(record.device, for: .seconds(left))
            return .failed
        }
        try? await self.ledger.remove(record.id)
        return .closed
    }
}
