import Foundation
import RingCore
import RingCrypto
import RingTesting
import RingWHEP
import RingWebhooks
import Synchronization

/// One seed of the whole service of a partner: several processes over one storage, users, Ring, what happens to them, a
/// time without faults, and the invariants.
final class PartnerRun: Sendable {
    struct State {
        var slots: [PartnerProcess?]
        var all: [SimulatedProcess] = []
        var keyPhase = 0
        /// When the faults ended.
        var quietSince: Duration?
        /// The records of sessions whose URL was stored.
        var storedSessions: [String: RingStorageID] = [:]
        /// The records that each process could not close the session of, and left to the others.
        var givenUpSessions: [ObjectIdentifier: Set<RingStorageID>] = [:]
        /// When each account was removed at Ring last.
        var removedAt: [String: Duration] = [:]
        /// When each account was connected last.
        var connectedAt: [String: Duration] = [:]
        /// Calls for an account that have not ended, in the quiet time.
        var calls: [String: Duration] = [:]
        /// Accounts for which a call and a refresh have succeeded in the quiet time.
        var isGood: Set<String> = []
    }

    let simulation: Simulation
    let plan: PartnerPlan
    let model: RingModel
    let webhooks: RingWebhookModel
    let database: RingMemoryStorage
    let records: SimulatedRecords
    let keys: ServiceKeys
    let state: Mutex<State>

    /// How long the service may take until everything is in order.
    private static let longestQuiet = Duration.seconds(7_200)

    init(seed: UInt64, keys: ServiceKeys, keepsTrace: Bool = false) {
        let simulation = Simulation(seed: seed, keepsTrace: keepsTrace)
        self.simulation = simulation
        self.plan = PartnerPlan(simulation)
        self.keys = keys
        self.database = RingMemoryStorage(uptime: { simulation.now })
        self.records = SimulatedRecords(simulation)
        self.model = RingModel(
            simulation, key: keys.signer.key, rules: self.plan.rules, sdpAnswer: Array(LiveDescriptions.sdpAnswer.utf8))
        self.webhooks = RingWebhookModel(simulation, signer: keys.signer)
        self.state = Mutex(State(slots: Array(repeating: nil, count: self.plan.slots)))
    }

    /// Runs to the end.
    ///
    /// - Returns: What was violated; `nil` when everything held.
    func run() -> String? {
        self.webhooks.deliver { body, headers, reply in self.deliver(body, headers, reply) }
        self.model.whenCompleted { account in self.announce(.appIntegrationAdded, account) }
        self.watch()
        self.simulation.faults = self.plan.faults
        for slot in 0..<self.plan.slots { self.start(slot) }
        for (time, action) in self.plan.actions { self.simulation.after(time) { self.perform(action) } }
        self.simulation.after(self.plan.length) { self.beginQuiet() }
        let last = self.plan.length + Self.longestQuiet
        var isOver = false
        let end = self.simulation.run(until: {
            guard let since = self.state.withLock({ $0.quietSince }) else { return false }
            guard self.simulation.now >= since + .seconds(75) else { return false }
            isOver = self.unsettled == nil
            return isOver || self.simulation.now >= last
        })
        if end == .done, !isOver { self.simulation.fail("not in order after two hours: \(self.unsettled ?? "")") }
        if end == .done, isOver { self.checkAtTheEnd() }
        if end == .idle { self.simulation.fail("nothing is left to run, and the work is not done") }
        self.simulation.finish(self.state.withLock { $0.all })
        // Ends the references in a circle.
        self.webhooks.deliver { _, _, _ in }
        self.model.forgetCallbacks()
        self.records.watch { _, _, _ in }
        self.state.withLock { state in
            state.slots = []
            state.all = []
        }
        return self.simulation.failure
    }

    func name(_ account: Int) -> String { "account-\(account)" }

    /// Whether there is an integration at Ring.
    func isConnected(_ account: String) -> Bool {
        ["pending", "awaiting", "completed"].contains(self.model.status(of: account))
    }

