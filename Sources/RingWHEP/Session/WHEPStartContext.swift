internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The parts that one start and its session share.
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

    /// The maximum duration of the session, counted from now.
    var maximumDuration: Duration { self.configuration.maximumDuration(self.options.power) }

    /// The record to store before the start is requested.
    func record() -> WHEPSessionRecord {
        let now = self.clock.now()
        let maximumRun = self.configuration.startTimeout + self.configuration.closeTimeout + self.maximumDuration
        return WHEPSessionRecord(
            id: self.recordID, account: self.api.account, device: self.device, startedAt: now,
            mayRunUntil: now + maximumRun.seconds, maximumRun: maximumRun)
    }

    /// Stores the end in the ledger, releases the place, tells the observer.
    func settle(_ reason: WHEPEndReason, _ outcome: WHEPCloseOutcome) async {
        // A session that could not be closed stays in the ledger: the next recovery tries again.
        if outcome.mayStillRun {
            await self.ledger.keep(self.recordID, for: self.maximumDuration)
        } else {
            await self.ledger.remove(self.recordID)
        }
        await self.governor.release(self.admission, after: outcome.mayStillRun ? self.maximumDuration : .zero)
        self.api.environment.observer.observe(
            WHEPSessionEnded(
                device: self.device, account: self.api.account, reason: reason, outcome: outcome.word,
                mayStillRun: outcome.mayStillRun))
    }

    /// Closes an engine, and waits for it no longer than closing a session may take.
    func close(_ engine: any WHEPEngine) async {
        _ = await RingFirstResult<Void>.wait(
            atMost: self.configuration.closeTimeout, in: self.api.environment, for: { await engine.close() })
    }
}

extension RingAPIClient {
    /// Sends the DELETE of a live session, with the access token of this moment and within a time.
    func endLiveSession(_ url: URL, within limit: Duration) async -> WHEPCloseOutcome {
        let clock = self.environment.clock
        let deadline = RingDeadline(in: limit, clock: clock)
        let request = RingHTTPRequest(method: .delete, url: url)
        let context = self.context(
            for: .endLive, deadline: deadline, timeouts: RingTimeouts(connect: limit, firstByte: limit))
        do {
            let response = try await deadline.run(clock, of: .endLive) {
                try await self.exchange(request, context: context)
            }
            switch response.status {
            case 200..<300:
                // The session is closed, whether the rest of the body comes or not.
                let patience = RingDeadline(in: min(limit, .seconds(1)), clock: clock)
                let body = try? await patience.run(clock, of: .endLive) {
                    try await response.body.collect(upTo: 64 * 1024)
                }
                // The page of a proxy does not mean that: the session stays in the ledger.
                _ = try RingError.undocumentedBody(body ?? [], of: response, during: .endLive)
                return .closed
            case 404, 410: return .alreadyEnded
            default: return .failed(await self.error(for: response, to: .endLive))
            }
        } catch let error as RingError {
            return .failed(error)
        } catch {
            return .failed(
                RingError(
                    code: .connectionLost, message: "the live session could not be closed; it runs until Ring's limit",
                    operation: .endLive, delivery: .unknown, cause: error))
        }
    }
}

extension Duration {
    /// Seconds as a floating-point number, for dates.
    var seconds: TimeInterval {
        let (seconds, attoseconds) = self.components
        return TimeInterval(seconds) + TimeInterval(attoseconds) / 1e18
    }
}
