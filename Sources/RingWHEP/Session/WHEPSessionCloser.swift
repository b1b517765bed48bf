internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Ends one session on the server, exactly once, whoever asks and however often.
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

    /// Hands over the engine, which is closed after the session.
    ///
    /// - Returns: Whether the session was still open. Otherwise the engine is closed here.
    func adopt(_ engine: any WHEPEngine) async -> Bool {
        guard self.hub.endReason == nil else {
            await self.context.bounded { await engine.close() }
            return false
        }
        self.engine = engine
        return true
    }

    /// Sends the DELETE, or waits for the one under way, or tells what it came to. A failure may be tried again.
    ///
    /// The work goes on when the caller is cancelled.
    func close(_ reason: WHEPEndReason) async -> WHEPCloseOutcome {
        if let closing = self.closing {
            let outcome = await closing.value
            guard case .failed = outcome, self.closing == closing else { return outcome }
        }
        let task = self.context.api.environment.detach { await self.end(reason) }
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

    private func end(_ reason: WHEPEndReason) async -> WHEPCloseOutcome {
        let outcome = await self.context.delete(self.url)
        await self.finish(reason, outcome)
        return outcome
    }

    private func finish(_ reason: WHEPEndReason, _ outcome: WHEPCloseOutcome) async {
        await self.context.settle(reason, outcome)
        if let engine = self.engine, reason != .detached {
            self.engine = nil
            await self.context.bounded { await engine.close() }
        }
        self.hub.send(WHEPSessionUpdate(remaining: .zero, isEndingSoon: true, endReason: reason))
        var mayStillRun = false
        if case .failed = outcome { mayStillRun = true }
        self.context.ledger.ended(self.context.recordID, mayStillRun: mayStillRun)
    }
}