    // MARK: Processes

    private func start(_ slot: Int) {
        let (number, phase, isQuiet) = self.state.withLock { ($0.all.count + 1, $0.keyPhase, $0.quietSince != nil) }
        let process = SimulatedProcess(
            self.simulation, name: "p\(number)", number: number,
            wallClockOffset: isQuiet ? .zero : self.simulation.duration(below: .seconds(2)))
        let partner: PartnerProcess
        do { partner = try PartnerProcess(process, in: self, keyPhase: phase) } catch {
            return self.simulation.fail("no process: \(error)")
        }
        self.state.withLock { state in
            state.slots[slot] = partner
            state.all.append(process)
        }
        self.simulation.note("starts", process)
        process.atEnd {
            let isQuiet = self.state.withLock { $0.quietSince != nil }
            let pause = isQuiet ? .seconds(1) : self.simulation.duration(below: .seconds(15))
            self.simulation.after(pause) { self.start(slot) }
        }
        partner.start()
    }

    private var living: [PartnerProcess] {
        self.state.withLock { $0.slots.compactMap { $0 } }.filter(\.process.isAlive)
    }

    /// The process that a load balancer chooses; `nil` when there is none.
    private var anyProcess: PartnerProcess? {
        let ready = self.living.filter(\.takesRequests)
        return ready.isEmpty ? nil : ready[self.simulation.number(below: ready.count)]
    }

    func partner(of process: SimulatedProcess) -> PartnerProcess? {
        self.state.withLock { $0.slots.compactMap { $0 } }.first { $0.process === process }
    }

    private func perform(_ action: PartnerPlan.Action) {
        func living(_ slot: Int) -> PartnerProcess? {
            self.state.withLock { $0.slots[slot] }.flatMap { $0.process.isAlive ? $0 : nil }
        }
        switch action {
        case .connect(let account): self.connect(self.name(account))
        case .redirect(let account): self.press(self.name(account))
        case .remove(let account, let reconnects): self.remove(self.name(account), reconnects)
        case .call(let account): self.call(self.name(account))
        case .calls(let account):
            for partner in self.living where partner.takesRequests {
                for _ in 0..<(1 + self.simulation.number(below: 2)) {
                    self.simulation.after(self.simulation.duration(below: .milliseconds(20))) {
                        self.call(self.name(account), in: partner)
                    }
                }
            }
        case .refresh(let account): self.anyProcess?.refresh(self.name(account)) { _ in }
        case .sweep(let slot): living(slot)?.sweep()
        case .endAccess(let account): self.model.endAccess(self.name(account))
        case .live(let account): self.live(self.name(account), hold: self.simulation.duration(below: .seconds(70)))
        case .webhook(let account):
            self.webhooks.send(
                RingWebhookDraft(
                    kind: .motionDetected, account: RingAccountID(rawValue: self.name(account)),
                    device: RingDeviceID(rawValue: "cam-\(self.name(account))"), occurredAt: self.model.now))
        case .repeatedWebhook:
            let count = self.webhooks.webhooks.count
            if count > 0 { self.webhooks.repeatWebhook(self.simulation.number(below: count)) }
        case .end(let slot): living(slot)?.process.end()
        case .shutDown(let slot): living(slot)?.shutDown()
        case .pause(let slot, let duration):
            guard let process = living(slot)?.process else { return }
            self.simulation.note("pauses", process, "\(duration)")
            process.pause()
            self.simulation.after(duration) { process.resume() }
        case .outage(let slot, let duration):
            guard let process = living(slot)?.process else { return }
            self.simulation.note("storage fails", process, "\(duration)")
            process.failStorage(for: duration)
        case .step(let slot, let duration):
            guard let process = living(slot)?.process else { return }
            self.simulation.note("steps", process, "\(duration)")
            process.step(wallClockBy: duration)
        case .rotateKey: self.rotateKey()
        case .pauseAll(let duration):
            self.simulation.note("all pause", nil, "\(duration)")
            let processes = self.living.map(\.process)
            for process in processes { process.pause() }
            self.simulation.after(duration) { for process in processes { process.resume() } }
        case .endAll: for partner in self.living { partner.process.end() }
        }
    }

