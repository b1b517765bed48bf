internal import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension WHEPClient {
    /// Closes the sessions of this account that terminated processes left open. Call it at every start, and from time to
    /// time.
    ///
    /// Never touches a session of a running process, and never waits: a session that cannot be closed, or whose URL is
    /// unknown, keeps its record, and its device stays reserved in the governor, until the session has certainly ended. A
    /// later call tries again, and then removes the record.
    ///
    /// - Returns: The sessions that were found, without those that another process recovers at the same time.
    /// - Throws: `RingError` with `storageFailed` when the ledger cannot be read; `CancellationError`.
    @discardableResult
    public func recover() async throws -> WHEPRecovery {
        let found = try await self.ledger.found(
            account: self.api.account, maximumRun: self.configuration.maximumRun)
        var fates: [String: WHEPRecovery.Fate] = [:]
        await withTaskGroup(of: (String, WHEPRecovery.Fate?).self) { group in
            var rest = found[...]
            // Eight at a time, because a start after a crash must not flood the API.
            for session in rest.prefix(8) { group.addTask { (session.record.id, await self.settle(session)) } }
            rest = rest.dropFirst(8)
            while let (id, fate) = await group.next() {
                fates[id] = fate
                if let next = rest.popFirst() { group.addTask { (next.record.id, await self.settle(next)) } }
            }
        }
        try Task.checkCancellation()
        var recovery = WHEPRecovery()
        for session in found {
            if let fate = fates[session.record.id] { recovery.add(session.record, fate) }
        }
        return recovery
    }

    /// Closes a session by its ``WHEPSession/url``, which another process may have opened.
    ///
    /// - Parameter sessionURL: The URL, absolute and under the API's origin.
    /// - Returns: Whether it was closed now or had ended before.
    /// - Throws: `RingError` with `invalidArgument` when the URL is not a live session under the API's origin, because the
    ///   access token is sent there; the error of the request otherwise.
    @discardableResult
    public func close(_ sessionURL: URL) async throws -> WHEPCloseOutcome {
        guard WHEPLocation.isSession(sessionURL, under: self.api.baseURL) else {
            throw RingError(
                code: .invalidArgument,
                message: "the URL is not a live session under the API's origin; the access token is sent nowhere else",
                operation: .endLive)
        }
        let outcome: WHEPCloseOutcome
        if let handle = self.ledger.handle(of: sessionURL) {
            outcome = await handle.close(.closed)
        } else {
            outcome = await self.api.endLiveSession(sessionURL, within: self.configuration.closeTimeout)
        }
        if case .failed(let error) = outcome { throw error }
        let records = (try? await self.ledger.records()) ?? []
        for record in records where record.sessionURL == sessionURL { await self.ledger.remove(record.id) }
        return outcome
    }

    /// Closes the session of one free record, or keeps the record; `nil` when another process works on it.
    private func settle(_ found: WHEPFoundSession) async -> WHEPRecovery.Fate? {
        let record = found.record
        guard found.end > self.api.environment.clock.uptime() else { return await self.expire(found) }
        guard !record.isUnreadable else { return await self.wait(for: found, .unreadable) }
        guard let url = record.sessionURL, WHEPLocation.isSession(url, under: self.api.baseURL) else {
            return await self.wait(for: found, .unknown)
        }
        let claim: WHEPSessionClaim
        do {
            guard let taken = try await self.ledger.claim(found) else { return nil }
            claim = taken
        } catch {
            return await self.block(found, .failed)
        }
        let outcome = await self.api.endLiveSession(url, within: self.configuration.closeTimeout)
        guard outcome.isOver || found.isLongPast else {
            await self.ledger.giveBack(claim)
            return await self.block(found, .failed)
        }
        await self.ledger.finish(claim)
        await self.governor.unblock(record.id)
        return outcome.isOver ? .closed : .expired
    }

    /// Keeps a record whose session cannot be closed until the session has certainly ended.
    private func wait(for found: WHEPFoundSession, _ fate: WHEPRecovery.Fate) async -> WHEPRecovery.Fate? {
        found.isLongPast ? await self.expire(found) : await self.block(found, fate)
    }

    private func expire(_ found: WHEPFoundSession) async -> WHEPRecovery.Fate? {
        await self.governor.unblock(found.record.id)
        // After a storage failure the next recovery deletes it.
        guard let isDeleted = try? await self.ledger.deleteExpired(found) else { return .expired }
        return isDeleted ? .expired : nil
    }

    private func block(_ found: WHEPFoundSession, _ fate: WHEPRecovery.Fate) async -> WHEPRecovery.Fate {
        await self.governor.block(
            found.record.device, for: found.end - self.api.environment.clock.uptime(), record: found.record.id)
        return fate
    }
}
