internal import RingCore
internal import RingCrypto
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Takes the requests to the webhook URL: verifies, stores and responds.
final class InboxReceiver: Sendable {
    private struct State: Sendable {
        var refusals = RefusalCount()
        /// When the observer was last informed that this machine's clock is slow.
        var reportedSlowClockAt: Duration?
    }

    private let verifier: RingWebhookVerifier
    private let options: RingWebhookInboxOptions
    private let environment: RingEnvironment
    private let store: RingWebhookStore
    private let identity: Int64
    private let activity: InboxActivity
    private let worker: InboxWorker
    private let saveLimit: RingSharedTimeLimit
    private let state = Mutex(State())

    /// - Parameter identity: Distinguishes this inbox from those of other processes and of earlier runs.
    init(
        verifier: RingWebhookVerifier, options: RingWebhookInboxOptions, environment: RingEnvironment,
        store: RingWebhookStore, identity: Int64, activity: InboxActivity, worker: InboxWorker
    ) {
        self.verifier = verifier
        self.options = options
        self.environment = environment
        self.store = store
        self.identity = identity
        self.activity = activity
        self.worker = worker
        self.saveLimit = RingSharedTimeLimit(options.saveTimeout, environment: environment)
    }

    private var clock: any RingClock { self.environment.clock }

    /// Refusals with 4xx in a row.
    var consecutiveRefusals: Int {
        let now = self.clock.uptime()
        return self.state.withLock { $0.refusals.value(at: now) }
    }

    func handle(_ method: RingHTTPMethod, _ headers: RingHTTPFields, _ body: [UInt8]) async -> RingWebhookResponse {
        let start = self.clock.uptime()
        let response = await self.receive(method, headers, body)
        self.report(response, took: self.clock.uptime() - start)
        return response
    }

    func handle(_ request: RingHTTPRequest) async -> RingWebhookResponse {
        let start = self.clock.uptime()
        let body: [UInt8]
        do {
            // The body of another method is not read.
            let isDelivery = request.method == .post
            body = isDelivery ? try await request.body.collect(upTo: max(0, self.options.maximumBodyBytes)) : []
        } catch {
            let response = self.response(error is RingHTTPError ? .tooLarge : .incomplete)
            self.report(response, took: self.clock.uptime() - start)
            return response
        }
        return await self.handle(request.method, request.headerFields, body)
    }

    private func receive(
        _ method: RingHTTPMethod, _ headers: RingHTTPFields, _ body: [UInt8]
    ) async -> RingWebhookResponse {
        guard method == .post else { return self.response(.wrongMethod) }
        guard self.activity.isReceiving else { return self.response(.stopped) }
        guard body.count <= self.options.maximumBodyBytes else { return self.response(.tooLarge) }
        // The signature is the proof, whatever an intermediary made of the content type.
        let verification: RingWebhookVerification
        do throws(RingWebhookError) {
            verification = try self.verifier.verify(body: body, signature: headers[.signature])
        } catch {
            return self.response(error.code == .wrongSignature ? .forged : .unsigned, error: error)
        }
        let now = self.clock.now()
        let event: RingWebhookEvent
        do throws(RingWebhookError) {
            event = try RingWebhookEvent(decoding: body, limits: .webhook(bytes: self.options.maximumBodyBytes))
        } catch {
            let name = "sha256:\(RingSHA256.digest(of: body).hex)"
            let webhook = RingStoredWebhook(
                key: RingWebhookKey(requestID: RingRequestID(rawValue: name), eventID: ""),
                position: now.epochMilliseconds, receivedAt: now, body: body)
            return await self.store(webhook, event: nil, verification, quarantinedFor: error)
        }
        let verdict = self.activity.replayWindow.verdict(sentAt: event.sentAt, now: now)
        if verdict == .future, let sentAt = event.sentAt { self.reportSlowClock(by: sentAt.timeIntervalSince(now)) }
        let webhook = RingStoredWebhook(
            key: event.key, lane: self.lane(of: event),
            position: (event.occurredAt ?? event.sentAt ?? now).epochMilliseconds, receivedAt: now, body: body)
        return await self.store(webhook, event: event, verification, quarantinedFor: Self.objection(to: verdict))
    }

    private func store(
        _ webhook: RingStoredWebhook, event: RingWebhookEvent?, _ verification: RingWebhookVerification,
        quarantinedFor error: RingWebhookError?
    ) async -> RingWebhookResponse {
        guard await self.hasCapacity() else { return self.response(.queueFull, event, verification) }
        var webhook = webhook
        if let error {
            webhook.state = .quarantined
            webhook.reason = error.description
            webhook.expiresAt = webhook.receivedAt.storageMicroseconds.adding(self.options.quarantineRetention)
            if error.code == .stale {
                webhook.receipt = .init(inbox: self.identity, uptime: self.clock.uptime().microseconds)
            }
        }
        let isNew: Bool
        do {
            isNew = try await self.save(webhook, event)
        } catch let failure {
            self.environment.observer.observe(RingWebhookStoreFailed(action: "save", failure: failure))
            return self.response(.storeFailed, event, verification)
        }
        let outcome: RingWebhookOutcome
        switch (isNew, error) {
        case (false, _): outcome = .duplicate
        case (true, .some): outcome = .quarantined
        case (true, nil): outcome = event?.kind.isKnown == true ? .accepted : .acceptedUnknown
        }
        return self.response(outcome, event, verification, error: error)
    }