    /// Goes on to the next phase of a key rotation when every process has reached the present one.
    private func rotateKey() {
        let living = self.living
        let phase = self.state.withLock { state in
            if living.allSatisfy({ $0.keyPhase == state.keyPhase }), state.keyPhase < 2 { state.keyPhase += 1 }
            return state.keyPhase
        }
        self.simulation.note("rotates", nil, "phase \(phase)")
        for partner in living where partner.keyPhase < phase {
            self.simulation.after(self.simulation.duration(below: .seconds(30))) { partner.shutDown() }
        }
    }

    // MARK: Users

    private func connect(_ account: String) {
        // Ring's dates have whole seconds, so that what happens within one cannot be told apart.
        let last = self.state.withLock { state in
            max(
                state.removedAt[account] ?? .seconds(-9), state.connectedAt[account] ?? .seconds(-9),
                self.model.newestPair(of: account)?.issuedAt ?? .seconds(-9))
        }
        guard self.simulation.now >= last + .seconds(2) else {
            self.simulation.after(last + .seconds(2) - self.simulation.now) { self.connect(account) }
            return
        }
        self.state.withLock { $0.connectedAt[account] = self.simulation.now }
        let code = self.model.connect(account)
        self.post(code, tries: 4)
        if self.simulation.chance(0.1) {
            self.simulation.after(self.simulation.duration(below: .seconds(5))) { self.post(code, tries: 1) }
        }
        self.simulation.after(self.simulation.duration(below: .seconds(8))) { self.press(account) }
    }

    /// Ring posts a code until a process accepts it.
    private func post(_ code: String, tries: Int) {
        guard tries > 0 else { return }
        let again = Once {
            self.simulation.after(.seconds(1) + self.simulation.duration(below: .seconds(8))) {
                self.post(code, tries: tries - 1)
            }
        }
        guard let partner = self.anyProcess else { return again.run() }
        let timer = self.simulation.after(.seconds(12)) { again.run() }
        self.simulation.note("posts a code", partner.process)
        partner.receive(code: code) { status in
            self.simulation.cancel(timer)
            self.simulation.note("code response", nil, "\(status)")
            if status >= 500 { again.run() }
        }
    }

    /// The user presses "Sign In" at Ring: the browser comes with a nonce.
    private func press(_ account: String) {
        guard self.isConnected(account) else { return }
        let redirect = self.model.redirect(account)
        self.link(redirect, for: "user-\(account)", tries: 3)
        if self.plan.hasRivals, self.simulation.chance(0.5), self.state.withLock({ $0.quietSince == nil }) {
            self.simulation.after(self.simulation.duration(below: .seconds(2))) {
                self.link(redirect, for: "rival-\(account)", tries: 2)
            }
        }
    }

    private func link(_ redirect: (nonce: String, time: String), for principal: String, tries: Int) {
        guard tries > 0 else { return }
        let again = Once {
            self.simulation.after(.seconds(1) + self.simulation.duration(below: .seconds(10))) {
                self.link(redirect, for: principal, tries: tries - 1)
            }
        }
        guard let partner = self.anyProcess else { return again.run() }
        self.simulation.note("links", partner.process, principal)
        let timer = self.simulation.after(.seconds(60)) { again.run() }
        partner.link(redirect, for: principal) { code in
            self.simulation.cancel(timer)
            self.simulation.note("linked", partner.process, "\(principal): \(code?.rawValue ?? "done")")
            if code != nil { again.run() }
        }
    }

    private func remove(_ account: String, _ reconnects: Bool) {
        guard self.isConnected(account) else { return }
        self.model.remove(account)
        self.state.withLock { $0.removedAt[account] = self.simulation.now }
        self.announce(.appIntegrationRemoved, account)
        guard reconnects else { return }
        self.simulation.after(self.simulation.duration(below: .seconds(20))) {
            if !self.isConnected(account) { self.connect(account) }
        }
    }

