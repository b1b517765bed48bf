internal import RingCore

/// What one process has under way for an inbox: saves, webhooks that it holds, calls of `run()`, and whether it stops.
///
/// It performs nothing. ``InboxActivity`` holds it in a mutex and wakes those who wait for a change.
struct InboxState: Sendable {
    var replayWindow: RingReplayWindow
    private(set) var isReceiving = true
    private(set) var isWorking = true

    private let concurrency: Int
    private let maximumWaiting: Int
    private let maximumSaving: Int
    private let hasOrdering: Bool
    private let pollInterval: Duration

    /// Calls of `run()`, and iterations over deliveries, under way.
    private var runs = 0
    private var iterations = 0
    /// Calls of `run()` that work on nothing.
    private var tidying = 0
    /// Deliveries that an iteration waits for, or has not acknowledged yet.
    private var wanted = 0
    /// Saves under way.
    private var saving = 0
    /// How many webhooks wait in the storage, counted now and then and updated between.
    private var waiting: Int?
    private var countedAt: Duration?
    /// The records that this process works on.
    private var active: Set<RingStorageID> = []
    /// What was taken as it was saved, and waits for a run.
    private var handedOver: [HeldWebhook] = []
    /// Whether the storage may hold something to work on that no query has found yet.
    private var expectsWork = true
    /// When dates that lie too far ahead, and lanes that no option of this process needs, were last looked for.
    private var checkedDatesAt: Duration?
    private var checkedLanesAt: Duration?
    private var hasLanes = true
    /// Whether lanes come first in the next query.
    private var takesLanesFirst = false

    init(_ options: RingWebhookInboxOptions) {
        self.replayWindow = options.replayWindow
        self.concurrency = max(1, options.concurrency)
        self.maximumWaiting = options.maximumWaiting
        self.maximumSaving = options.maximumSaving
        self.hasOrdering = options.ordering != .none
        self.pollInterval = options.effectivePollInterval
    }

    // MARK: The end

    mutating func stopReceiving() { self.isReceiving = false }

    mutating func stop() {
        self.isReceiving = false
        self.isWorking = false
    }

    /// Whether nothing of this inbox is under way any more.
    var isQuiet: Bool { !self.hasConsumer && self.tidying == 0 && self.saving == 0 && self.active.isEmpty }

    // MARK: Receiving

    /// Whether one more webhook may be stored.
    enum Admission: Hashable {
        case open, closed
        /// The number of those that wait must be counted first.
        case mustCount
    }

    mutating func admission(at now: Duration) -> Admission {
        guard self.saving < self.maximumSaving else { return .closed }
        if (self.waiting ?? .max) >= self.maximumWaiting, self.countedAt.renew(after: .seconds(1), at: now) {
            return .mustCount
        }
        return self.hasCapacity ? .open : .closed
    }

    /// Takes the number of webhooks that wait; `nil` when it could not be counted. A storage that cannot count may still
    /// save.
    ///
    /// - Returns: Whether one more may be stored.
    mutating func noteCount(_ count: Int?) -> Bool {
        if let count { self.waiting = count }
        return self.hasCapacity
    }

    private var hasCapacity: Bool { (self.waiting ?? 0) < self.maximumWaiting }

    /// Begins to save a webhook.
    ///
    /// - Parameter id: Its record, when a free handler may take it in the same commit.
    /// - Returns: Whether a handler is free. The record then counts as active.
    mutating func beginSaving(taking id: RingStorageID?) -> Bool {
        self.saving += 1
        let mode = self.runs > 0 ? Mode.handlers : .onDemand
        guard let id, self.isWorking, self.hasConsumer, self.freeCount(for: mode) > 0 else { return false }
        // Not twice: a duplicate may arrive before the webhook is saved.
        return self.active.insert(id).inserted
    }

    mutating func endSaving() { self.saving -= 1 }

    /// A webhook was saved that was not there before.
    mutating func noteSaved() { self.waiting = self.waiting.map { $0 + 1 } }

    /// A webhook is done or quarantined.
    mutating func noteSettled() { self.waiting = self.waiting.map { max(0, $0 - 1) } }

    // MARK: Working

    /// How webhooks come to their handler.
    enum Mode {
        /// As many at once as the options allow.
        case handlers
        /// No more than an iteration wants.
        case onDemand
        /// None do: the run only tidies up.
        case tidying
    }

    /// Whether there is a run that webhooks come to.
    private var hasConsumer: Bool { self.runs + self.iterations > 0 }

    mutating func beginRun(_ mode: Mode) {
        switch mode {
        case .handlers: self.runs += 1
        case .onDemand: self.iterations += 1
        case .tidying: self.tidying += 1
        }
    }

    /// Ends a run.
    ///
    /// - Returns: What nobody works on any more; it is to be given back.
    mutating func endRun(_ mode: Mode) -> [HeldWebhook] {
        switch mode {
        case .handlers: self.runs -= 1
        case .onDemand: self.iterations -= 1
        case .tidying: self.tidying -= 1
        }
        return self.hasConsumer ? [] : self.takeHandedOver()
    }

