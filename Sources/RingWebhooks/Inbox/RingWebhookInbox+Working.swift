internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingWebhookInbox {
    /// Works on what was kept until the task is cancelled; then the handlers are cancelled too, and what they had not
    /// finished is given back for the next process.
    ///
    /// Call it once a process, or never in a process that only receives.
    public func run() async {
        if self.options.instanceName != nil {
            await self.tellFailure("give_up_leases") {
                try await self.store.giveUpLeases(of: self.owner, now: self.clock.now())
            }
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepLeases() }
            group.addTask { await self.tidyUp() }
            while !Task.isCancelled {
                let free = max(1, self.options.concurrency) - self.state.withLock { $0.active.count }
                let claimed = free > 0 ? await self.claim(free) : []
                for webhook in claimed { group.addTask { await self.work(on: webhook) } }
                guard claimed.count < free || free <= 0 else { continue }
                await self.bell.wait(atMost: self.options.pollInterval, clock: self.clock)
            }
        }
    }

    private func claim(_ limit: Int) async -> [RingStoredWebhook] {
        let now = self.clock.now()
        let claim = RingWebhookClaim(
            limit: limit, owner: self.owner, now: now, leaseUntil: now + self.options.lease.timeInterval)
        let claimed = await self.tellFailure("claim") { try await self.store.claim(claim) } ?? []
        self.state.withLock { $0.active.formUnion(claimed.map(\.key)) }
        return claimed
    }

    private func work(on webhook: RingStoredWebhook) async {
        let start = self.clock.uptime()
        let (settlement, failure) = await self.attempt(webhook)
        await self.settle(webhook, as: settlement)
        self.state.withLock { state in
            state.active.remove(webhook.key)
            switch settlement {
            case .done, .quarantined: state.waiting = state.waiting.map { max(0, $0 - 1) }
            case .retry, .givenBack: break
            }
        }
        self.observer.observe(
            RingWebhookHandled(
                key: webhook.key, attempt: webhook.attempts, settlement: settlement, failure: failure,
                duration: self.clock.uptime() - start))
        self.bell.ring()
    }

    private func attempt(_ webhook: RingStoredWebhook) async -> (RingWebhookSettlement, failure: String?) {
        guard webhook.attempts <= self.options.retries.maximumAttempts else {
            // Only a crash raises the attempts beyond the schedule's end.
            let error = RingWebhookError(
                code: .handlerGaveUp, message: "the process ended during each of \(webhook.attempts - 1) runs")
            return (.quarantined(reason: error.description), error.code.rawValue)
        }
        let event: RingWebhookEvent
        do throws(RingWebhookError) {
            event = try RingWebhookEvent(decoding: webhook.body, limits: .webhook(bytes: .max))
        } catch {
            return (.quarantined(reason: error.description), error.code.rawValue)
        }
        let delivery = RingWebhookDelivery(
            key: webhook.key, event: event, attempt: webhook.attempts, receivedAt: webhook.receivedAt)
        do {
            try await self.withinLimit { try await self.handler(delivery) }
            return (.done, nil)
        } catch let error as RingWebhookError where error.code == .handlerRefused {
            return (.quarantined(reason: error.description), error.code.rawValue)
        } catch {
            // The type alone: somebody else's text may hold anything.
            let name = String(describing: type(of: error))
            if Task.isCancelled { return (.givenBack, name) }
            guard let delay = self.options.retries.delay(after: webhook.attempts) else {
                let error = RingWebhookError(
                    code: .handlerGaveUp, message: "failed \(webhook.attempts) times, lastly with \(name)")
                return (.quarantined(reason: error.description), name)
            }
            return (.retry(at: self.clock.now() + delay.timeInterval, reason: name), name)
        }
    }

    private func withinLimit(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let (clock, limit) = (self.clock, self.options.handlerLimit)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await clock.sleep(for: limit)
                throw RingWebhookHandlerTimedOut()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func settle(_ webhook: RingStoredWebhook, as settlement: RingWebhookSettlement) async {
        // A store that fails for longer leaves it to the end of the lease: then it is done once more, not lost.
        for wait in [Duration.milliseconds(50), .milliseconds(500), .seconds(2), nil] {
            let isSettled = await self.tellFailure("settle") {
                try await self.store.settle(webhook.key, owner: self.owner, as: settlement, now: self.clock.now())
            }
            if let isSettled {
                if !isSettled { self.observer.observe(RingWebhookLeaseLost(key: webhook.key)) }
                return
            }
            guard let wait, (try? await self.clock.sleep(for: wait)) != nil else { return }
        }
    }

    private func keepLeases() async {
        while (try? await self.clock.sleep(for: self.options.lease / 3)) != nil {
            let keys = self.state.withLock { Array($0.active) }
            guard !keys.isEmpty else { continue }
            let until = self.clock.now() + self.options.lease.timeInterval
            let kept = await self.tellFailure("extend") {
                try await self.store.extend(keys, owner: self.owner, until: until)
            }
            // What was settled meanwhile is no loss.
            let lost = kept.map { Set(keys).subtracting($0) } ?? []
            for key in self.state.withLock({ lost.intersection($0.active) }) {
                self.observer.observe(RingWebhookLeaseLost(key: key))
            }
        }
    }

    private func tidyUp() async {
        repeat {
            let now = self.clock.now()
            let count = await self.tellFailure("purge") {
                try await self.store.purge(
                    doneBefore: now - self.options.retention.timeInterval,
                    quarantinedBefore: now - self.options.quarantineRetention.timeInterval)
            }
            if let count, count > 0 { self.observer.observe(RingWebhooksPurged(count: count)) }
        } while (try? await self.clock.sleep(for: .seconds(3_600))) != nil
    }

    /// Runs an action of the store; tells the observer of its failure.
    @discardableResult
    private func tellFailure<Value: Sendable>(
        _ action: String, _ body: () async throws -> Value
    ) async -> Value? {
        do {
            return try await body()
        } catch {
            self.observer.observe(RingWebhookStoreFailed(action: action, failure: error))
            return nil
        }
    }
}

/// A handler took longer than it may.
struct RingWebhookHandlerTimedOut: Error {}
