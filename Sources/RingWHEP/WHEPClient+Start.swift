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
        counterAnswer: (@Sendable (SDP) async throws -> SDP?)?
    ) async throws -> WHEPSession {
        let findings = offer.offerFindings()
        guard options.sendsOfferWithErrors || findings.errors.isEmpty else {
            let cause = SDPCheckError(findings: findings)
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

    /// Completes a negotiation even when the caller is cancelled, so that an opened session can be closed.
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
                // The server allows one session per device: the old one has to be closed first.
                await old?.close(.replaced)
                session = try await self.offer(device, engine: engine, options: options, overlapping: false)
            }
        } catch {
            await engine.close()
            throw error
        }
        do {
            try await session.start(engine)
            try Task.checkCancellation()
            return session
        } catch {
            await session.close(Task.isCancelled ? .cancelled : .failed)
            throw error
        }
    }

    /// Sends offers until one is accepted or the policy ends the attempts.
    private func offer(
        _ device: RingDeviceID, engine: any WHEPEngine, options: WHEPSessionOptions, overlapping: Bool
    ) async throws -> WHEPSession {
        var next = 1
        while true {
            let offer = try await engine.offer()
            do {
                return try await self.start(
                    device, offer: offer, options: options, overlapping: overlapping,
                    counterAnswer: { try await engine.answer(counterOffer: $0) })
            } catch let error as RingError {
                next += 1
                guard let wait = options.retry.wait(before: next, after: error) else { throw error }
                try await self.clock.sleep(for: wait)
            }
        }
    }
}