    /// One more delivery is wanted, or one fewer.
    mutating func want(_ difference: Int) { self.wanted += difference }

    /// Gives a webhook that was taken as it was saved to a run.
    ///
    /// - Returns: `false` when there is no run that webhooks come to.
    mutating func handOver(_ held: HeldWebhook) -> Bool {
        guard self.hasConsumer else { return false }
        self.handedOver.append(held)
        return true
    }

    mutating func takeHandedOver() -> [HeldWebhook] {
        defer { self.handedOver = [] }
        return self.handedOver
    }

    mutating func expectWork() { self.expectsWork = true }

    /// This process no longer works on a record.
    mutating func endWork(on id: RingStorageID) { self.active.remove(id) }

    private func freeCount(for mode: Mode) -> Int {
        switch mode {
        case .handlers: self.concurrency - self.active.count
        case .onDemand: min(self.wanted, self.concurrency) - self.active.count
        case .tidying: 0
        }
    }

    /// How many handlers of a run are free for what a query may find; 0 when there is no reason for a query.
    mutating func takeFreeHandlers(for mode: Mode) -> Int {
        let free = self.freeCount(for: mode)
        guard free > 0, self.expectsWork else { return 0 }
        self.expectsWork = false
        return free
    }

    /// What the next query for work looks for.
    struct Query: Hashable {
        var excluded: Set<RingStorageID>
        /// The kinds of records, in order: those in lanes (`true`) and those without one.
        var inLanes: [Bool]
        var includesFarDates: Bool
    }

    mutating func nextQuery(at now: Duration) -> Query {
        var seeksLanes = self.hasOrdering || self.hasLanes
        // Another process, or an earlier release, may have had another ordering.
        if !seeksLanes { seeksLanes = self.checkedLanesAt.renew(after: self.pollInterval, at: now) }
        self.takesLanesFirst.toggle()
        return Query(
            excluded: self.active,
            inLanes: seeksLanes ? (self.takesLanesFirst ? [true, false] : [false, true]) : [false],
            includesFarDates: self.checkedDatesAt.renew(after: self.pollInterval, at: now))
    }

    /// Whether the last query found lanes.
    mutating func noteLanes(_ hasLanes: Bool) { self.hasLanes = hasLanes }

    /// Notes what a query found; the records count as active from now on.
    mutating func noteFound(_ ids: [RingStorageID], limit: Int) {
        self.active.formUnion(ids)
        if ids.count >= limit { self.expectsWork = true }
    }

    /// The wall clock was set: dates are checked again.
    mutating func noteClockSet() { self.checkedDatesAt = nil }
}

/// A webhook that this process holds, and the run of its handler.
struct HeldWebhook: Sendable {
    var claim: RingWebhookClaim
    /// The event, when it is decoded already.
    var event: RingWebhookEvent?
    var run: HandlerRun
}

/// Refusals with 4xx in a row.
struct RefusalCount: Sendable {
    private var count = 0
    private var last: Duration?

    /// How many there are; those that are older than a day are not counted.
    func value(at now: Duration) -> Int {
        self.last.map { now - $0 > .seconds(86_400) } == true ? 0 : self.count
    }

    /// Counts a response. A temporary fault changes nothing.
    ///
    /// - Returns: How many refusals there are now in a row; 0 when this response is none.
    mutating func note(_ outcome: RingWebhookOutcome, at now: Duration) -> Int {
        if outcome.status < 300 { self.count = 0 }
        guard outcome.isRefusal else { return 0 }
        self.count = self.value(at: now) + 1
        self.last = now
        return self.count
    }
}

/// Notices when the wall clock is set, by comparing it with the monotonic clock.
struct ClockWatch: Sendable {
    /// The wall clock less the monotonic clock.
    private var offset: Double?
    /// The monotonic time since when that has not jumped.
    private var steadySince: Duration?

    /// Takes a reading of the wall clock less the monotonic clock, in seconds.
    ///
    /// - Returns: Whether the wall clock was set since the last reading.
    mutating func note(offset: Double, at uptime: Duration) -> Bool {
        defer { self.offset = offset }
        guard let last = self.offset, abs(offset - last) > 1 else { return false }
        self.steadySince = uptime
        return true
    }

    /// How much is left of a time for which the wall clock has to keep pace with the monotonic one.
    mutating func remaining(of time: Duration, at uptime: Duration) -> Duration {
        let since = self.steadySince ?? uptime
        self.steadySince = since
        return since + time - uptime
    }
}

extension Duration? {
    /// Whether an interval has passed since this moment, which is then set to the present one.
    mutating func renew(after interval: Duration, at now: Duration) -> Bool {
        if let last = self, now - last < interval { return false }
        self = now
        return true
    }
}
