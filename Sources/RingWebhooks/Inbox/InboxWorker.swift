internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Works on stored webhooks: finds them, takes them, calls a handler and stores how it ended.
final class InboxWorker: Sendable {
    private let options: RingWebhookInboxOptions
    private let environment: RingEnvironment
    private let store: RingWebhookStore
    private let activity: InboxActivity
    private let steps: RingWebhookSteps?
    private let heartbeat: RingLeaseHeartbeat
    private let handlerLimit: RingSharedTimeLimit
    private let gauge: InboxGauge
    private let tidier: InboxTidier
    /// When the observer was last informed that a sealing key is missing, by the key's name.
    private let reportedKeysAt = Mutex<[String: Duration]>([:])

    /// - Parameter identity: Distinguishes this inbox from those of other processes and of earlier runs.
    init(
        options: RingWebhookInboxOptions, environment: RingEnvironment, store: RingWebhookStore, identity: Int64,
        activity: InboxActivity, steps: RingWebhookSteps?
    ) {
        self.options = options
        self.environment = environment
        self.store = store
        self.activity = activity
        self.steps = steps
        self.heartbeat = RingLeaseHeartbeat(
            storage: store.storage, environment: environment, duration: options.lease)
        self.handlerLimit = RingSharedTimeLimit(options.handlerTimeout, environment: environment)
        self.gauge = InboxGauge(store: store, environment: environment, maximumCount: options.maximumWaiting)
        self.tidier = InboxTidier(
            options: options, environment: environment, store: store, identity: identity, activity: activity)
    }

    private var clock: any RingClock { self.environment.clock }
    private var observer: any RingObserver { self.environment.observer }

    /// Wakes what waits for the clock after ``InboxActivity/stop()``.
    func wakeUp() { self.tidier.wakeUp() }

    /// Works until the task is cancelled or the inbox stops, and returns when the last handler has.
    ///
    /// - Parameter onStop: Called when the inbox stops, before the last handler has returned.
    func run(
        _ mode: InboxState.Mode, _ handler: @escaping RingWebhookHandler, onStop: @Sendable () -> Void = {}
    ) async {
        self.activity.beginRun(mode)
        await withDiscardingTaskGroup { group in
            if let changes = self.store.storage.changes(in: RingStoredWebhook.collection) {
                group.addTask { for await _ in changes { self.activity.expectWork() } }
            }
            group.addTask { await self.tidier.run() }
            group.addTask { await self.poll() }
            group.addTask { await self.gauge.run() }
            while !self.isStopping {
                self.tidier.watchClock()
                for held in self.activity.takeHandedOver() { group.addTask { await self.work(on: held, handler) } }
                let free = self.activity.takeFreeHandlers(for: mode)
                let candidates = free > 0 ? await self.candidates(free) : []
                for candidate in candidates { group.addTask { await self.work(on: candidate, handler) } }
                guard candidates.isEmpty || candidates.count < free else { continue }
                await self.activity.waitForWork()
            }
            group.cancelAll()
            if !self.activity.isWorking { onStop() }
            // Cancelled as well, so they are given back.
            for held in self.activity.takeHandedOver() { group.addTask { await self.work(on: held, handler) } }
        }
        for held in self.activity.endRun(mode) { await self.giveBack(held) }
        self.activity.noteRunEnded()
    }

    /// Releases, seals and deletes what is due for it, and works on nothing, until the task is cancelled or the inbox stops.
    func runWithoutHandler() async {
        self.activity.beginRun(.tidying)
        await withDiscardingTaskGroup { group in
            group.addTask { await self.gauge.run() }
            await self.tidier.run()
            group.cancelAll()
        }
        for held in self.activity.endRun(.tidying) { await self.giveBack(held) }
        self.activity.noteRunEnded()
    }

    /// Has the storage queried from time to time: something may be due by now, or another process may have received it.
    private func poll() async {
        let interval = self.options.effectivePollInterval
        while (try? await self.clock.sleep(for: interval)) != nil { self.activity.expectWork() }
    }

    /// Takes over a webhook that was taken as it was saved.
    ///
    /// - Parameter since: The uptime before it was taken.
    func accept(_ claim: RingWebhookClaim, _ event: RingWebhookEvent?, since: Duration) async {
        let held = HeldWebhook(claim: claim, event: event, run: HandlerRun())
        self.heartbeat.hold(claim.lease, since: since) { held.run.end(.leaseLost) }
        if !self.activity.handOver(held) { await self.giveBack(held) }
    }

    private func giveBack(_ held: HeldWebhook) async {
        held.run.end(.stopping)
        await self.work(on: held) { _ in }
    }

    private var isStopping: Bool { Task.isCancelled || !self.activity.isWorking }

