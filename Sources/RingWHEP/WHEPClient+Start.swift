internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension WHEPClient {
    private var clock: any RingClock { self.api.environment.clock }

    func start(
        _ device: RingDeviceID, offer: SDP, options: WHEPSessionOptions, overlapping: Bool,
        counterAnswer: (@Sendable (SDP) async throws -> SDP)?
    ) async throws -> WHEPSession {
        let findings = offer.offerFindings()
        guard options.sendsOfferWithErrors || findings.errors.isEmpty else {
            let cause = WHEPOfferError(findings: findings)
            throw RingError(
                code: .unusableOffer, message: "the SDP offer cannot work and was not sent: \(cause)",
                operation: .startLive, cause: cause)
        }
        try Task.checkCancellation()
        let admission = try await self.governor.admit(device, power: options.power, overlapping: overlapping)
        let context = WHEPStartContext(
            api: self.api, configuration: self.configuration, ledger: self.ledger, governor: self.governor,
            admission: admission, recordID: self.ledger.newName(), device: device, options: options)
        do {
            try await self.ledger.insert(context.record())
        } catch {
            await self.governor.release(admission)
            throw error
        }
        return try await self.negotiate(offer, WHEPNegotiation(context: context, counterAnswer: counterAnswer))
    }

    /// Runs a negotiation to its end even when the caller is cancelled, so that what it opens can be closed.
    private func negotiate(_ offer: SDP, _ negotiation: WHEPNegotiation) async throws -> WHEPSession {
        let clock = self.clock
        let grace = self.configuration.closeTimeout
        let environment = self.api.environment
        let work = environment.detach(throwing: { try await negotiation.run(offer) })
        do {
            let session = try await withTaskCancellationHandler {
                try await work.value
            } onCancel: {
                environment.detach {
                    try? await clock.sleep(for: grace)
                    work.cancel()
                }
            }
            guard Task.isCancelled else { return session }
            await session.close(.cancelled)
            throw CancellationError()
        } catch {
            throw Task.isCancelled ? CancellationError() : error
        }
    }

    func open(
        _ device: RingDeviceID, engine: any WHEPEngine, options: WHEPSessionOptions, replacing old: WHEPSession? = nil
    ) async throws -> WHEPSession {
        let session: WHEPSession
        do {
            do {
                session = try await self.offer(device, engine: engine, options: options, overlapping: old != nil)
            } catch let error as RingError where old != nil && error.status == 409 {
                // One session a device: the old one has to go first.
                await old?.close(.replaced)
                session = try await self.offer(device, engine: engine, options: options, overlapping: false)
            }
        } catch {
            await engine.close()
            throw error
        }
        guard await session.closer.adopt(engine) else { throw RingError.liveSessionEnded(session.endReason) }
        do {
            // An engine that answered a counter-offer has everything already.
            if !session.isCounterOffer { try await engine.accept(answer: session.answer.answer) }
            try Task.checkCancellation()
            return session
        } catch {
            await session.close(Task.isCancelled ? .cancelled : .failed)
            throw error
        }
    }

    private static func counterAnswer(_ engine: any WHEPEngine) -> (@Sendable (SDP) async throws -> SDP)? {
        guard let engine = engine as? any WHEPCounterOfferEngine else { return nil }
        return { try await engine.answer(counterOffer: $0) }
    }

    /// Makes offers until one is taken or the policy ends.
    private func offer(
        _ device: RingDeviceID, engine: any WHEPEngine, options: WHEPSessionOptions, overlapping: Bool
    ) async throws -> WHEPSession {
        var next = 1
        while true {
            let offer = try await engine.offer()
            do {
                return try await self.start(
                    device, offer: offer, options: options, overlapping: overlapping,
                    counterAnswer: Self.counterAnswer(engine))
            } catch let error as RingError {
                next += 1
                guard let wait = options.retry.wait(before: next, after: error) else { throw error }
                try await self.clock.sleep(for: wait)
            }
        }
    }
}

extension WHEPStartContext {
    func record() -> WHEPSessionRecord {
        let now = self.clock.now()
        let worst = self.configuration.startTimeout + self.configuration.closeTimeout + self.longestRun
        return WHEPSessionRecord(
            id: self.recordID, account: self.api.account, device: self.device, startedAt: now,
            mayRunUntil: now + worst.seconds, longestRun: worst)
    }
}
