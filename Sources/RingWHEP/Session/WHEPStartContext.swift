internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What one start and its session share: who pays, where it is noted, and how to end it.
struct WHEPStartContext: Sendable {
    let api: RingAPIClient
    let configuration: WHEPConfiguration
    let ledger: WHEPSessionLedger
    let governor: WHEPGovernor
    let admission: WHEPAdmission
    let recordID: WHEPSessionRecord.ID
    let device: RingDeviceID
    let options: WHEPSessionOptions

    var clock: any RingClock { self.api.environment.clock }

    /// How long the session may run at worst, counted from now.
    var longestRun: Duration { self.configuration.longestLimit(self.options.power) }

    func delete(_ url: URL) async -> WHEPCloseOutcome {
        await self.api.endLiveSession(url, within: self.configuration.closeTimeout)
    }

    /// Notes the end in the ledger, gives the place back, tells the observer.
    func settle(_ reason: WHEPEndReason, _ outcome: WHEPCloseOutcome) async {
        var mayStillRun = false
        if case .failed = outcome { mayStillRun = true }
        // A session that could not be closed stays in the ledger: the next recovery tries again.
        if mayStillRun {
            await self.ledger.keep(self.recordID, for: self.longestRun)
        } else {
            await self.ledger.remove(self.recordID)
        }
        await self.governor.release(self.admission, after: mayStillRun ? self.longestRun : .zero)
        self.api.environment.observer.observe(
            WHEPSessionEnded(
                device: self.device, account: self.api.account, reason: reason, outcome: outcome.word,
                mayStillRun: mayStillRun))
    }

    /// Runs somebody else's code, and waits for it no longer than a closing may take.
    func bounded(_ work: @escaping @Sendable () async -> Void) async {
        _ = await RingFirstResult<Void>.wait(
            atMost: self.configuration.closeTimeout, in: self.api.environment, for: work)
    }
}