    /// Records to work on, which count as active from now on.
    private func candidates(_ limit: Int) async -> [RingWebhookCandidate] {
        let query = self.activity.nextQuery()
        let now = self.store.now.storageMicroseconds
        var ranges = [Int64.min...now]
        let limitOfDates = now.adding(self.options.maximumDelay)
        if query.includesFarDates, limitOfDates < .max { ranges.append(limitOfDates + 1 ... .max) }
        var found: [RingWebhookCandidate] = []
        for inLanes in query.inLanes {
            var count = 0
            for range in ranges where found.count < limit {
                let more = await self.store.reportFailure("claim") {
                    try await self.store.candidates(
                        inLanes: inLanes, due: range, limit: limit - found.count, excluding: query.excluded,
                        for: self.heartbeat.duration)
                }
                found += more ?? []
                count += more?.count ?? 0
            }
            if inLanes { self.activity.noteLanes(count > 0) }
        }
        self.activity.noteFound(found.map(\.id), limit: limit)
        return found
    }

    private func work(on candidate: RingWebhookCandidate, _ handler: @escaping RingWebhookHandler) async {
        let start = self.clock.uptime()
        let take = self.isStopping ? nil : await self.take(candidate)
        switch take {
        case .taken(let claim):
            let held = HeldWebhook(claim: claim, event: nil, run: HandlerRun())
            let since = candidate.isTaken ? candidate.since : start
            self.heartbeat.hold(claim.lease, since: since) { held.run.end(.leaseLost) }
            await self.work(on: held, since: start, handler)
        case .keyMissing(let key): self.reportMissingKey(key)
        case .damaged(let key): self.observer.observe(RingWebhookUnreadable(key: key))
        case .missed: break
        case nil: await self.store.giveBack(candidate)
        }
        // Another one of its lane may be due, or behind those that were postponed.
        self.activity.endWork(on: candidate.id, expectsMore: take != nil)
    }

    private func take(_ candidate: RingWebhookCandidate) async -> RingWebhookTake? {
        await self.store.reportFailure("claim") {
            try await self.store.take(
                candidate, for: self.options.lease, maximumDelay: self.options.maximumDelay,
                quarantineEnd: self.quarantineEnd)
        }
    }

    private func work(on held: HeldWebhook, _ handler: @escaping RingWebhookHandler) async {
        let settlement = await self.work(on: held, since: self.clock.uptime(), handler)
        self.activity.endWork(on: held.claim.lease.id, expectsMore: settlement == .givenBack)
    }

    /// - Returns: How it ended in the storage; `nil` when that could not be stored.
    @discardableResult
    private func work(
        on held: HeldWebhook, since start: Duration, _ handler: @escaping RingWebhookHandler
    ) async -> RingWebhookSettlement? {
        let effects = DeliveryEffects(self.store.storage)
        let lag = max(0, self.store.now.timeIntervalSince(held.claim.webhook.receivedAt))
        var (settlement, failure, event) = await self.attempt(held, effects, handler)
        let webhook = held.claim.webhook
        var isSettled: Bool?
        if let transaction = effects.end() {
            if case .done = settlement {
                isSettled = await self.settle(held.claim, in: transaction, sentAt: event?.sentAt)
                if isSettled == nil {
                    // Undone with everything that the handler did in it.
                    (settlement, failure) = (self.retry(webhook, "the transaction"), "transaction_failed")
                }
            } else {
                await transaction.rollBack()
            }
        }
        if isSettled == nil { isSettled = await self.settle(held.claim, as: settlement, sentAt: event?.sentAt) }
        self.heartbeat.drop(held.claim.lease)
        guard isSettled == true else { return nil }
        switch settlement {
        case .done, .quarantined: self.activity.noteSettled()
        case .retry, .postponed, .givenBack: break
        }
        let eventLag = event?.ringTime.map { Duration.seconds(max(0, self.store.now.timeIntervalSince($0))) }
        self.observer.observe(
            RingWebhookHandled(
                key: webhook.key, attempt: webhook.attempts, settlement: settlement, failure: failure,
                duration: self.clock.uptime() - start, lag: .seconds(lag), eventLag: eventLag))
        return settlement
    }

