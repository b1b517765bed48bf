internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingWebhookInbox {
    /// Works on what was kept until the task is cancelled or ``shutdown(within:)`` is called. Then the handlers are
    /// cancelled too, and what they had not finished is given back for the next process.
    ///
    /// It returns when the last handler has. Failures of the storage are told to the observer and do not end it. Call it
    /// once a process, or never in a process that only receives.
    public func run() async {
        self.state.withLock { $0.runs += 1 }
        await withDiscardingTaskGroup { group in
            if let changes = self.store.storage.changes(in: RingStoredWebhook.collection) {
                group.addTask { for await _ in changes { self.expectWork() } }
            }
            group.addTask { await self.tidyUp() }
            group.addTask { await self.poll() }
            while !self.isStopping {
                self.watchClock()
                for held in self.takeHandedOver() { group.addTask { await self.work(on: held) } }
                let free = self.freeHandlers()
                let candidates = free > 0 ? await self.candidates(free) : []
                for candidate in candidates { group.addTask { await self.work(on: candidate) } }
                guard candidates.isEmpty || candidates.count < free else { continue }
                await self.bell.wait()
            }
            group.cancelAll()
            // Cancelled as well, so they are given back.
            for held in self.takeHandedOver() { group.addTask { await self.work(on: held) } }
        }
        let left = self.state.withLock { state in
            state.runs -= 1
            guard state.runs == 0 else { return [HeldWebhook]() }
            defer { state.handedOver = [] }
            return state.handedOver
        }
        for held in left { await self.giveBack(held) }
        self.quietBell.ring()
    }

    /// Has the storage queried from time to time: something may be due by now, or another process may have received it.
    private func poll() async {
        while (try? await self.clock.sleep(for: self.pollInterval)) != nil { self.expectWork() }
    }

    /// Something that no query has found yet may be due.
    func expectWork() {
        self.state.withLock { $0.expectsWork = true }
        self.bell.ring()
    }

    /// Gives a webhook that was taken as it was saved to `run()`.
    ///
    /// - Parameter since: The uptime before it was taken.
    func handOver(_ claim: RingWebhookClaim, _ event: RingWebhookEvent?, since: Duration) async {
        let held = HeldWebhook(claim: claim, event: event, run: HandlerRun())
        self.heartbeat.hold(claim.lease, since: since) { held.run.end(.leaseLost) }
        let isRunning = self.state.withLock { state in
            guard state.runs > 0 else { return false }
            state.handedOver.append(held)
            return true
        }
        if isRunning { self.bell.ring() } else { await self.giveBack(held) }
    }

    private func takeHandedOver() -> [HeldWebhook] {
        self.state.withLock { state in
            defer { state.handedOver = [] }
            return state.handedOver
        }
    }

    private func giveBack(_ held: HeldWebhook) async {
        held.run.end(.stopping)
        await self.work(on: held)
    }

    /// This process works on a record no more.
    func endWork(on id: RingStorageID) {
        self.state.withLock { _ = $0.active.remove(id) }
        self.bell.ring()
        self.quietBell.ring()
    }

    /// How many handlers are free for what a query may find; 0 when there is no reason for a query.
    private func freeHandlers() -> Int {
        self.state.withLock { state in
            let free = max(1, self.options.concurrency) - state.active.count
            guard free > 0, state.expectsWork else { return 0 }
            state.expectsWork = false
            return free
        }
    }

    private var pollInterval: Duration { max(self.options.pollInterval, .milliseconds(10)) }

    private var isStopping: Bool { Task.isCancelled || !self.state.withLock { $0.isWorking } }

    /// Records to work on, which count as active from now on.
    private func candidates(_ limit: Int) async -> [RingWebhookCandidate] {
        let (now, uptime) = (self.clock.now().storageMicroseconds, self.clock.uptime())
        let interval = self.pollInterval
        let (active, seeksLanes, lanesFirst, checksDates) = self.state.withLock { state in
            var seeksLanes = self.options.ordering != .none || state.hasLanes
            // Another process, or an earlier release, may have had another ordering.
            if !seeksLanes { seeksLanes = InboxState.isOver(interval, since: &state.checkedLanesAt, now: uptime) }
            state.takesLanesFirst.toggle()
            return (
                state.active, seeksLanes, state.takesLanesFirst,
                InboxState.isOver(interval, since: &state.checkedDatesAt, now: uptime)
            )
        }
        var found: [RingWebhookCandidate] = []
        var ranges = [Int64.min...now]
        let limitOfDates = now.adding(self.options.longestDelay)
        if checksDates, limitOfDates < .max { ranges.append(limitOfDates + 1 ... .max) }
        for inLanes in lanesFirst ? [true, false] : [false, true] where seeksLanes || !inLanes {
            var count = 0
            for range in ranges where found.count < limit {
                let more = await self.tellFailure("claim") {
                    try await self.store.candidates(
                        inLanes: inLanes, due: range, limit: limit - found.count, excluding: active)
                }
                found += more ?? []
                count += more?.count ?? 0
            }
            if inLanes { self.state.withLock { $0.hasLanes = count > 0 } }
        }
        self.state.withLock { state in
            state.active.formUnion(found.map(\.id))
            if found.count >= limit { state.expectsWork = true }
        }
        return found
    }

    private func work(on candidate: RingWebhookCandidate) async {
        let start = self.clock.uptime()
        let take = self.isStopping ? nil : await self.take(candidate)
        switch take {
        case .taken(let claim):
            let held = HeldWebhook(claim: claim, event: nil, run: HandlerRun())
            self.heartbeat.hold(claim.lease, since: start) { held.run.end(.leaseLost) }
            await self.work(on: held, since: start)
        case .keyMissing(let key): self.noteMissingKey(key)
        case .damaged(let key): self.observer.observe(RingWebhookUnreadable(key: key))
        case .missed, nil: break
        }
        // Another one of its lane may be due, or behind those that were postponed.
        if take != nil { self.state.withLock { $0.expectsWork = true } }
        self.endWork(on: candidate.id)
    }

    private func take(_ candidate: RingWebhookCandidate) async -> RingWebhookTake? {
        await self.tellFailure("claim") {
            try await self.store.take(
                candidate, for: self.options.lease, longestDelay: self.options.longestDelay,
                quarantineEnd: self.quarantineEnd)
        }
    }

    private func work(on held: HeldWebhook) async {
        await self.work(on: held, since: self.clock.uptime())
        self.endWork(on: held.claim.lease.id)
    }

    private func work(on held: HeldWebhook, since start: Duration) async {
        let (settlement, failure, sentAt) = await self.attempt(held)
        let webhook = held.claim.webhook
        let isSettled = await self.settle(held.claim, as: settlement, sentAt: sentAt)
        self.heartbeat.drop(held.claim.lease)
        guard isSettled else { return }
        self.state.withLock { state in
            switch settlement {
            case .done, .quarantined: state.waiting = state.waiting.map { max(0, $0 - 1) }
            case .retry, .givenBack: break
            }
        }
        self.observer.observe(
            RingWebhookHandled(
                key: webhook.key, attempt: webhook.attempts, settlement: settlement, failure: failure,
                duration: self.clock.uptime() - start))
    }

    private func attempt(_ held: HeldWebhook) async -> (RingWebhookSettlement, failure: String?, sentAt: Date?) {
        let (webhook, run) = (held.claim.webhook, held.run)
        guard webhook.attempts <= self.options.retries.maximumAttempts else {
            // Only a crash raises the attempts beyond the schedule's end.
            let error = RingWebhookError(
                code: .handlerGaveUp, message: "the process ended during each of \(webhook.attempts - 1) runs")
            return (.quarantined(reason: error.description), error.code.rawValue, nil)
        }
        let event: RingWebhookEvent
        do throws(RingWebhookError) {
            if let decoded = held.event {
                event = decoded
            } else {
                event = try RingWebhookEvent(decoding: held.claim.body, limits: .webhook(bytes: .max))
            }
        } catch {
            return (.quarantined(reason: error.description), error.code.rawValue, nil)
        }
        // The lease may be over before the handler has begun, when it took the storage long to give it.
        guard !self.isStopping, run.end == nil else { return (.givenBack, nil, nil) }
        let delivery = RingWebhookDelivery(
            key: webhook.key, event: event, attempt: webhook.attempts, receivedAt: webhook.receivedAt)
        switch await self.call(delivery, held.claim.lease, run) {
        case .success: return (.done, nil, event.sentAt)
        case .failure(let error as RingWebhookError) where error.code == .handlerRefused:
            return (.quarantined(reason: error.description), error.code.rawValue, nil)
        case .failure(let error):
            // The type alone: somebody else's text may hold anything.
            let name = String(describing: run.end == .timedOut ? RingWebhookHandlerTimedOut.self : type(of: error))
            if run.end == .stopping || run.end == .leaseLost { return (.givenBack, name, nil) }
            let delay = self.options.retries.delay(after: webhook.attempts, random: self.environment.randomUnit)
            guard let delay else {
                let error = RingWebhookError(
                    code: .handlerGaveUp, message: "failed \(webhook.attempts) times, lastly with \(name)")
                return (.quarantined(reason: error.description), name, nil)
            }
            return (.retry(at: self.clock.now() + delay.timeInterval, reason: name), name, nil)
        }
    }

    private func call(
        _ delivery: RingWebhookDelivery, _ lease: RingStorageLease, _ run: HandlerRun
    ) async -> Result<Void, any Error> {
        let timer = self.handlerLimit.start { run.end(.timedOut) }
        defer { self.handlerLimit.stop(timer) }
        return await run.result(
            of: self.environment.detach(throwing: { [handler, heartbeat] in
                // The process may have stood still since it took the webhook, for longer than the lease.
                guard heartbeat.isHolding(lease) else {
                    run.end(.leaseLost)
                    throw CancellationError()
                }
                try await handler(delivery)
            }))
    }

    /// Ends the work on a webhook in the storage. The lease is kept until that has succeeded, so that a failing storage
    /// does not make a handler run again.
    ///
    /// - Returns: `false` when another process has taken the webhook over, or the process stops while the storage fails.
    private func settle(
        _ claim: RingWebhookClaim, as settlement: RingWebhookSettlement, sentAt: Date?
    ) async -> Bool {
        let expires =
            if case .done = settlement {
                // Ring's time counts as well: this machine's clock may be slow, and the key is needed for the whole time.
                max(self.clock.now(), sentAt ?? .distantPast).storageMicroseconds
                    .adding(self.options.retention(for: self.replayWindow))
            } else {
                self.quarantineEnd
            }
        var waits = [Duration.milliseconds(50), .milliseconds(500), .seconds(2)].makeIterator()
        while true {
            // Not cancelled with this task: the storage is to learn how it ended.
            let isSettled = await self.tellFailure("settle") {
                guard Task.isCancelled else {
                    return try await self.store.settle(claim, as: settlement, expires: expires)
                }
                return try await self.environment.detach(throwing: { [store] in
                    try await store.settle(claim, as: settlement, expires: expires)
                }).value
            }
            if let isSettled {
                if !isSettled { self.observer.observe(RingWebhookLeaseLost(key: claim.webhook.key)) }
                return isSettled
            }
            guard !self.isStopping, (try? await self.clock.sleep(for: waits.next() ?? .seconds(5))) != nil else {
                return false
            }
        }
    }

    private var quarantineEnd: Int64 {
        self.clock.now().storageMicroseconds.adding(self.options.quarantineRetention)
    }

    // MARK: Keeping order

    /// Notices that the wall clock was set: stored moments are then judged again at once.
    private func watchClock() {
        let offset = self.clock.now().timeIntervalSince1970 - self.clock.uptime().timeInterval
        let isSet = self.state.withLock { state in
            defer { state.clockOffset = offset }
            guard let last = state.clockOffset, abs(offset - last) > 1 else { return false }
            state.checkedDatesAt = nil
            state.steadySince = self.clock.uptime()
            return true
        }
        if isSet { self.clockBell.ring() }
    }

    /// How long the wall clock must have kept pace with the monotonic one before it decides what is deleted.
    private static let steadyTime = Duration.seconds(3_600)

    private func tidyUp() async {
        repeat {
            let released = await self.tellFailure("release") {
                try await self.store.releaseFresh(
                    by: self.replayWindow, inbox: self.identity, limits: self.options.maximumBodyBytes)
            }
            if let released, released > 0 { self.expectWork() }
            await self.tellFailure("reseal") { try await self.store.reseal() }
            self.watchClock()
            let now = self.clock.uptime()
            let unsteady = self.state.withLock { state in
                let since = state.steadySince ?? now
                state.steadySince = since
                return since + Self.steadyTime - now
            }
            if unsteady <= .zero {
                let purged = await self.tellFailure("purge") {
                    try await self.store.purge(
                        keepingDone: self.options.retention(for: self.replayWindow),
                        quarantined: self.options.quarantineRetention)
                }
                if let purged, purged > 0 { self.observer.observe(RingWebhooksPurged(count: purged)) }
            }
            guard !self.isStopping else { return }
            await self.clockBell.wait(
                atMost: unsteady > .zero ? unsteady : .seconds(3_600), in: self.environment)
        } while !self.isStopping
    }

    /// Runs an action of the storage; tells the observer of its failure.
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
