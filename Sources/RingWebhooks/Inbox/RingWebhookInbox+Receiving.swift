public import RingCore
internal import RingCrypto
internal import Synchronization

extension RingWebhookInbox {
    /// Takes one request to the webhook URL: checks its size and form, verifies the signature over the raw bytes, keeps the
    /// event durably unless it was kept before, and says what to answer.
    ///
    /// Nothing is parsed before the signature is right. No handler runs before the answer, or delays it.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - headers: The request's header fields.
    ///   - body: The raw bytes of the body. A server should stop reading beyond ``RingWebhookInboxOptions/maximumBodyBytes``
    ///     and may pass what it read: it is too long then and answered 413.
    /// - Returns: Status, header fields and body for Ring.
    public func handle(
        method: RingHTTPMethod = .post, headers: RingHTTPFields, body: [UInt8]
    ) async -> RingWebhookAnswer {
        let start = self.clock.uptime()
        let answer = await self.receive(method, headers, body)
        self.note(answer, took: self.clock.uptime() - start)
        return answer
    }

    private func receive(_ method: RingHTTPMethod, _ headers: RingHTTPFields, _ body: [UInt8]) async
        -> RingWebhookAnswer
    {
        guard method == .post else { return RingWebhookAnswer(outcome: .wrongMethod) }
        guard body.count <= self.options.maximumBodyBytes else { return RingWebhookAnswer(outcome: .tooLarge) }
        guard Self.mayBeJSON(headers[.contentType]) else { return RingWebhookAnswer(outcome: .wrongType) }
        let verification: RingWebhookVerification
        do throws(RingWebhookError) {
            verification = try self.verifier.verify(body: body, signature: headers[.signature])
        } catch {
            return RingWebhookAnswer(outcome: error.code == .wrongSignature ? .forged : .unsigned, error: error)
        }
        let now = self.clock.now()
        let event: RingWebhookEvent
        do throws(RingWebhookError) {
            event = try RingWebhookEvent(decoding: body, limits: .webhook(bytes: self.options.maximumBodyBytes))
        } catch {
            let name = "sha256:\(RingSHA256.digest(of: body).hex)"
            let poison = RingStoredWebhook(
                key: RingWebhookKey(requestID: RingRequestID(rawValue: name), eventID: ""),
                position: now.epochMilliseconds, body: body, receivedAt: now, reason: error.description)
            return await self.keep(poison, event: nil, verification, setAside: error)
        }
        let late = Self.lateness(self.replayWindow.verdict(sentAt: event.sentAt, now: now))
        let webhook = RingStoredWebhook(
            key: event.key, lane: self.lane(of: event), position: (event.occurredAt ?? now).epochMilliseconds,
            body: body, receivedAt: now, reason: late?.description)
        return await self.keep(webhook, event: event, verification, setAside: late)
    }

    private func keep(
        _ webhook: RingStoredWebhook, event: RingWebhookEvent?, _ verification: RingWebhookVerification,
        setAside error: RingWebhookError?
    ) async -> RingWebhookAnswer {
        let after = self.options.retryAfter
        guard await self.hasRoom() else {
            return RingWebhookAnswer(outcome: .queueFull, retryAfter: after, event: event, verification: verification)
        }
        let isNew: Bool
        do {
            isNew = try await self.save(webhook, isQuarantined: error != nil)
        } catch let failure {
            self.observer.observe(RingWebhookStoreFailed(action: "save", failure: failure))
            return RingWebhookAnswer(outcome: .storeFailed, retryAfter: after, event: event, verification: verification)
        }
        let outcome: RingWebhookOutcome
        switch (isNew, error) {
        case (false, _): outcome = .duplicate
        case (true, .some): outcome = .quarantined
        case (true, nil):
            self.state.withLock { $0.waiting = $0.waiting.map { $0 + 1 } }
            self.bell.ring()
            outcome = event?.kind.isKnown == true ? .accepted : .acceptedUnknown
        }
        return RingWebhookAnswer(outcome: outcome, event: event, verification: verification, error: error)
    }

    /// Saves within the time Ring waits. The save itself goes on when the time is up or the caller has gone: if it
    /// succeeds after all, Ring's next try is a duplicate.
    private func save(_ webhook: RingStoredWebhook, isQuarantined: Bool) async throws -> Bool {
        self.state.withLock { $0.saving += 1 }
        let race = FirstResult<Bool>()
        let timer = Task { [clock, limit = self.options.saveLimit] in
            try await clock.sleep(for: limit)
            race.finish(.failure(RingWebhookSaveTimedOut()))
        }
        Task {
            do {
                race.finish(.success(try await self.store.save(webhook, isQuarantined: isQuarantined)))
            } catch {
                race.finish(.failure(error))
            }
            timer.cancel()
            self.state.withLock { $0.saving -= 1 }
        }
        return try await race.value()
    }

    private func hasRoom() async -> Bool {
        let now = self.clock.uptime()
        let (saving, mustCount) = self.state.withLock { state in
            let isOld = state.countedAt.map { now - $0 >= .seconds(1) } ?? true
            let mustCount = isOld && (state.waiting ?? .max) >= self.options.maximumWaiting
            if mustCount { state.countedAt = now }
            return (state.saving, mustCount)
        }
        guard saving < self.options.maximumSaving else { return false }
        // A store that cannot count may still save; its failure shows then.
        if mustCount, let waiting = try? await self.store.backlog() {
            self.state.withLock { $0.waiting = waiting }
        }
        return self.state.withLock { ($0.waiting ?? 0) < self.options.maximumWaiting }
    }

    private func lane(of event: RingWebhookEvent) -> String? {
        switch self.options.ordering {
        case .none: nil
        case .perDevice: event.deviceID?.rawValue
        case .perAccount: event.accountID?.rawValue
        }
    }

    private static func lateness(_ verdict: RingReplayWindow.Verdict) -> RingWebhookError? {
        switch verdict {
        case .fresh: nil
        case .stale:
            RingWebhookError(
                code: .stale,
                message:
                    "sent longer ago than the replay window; widen it for a dead-letter replay, or release this one")
        case .future:
            RingWebhookError(code: .fromTheFuture, message: "sent in the future; check this machine's clock")
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

/// The store took longer than Ring waits.
struct RingWebhookSaveTimedOut: Error {}