    /// Ring sends a webhook about an integration, perhaps late.
    private func announce(_ kind: RingEventKind, _ account: String) {
        let draft = RingWebhookDraft(
            kind: kind, account: RingAccountID(rawValue: account), device: nil, occurredAt: self.model.now)
        let isLate = self.simulation.chance(0.4)
        self.simulation.after(self.simulation.duration(below: isLate ? .seconds(60) : .seconds(1))) {
            self.webhooks.send(draft)
        }
    }

    private func call(_ account: String, in partner: PartnerProcess? = nil) {
        guard let partner = partner ?? self.anyProcess else { return }
        partner.call(account) { user, code in
            self.simulation.note("called", partner.process, "\(account): \(user ?? code?.rawValue ?? "")")
            if let user, user != account { self.simulation.fail("a call for \(account) was made as \(user)") }
        }
    }

    private func live(_ account: String, hold: Duration) {
        guard let partner = self.anyProcess, let offer = self.keys.offer else { return }
        partner.live(account, offer: offer, hold: hold, ends: self.simulation.number(below: 3))
    }

    // MARK: Webhooks

    private func deliver(
        _ body: [UInt8], _ headers: RingHTTPFields, _ reply: @escaping @Sendable (Int?) -> Void
    ) {
        guard let partner = self.anyProcess else { return reply(nil) }
        partner.receive(body, headers, reply)
    }

    // MARK: The quiet time

    /// The end of all faults: clocks are right again, and every process runs.
    private func beginQuiet() {
        self.simulation.note("quiet")
        self.simulation.faults = SimulatedFaultPlan()
        var rules = self.plan.rules
        (rules.unavailable, rules.profileUnavailable) = (0, 0)
        self.model.rules = rules
        self.state.withLock { $0.quietSince = self.simulation.now }
        for partner in self.living {
            partner.process.resume()
            partner.process.failStorage(for: .zero)
            partner.process.set(wallClockOffset: .zero)
        }
        if self.plan.lastEnds > 0 {
            for account in 0..<self.plan.accounts { self.live(self.name(account), hold: .seconds(100)) }
            self.simulation.after(.seconds(2) + self.simulation.duration(below: .seconds(2))) {
                for partner in self.living.prefix(self.plan.lastEnds) { partner.process.end() }
            }
        }
        self.simulation.after(.seconds(10)) { self.everyTenSeconds(0) }
    }

    /// Users that are not linked come again; each account is used.
    private func everyTenSeconds(_ round: Int) {
        for account in (0..<self.plan.accounts).map(self.name) {
            let status = self.model.status(of: account)
            if status == "pending" || status == "awaiting", round % 3 == 0 { self.press(account) }
            self.use(account, isRefreshed: round % 2 == 0)
        }
        self.simulation.after(.seconds(10)) { self.everyTenSeconds(round + 1) }
    }

    /// Makes a call that has to succeed when the account is in order.
    private func use(_ account: String, isRefreshed: Bool) {
        let isBusy = self.state.withLock { $0.calls[account] != nil }
        guard !isBusy, self.isConnected(account), let partner = self.anyProcess else { return }
        let start = self.simulation.now
        self.state.withLock { $0.calls[account] = start }
        let end: @Sendable (Bool) -> Void = { isGood in
            self.state.withLock { state in
                state.calls[account] = nil
                if isGood { state.isGood.insert(account) }
            }
        }
        partner.process.atEnd { end(false) }
        if isRefreshed {
            partner.refresh(account) { code in end(code == nil) }
        } else {
            partner.call(account) { user, _ in
                if let user, user != account { self.simulation.fail("a call for \(account) was made as \(user)") }
                end(user != nil)
            }
        }
    }
}

/// Runs an action at most once.
private final class Once: Sendable {
    private let action: Mutex<(@Sendable () -> Void)?>

    init(_ action: @escaping @Sendable () -> Void) { self.action = Mutex(action) }

    func run() {
        let action = self.action.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }
}