    private func attempt(
        _ held: HeldWebhook, _ effects: DeliveryEffects, _ handler: @escaping RingWebhookHandler
    ) async -> (RingWebhookSettlement, failure: String?, RingWebhookEvent?) {
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
        guard !self.isStopping, run.end == nil else { return (.givenBack, nil, event) }
        let delivery = RingWebhookDelivery(
            key: webhook.key, event: event, attempt: webhook.attempts, receivedAt: webhook.receivedAt,
            effects: effects)
        switch await self.call(handler, delivery, held.claim.lease, run) {
        case .success: return (.done, nil, event)
        case .failure(is RingWebhookNotWanted): return (.givenBack, nil, event)
        case .failure(let error as RingWebhookError) where error.code == .handlerRefused:
            await self.runLastSteps(event)
            return (.quarantined(reason: error.description), error.code.rawValue, event)
        case .failure(let error as RingWebhookError) where error.code == .handlerPostponed && run.end != .timedOut:
            if run.end == .stopping || run.end == .leaseLost { return (.givenBack, nil, event) }
            let delay = min(max(error.postponement ?? .zero, .seconds(1)), self.options.maximumDelay)
            return (.postponed(to: self.store.now + delay.timeInterval), nil, event)
        case .failure(let error):
            let name = RingWebhookStoreFailed.text(of: run.end == .timedOut ? RingWebhookHandlerTimedOut() : error)
            if run.end == .stopping || run.end == .leaseLost { return (.givenBack, name, event) }
            let delay = self.options.retries.delay(after: webhook.attempts, random: self.environment.randomUnit)
            guard let delay else {
                await self.runLastSteps(event)
                let error = RingWebhookError(
                    code: .handlerGaveUp, message: "failed \(webhook.attempts) times, lastly with \(name)")
                return (.quarantined(reason: error.description), name, event)
            }
            return (.retry(at: self.store.now + delay.timeInterval, reason: name), name, event)
        }
    }

    /// The application will not finish this event. This package still does its last steps, in a task of its own, which is
    /// not cancelled with the handler.
    private func runLastSteps(_ event: RingWebhookEvent) async {
        guard let steps, event.lifecycle != nil else { return }
        await self.store.reportFailure("respond") {
            try await self.environment.detach(throwing: { try await steps.after(event) }).value
        }
    }

    private func call(
        _ handler: @escaping RingWebhookHandler, _ delivery: RingWebhookDelivery, _ lease: RingStorageLease,
        _ run: HandlerRun
    ) async -> Result<Void, any Error> {
        let timer = self.handlerLimit.start { run.end(.timedOut) }
        defer { self.handlerLimit.stop(timer) }
        return await run.result(
            of: self.environment.detach(throwing: { [heartbeat, steps] in
                // The process may have stood still since it took the webhook, for longer than the lease.
                guard heartbeat.isHolding(lease) else {
                    run.end(.leaseLost)
                    throw CancellationError()
                }
                try await steps?.before(delivery.event)
                try await handler(delivery)
                try await steps?.after(delivery.event)
            }))
    }

    private func retry(_ webhook: RingStoredWebhook, _ reason: String) -> RingWebhookSettlement {
        let delay = self.options.retries.delay(after: webhook.attempts, random: self.environment.randomUnit)
        guard let delay else {
            let error = RingWebhookError(
                code: .handlerGaveUp, message: "failed \(webhook.attempts) times, lastly with \(reason)")
            return .quarantined(reason: error.description)
        }
        return .retry(at: self.store.now + delay.timeInterval, reason: reason)
    }

    /// Ends the work on a webhook in the transaction of its handler.
    ///
    /// - Returns: `false` when another process has taken the webhook over, `nil` when the transaction failed: nothing of it
    ///   has an effect then.
    private func settle(
        _ claim: RingWebhookClaim, in transaction: any RingStorageTransaction, sentAt: Date?
    ) async -> Bool? {
        let expires = self.expiry(sentAt)
        // Not cancelled with this task: the storage is to learn how it ended.
        let isSettled = await self.store.reportFailure("settle") {
            try await self.environment.detach(throwing: { [store] in
                try await store.settle(claim, in: transaction, expires: expires)
            }).value
        }
        if isSettled == false { self.observer.observe(RingWebhookLeaseLost(key: claim.webhook.key)) }
        return isSettled
    }

    /// When a webhook that is done may be deleted.
    private func expiry(_ sentAt: Date?) -> Int64 {
        // Ring's time counts as well: this machine's clock may be slow, and the key is needed for the whole time.
        max(self.clock.now(), sentAt ?? .distantPast).storageMicroseconds
            .adding(self.options.retention(for: self.activity.replayWindow))
    }

    /// Ends the work on a webhook in the storage. The lease is kept until that has succeeded, so that a failing storage
    /// does not make a handler run twice.
    ///
    /// - Returns: `false` when another process has taken the webhook over, or the process stops while the storage fails.
    private func settle(
        _ claim: RingWebhookClaim, as settlement: RingWebhookSettlement, sentAt: Date?
    ) async -> Bool {
        let expires = if case .done = settlement { self.expiry(sentAt) } else { self.quarantineEnd }
        var waits = [Duration.milliseconds(50), .milliseconds(500), .seconds(2)].makeIterator()
        while true {
            // Not cancelled with this task: the storage is to learn how it ended.
            let isSettled = await self.store.reportFailure("settle") {
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

    /// Reports that a sealing key is missing, at most once an hour for each key.
    private func reportMissingKey(_ key: String) {
        let now = self.clock.uptime()
        let isDue = self.reportedKeysAt.withLock { $0[key].renew(after: .seconds(3_600), at: now) }
        if isDue { self.observer.observe(RingWebhookKeyMissing(keyID: key)) }
    }
}

/// A handler took longer than it may.
struct RingWebhookHandlerTimedOut: Error {}