    private func response(
        _ outcome: RingWebhookOutcome, _ event: RingWebhookEvent? = nil,
        _ verification: RingWebhookVerification? = nil, error: RingWebhookError? = nil
    ) -> RingWebhookResponse {
        var response = RingWebhookResponse(outcome: outcome, retryAfter: self.options.retryAfter)
        response.event = event
        response.verification = verification
        response.error = error
        return response
    }

    /// Saves within the time that Ring waits. The save itself goes on when the time has passed or the caller has left: if
    /// it succeeds in the end, Ring's next attempt is a duplicate.
    private func save(_ webhook: RingStoredWebhook, _ event: RingWebhookEvent?) async throws -> Bool {
        let mayBeTaken = webhook.state == .waiting && webhook.lane == nil
        let isTaken = self.activity.beginSaving(taking: mayBeTaken ? webhook.key.storageID : nil)
        let first = RingFirstResult<Bool>()
        let timer = self.saveLimit.start { [limit = self.options.saveTimeout] in
            let message = "the storage took longer than \(limit.milliseconds) ms, and Ring gives up after 5 s"
            first.finish(.failure(RingError(code: .timedOut, message: message)))
        }
        self.environment.detach {
            do {
                first.finish(.success(try await self.save(webhook, event, isTaken: isTaken)))
            } catch {
                first.finish(.failure(error))
            }
            self.saveLimit.stop(timer)
            self.activity.endSaving()
        }
        return try await first.value()
    }

    /// - Parameter isTaken: Whether a handler is free for it, which then takes it in the same commit.
    private func save(_ webhook: RingStoredWebhook, _ event: RingWebhookEvent?, isTaken: Bool) async throws -> Bool {
        guard isTaken else {
            let isNew = try await self.store.save(webhook)
            if isNew, webhook.state == .waiting {
                self.activity.noteSaved()
                self.activity.expectWork()
            }
            return isNew
        }
        let start = self.clock.uptime()
        do {
            if let claim = try await self.store.saveAndTake(webhook, for: self.options.lease) {
                self.activity.noteSaved()
                await self.worker.accept(claim, event, since: start)
                return true
            }
        } catch {
            self.activity.endWork(on: webhook.key.storageID)
            throw error
        }
        self.activity.endWork(on: webhook.key.storageID)
        return false
    }

    private func hasCapacity() async -> Bool {
        switch self.activity.admission() {
        case .open: true
        case .closed: false
        case .mustCount:
            self.activity.noteCount(try? await self.store.backlog(limit: self.options.maximumWaiting))
        }
    }

    private func lane(of event: RingWebhookEvent) -> String? {
        switch self.options.ordering {
        case .none: nil
        case .perDevice: event.deviceID?.rawValue
        case .perAccount: event.accountID?.rawValue
        }
    }

    /// Why a webhook is quarantined because of the time at which it was sent. What was sent in the future is worked on:
    /// Ring signed it, and this machine's clock may be slow.
    private static func objection(to verdict: RingReplayWindow.Verdict) -> RingWebhookError? {
        switch verdict {
        case .fresh, .future: nil
        case .stale:
            RingWebhookError(
                code: .stale,
                message:
                    "sent longer ago than the replay window; widen it for a dead-letter replay, or release this one")
        case .undated: RingWebhookError(code: .undated, message: "no readable time at /meta/time")
        }
    }

    // MARK: Observations

    /// Reports a response to the observer and counts refusals.
    private func report(_ response: RingWebhookResponse, took duration: Duration) {
        let skew = response.event?.sentAt.map { Self.duration(self.clock.now().timeIntervalSince($0)) }
        self.environment.observer.observe(RingWebhookReceived(response, skew: skew, duration: duration))
        let now = self.clock.uptime()
        let refusals = self.state.withLock { $0.refusals.note(response.outcome, at: now) }
        if self.options.refusalWarnings.contains(refusals) {
            self.environment.observer.observe(
                RingWebhookRefusalsInARow(count: refusals, lastOutcome: response.outcome))
        }
    }

    /// Reports a webhook that was sent in the future, at most once an hour.
    private func reportSlowClock(by seconds: Double) {
        let now = self.clock.uptime()
        let isDue = self.state.withLock { $0.reportedSlowClockAt.renew(after: .seconds(3_600), at: now) }
        if isDue { self.environment.observer.observe(RingWebhookClockBehind(lag: Self.duration(seconds))) }
    }

    private static func duration(_ seconds: Double) -> Duration { .seconds(max(-1e9, min(1e9, seconds))) }
}
