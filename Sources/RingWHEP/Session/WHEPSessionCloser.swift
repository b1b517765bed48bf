internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Ends one session on the server exactly once, for any number of callers.
actor WHEPSessionCloser {
    nonisolated let url: URL
    private let context: WHEPStartContext
    private let hub: WHEPUpdateHub
    private var engine: (any WHEPEngine)?
    private var closing: Task<WHEPCloseOutcome, Never>?

    init(url: URL, context: WHEPStartContext, hub: WHEPUpdateHub) {
        self.url = url
        self.context = context
        self.hub = hub
    }

    /// How the ledger closes the session.
    nonisolated var handle: WHEPSessionHandle { WHEPSessionHandle(url: self.url) { await self.close($0) } }

    /// Hands over the engine, which is closed after the session.
    ///
    /// - Returns: Whether the session was still open. Otherwise the engine is closed here.
    func adopt(_ engine: any WHEPEngine) async -> Bool {
        guard self.hub.endReason == nil else {
            await self.context.close(engine)
            return false
        }
        self.engine = engine
        return true
    }

    /// Sends the DELETE, or waits for the one under way, or returns its outcome. A failed closing is repeated.
    ///
    /// The work goes on when the caller is cancelled.
    func close(_ reason: WHEPEndReason) async -> WHEPCloseOutcome {
        if let closing = self.closing {
            let outcome = await closing.value
            guard outcome.mayStillRun, self.closing == closing else { return outcome }
        }
        (self.engine as? any WHEPNoticingEngine)?.sessionWillClose(reason)
        let task = self.context.api.environment.detach {
            let outcome = await self.context.api.endLiveSession(
                self.url, within: self.context.configuration.closeTimeout)
            await self.finish(reason, outcome)
            return outcome
        }
        self.closing = task
        return await task.value
    }

    /// Gives up the responsibility without a DELETE.
    func detach() async {
        guard self.closing == nil else { return }
        let task = self.context.api.environment.detach { () -> WHEPCloseOutcome in
            await self.finish(.detached, .detached)
            return .detached
        }
        self.closing = task
        _ = await task.value
    }

    private func finish(_ reason: WHEPEndReason, _ outcome: WHEPCloseOutcome) async {
        await self.context.settle(reason, outcome)
        if let engine = self.engine, reason != .detached {
            self.engine = nil
            await self.context.close(engine)
        }
        self.hub.send(WHEPSessionUpdate(remaining: .zero, isEndingSoon: true, endReason: reason))
        self.context.ledger.finish(self.context.recordID, mayStillRun: outcome.mayStillRun)
    }
}
