public import RingCore
internal import RingCrypto
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingWebhookInbox {
    /// Takes one request to the webhook URL: checks its size and form, verifies the signature over the raw bytes, keeps the
    /// event durably unless it was kept before, and gives the response.
    ///
    /// Nothing is parsed before the signature is right. No handler runs before the response, or delays it.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - headers: The request's header fields.
    ///   - body: The raw bytes of the body. A server should stop reading beyond ``RingWebhookInboxOptions/maximumBodyBytes``
    ///     and may pass what it read: it is then too long, and the response is 413.
    /// - Returns: Status, header fields and body for Ring.
    public func handle(
        method: RingHTTPMethod = .post, headers: RingHTTPFields, body: [UInt8]
    ) async -> RingWebhookResponse {
        let start = self.clock.uptime()
        let response = await self.receive(method, headers, body)
        self.note(response, took: self.clock.uptime() - start)
        return response
    }

    private func receive(
        _ method: RingHTTPMethod, _ headers: RingHTTPFields, _ body: [UInt8]
    ) async -> RingWebhookResponse {
        guard method == .post else { return RingWebhookResponse(outcome: .wrongMethod) }
        guard self.state.withLock({ $0.isReceiving }) else {
            return RingWebhookResponse(outcome: .stopped, retryAfter: self.options.retryAfter)
        }
        guard body.count <= self.options.maximumBodyBytes else { return RingWebhookResponse(outcome: .tooLarge) }
        guard Self.mayBeJSON(headers[.contentType]) else { return RingWebhookResponse(outcome: .wrongType) }
        let verification: RingWebhookVerification
        do throws(RingWebhookError) {
            verification = try self.verifier.verify(body: body, signature: headers[.signature])
        } catch {
            return RingWebhookResponse(outcome: error.code == .wrongSignature ? .forged : .unsigned, error: error)
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
            return await self.keep(webhook, event: nil, verification, quarantinedFor: error)
        }
        let verdict = self.replayWindow.verdict(sentAt: event.sentAt, now: now)
        if verdict == .future, let sentAt = event.sentAt { self.noteSlowClock(by: sentAt.timeIntervalSince(now)) }
        let webhook = RingStoredWebhook(
            key: event.key, lane: self.lane(of: event),
            position: (event.occurredAt ?? event.sentAt ?? now).epochMilliseconds, receivedAt: now, body: body)
        return await self.keep(webhook, event: event, verification, quarantinedFor: Self.objection(to: verdict))
    }

    private func keep(
        _ webhook: RingStoredWebhook, event: RingWebhookEvent?, _ verification: RingWebhookVerification,
        quarantinedFor error: RingWebhookError?
    ) async -> RingWebhookResponse {
        let after = self.options.retryAfter
        guard await self.hasCapacity() else {
            return RingWebhookResponse(outcome: .queueFull, retryAfter: after, event: event, verification: verification)
        }
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
            self.observer.observe(RingWebhookStoreFailed(action: "save", failure: failure))
            return RingWebhookResponse(
                outcome: .storeFailed, retryAfter: after, event: event, verification: verification)
        }
        let outcome: RingWebhookOutcome
        switch (isNew, error) {
        case (false, _): outcome = .duplicate
        case (true, .some): outcome = .quarantined
        case (true, nil): outcome = event?.kind.isKnown == true ? .accepted : .acceptedUnknown
        }
        return RingWebhookResponse(outcome: outcome, event: event, verification: verification, error: error)
    }

    /// Saves within the time Ring waits. The save itself goes on when the time is up or the caller has gone: if it
    /// succeeds after all, Ring's next try is a duplicate.
    private func save(_ webhook: RingStoredWebhook, _ event: RingWebhookEvent?) async throws -> Bool {
        let isTaken = self.reserve(webhook)
        let race = RingFirstResult<Bool>()
        let timer = self.saveLimit.start { race.finish(.failure(RingWebhookSaveTimedOut())) }
        self.environment.detach {
            do {
                race.finish(.success(try await self.save(webhook, event, isTaken: isTaken)))
            } catch {
                race.finish(.failure(error))
            }
            self.saveLimit.stop(timer)
            self.state.withLock { $0.saving -= 1 }
            self.quietBell.ring()
        }
        return try await race.value()
    }

    /// Whether a handler is free for a webhook that is about to be saved. It is then taken in the same commit.
    private func reserve(_ webhook: RingStoredWebhook) -> Bool {
        self.state.withLock { state in
            state.saving += 1
            guard webhook.state == .waiting, webhook.lane == nil, state.runs > 0, state.isWorking,
                state.active.count < self.options.concurrency
            else { return false }
            // Not twice: the same webhook may arrive again before it is saved.
            return state.active.insert(webhook.key.storageID).inserted
        }
    }

    private func save(_ webhook: RingStoredWebhook, _ event: RingWebhookEvent?, isTaken: Bool) async throws -> Bool {
        guard isTaken else {
            let isNew = try await self.store.save(webhook)
            if isNew, webhook.state == .waiting {
                self.noteWaiting()
                self.expectWork()
            }
            return isNew
        }
        let start = self.clock.uptime()
        do {
            if let claim = try await self.store.saveAndTake(webhook, for: self.options.lease) {
                self.noteWaiting()
                await self.handOver(claim, event, since: start)
                return true
            }
        } catch {
            self.endWork(on: webhook.key.storageID)
            throw error
        }
        self.endWork(on: webhook.key.storageID)
        return false
    }

    private func noteWaiting() { self.state.withLock { $0.waiting = $0.waiting.map { $0 + 1 } } }

    private func hasCapacity() async -> Bool {
        let now = self.clock.uptime()
        let limit = self.options.maximumWaiting
        let (saving, mustCount) = self.state.withLock { state in
            let isFull = (state.waiting ?? .max) >= limit
            return (state.saving, isFull && InboxState.isOver(.seconds(1), since: &state.countedAt, now: now))
        }
        guard saving < self.options.maximumSaving else { return false }
        // A storage that cannot count may still save; its failure shows then.
        if mustCount, let waiting = try? await self.store.backlog(limit: limit) {
            self.state.withLock { $0.waiting = waiting }
        }
        return self.state.withLock { ($0.waiting ?? 0) < limit }
    }

    private func lane(of event: RingWebhookEvent) -> String? {
        switch self.options.ordering {
        case .none: nil
        case .perDevice: event.deviceID?.rawValue
        case .perAccount: event.accountID?.rawValue
        }
    }

    /// Why a webhook is not worked on by itself because of the time it was sent. What was sent in the future is worked on:
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

    /// `application/json`, any `+json`, `text/json`, or nothing said.
    private static func mayBeJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return true }
        let type = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        return type.isEmpty || type == "application/json" || type == "text/json"
            || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }
}

/// The storage took longer than Ring waits.
struct RingWebhookSaveTimedOut: Error {}
