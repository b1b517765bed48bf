import Foundation
import RingCore
import RingCrypto
import RingTesting
import RingWebhooks
import Synchronization

/// One seed: processes of a service over one storage, what happens to them, a time without faults, and the invariants.
///
/// Everything runs on the calling thread, so the state here needs no protection; the simulation's actions are the reason
/// for the mutex.
final class ServiceRun: Sendable {
    private struct State {
        var slots: [ServiceProcess?]
        var all: [SimulatedProcess] = []
        var keyPhase = 0
        /// No faults any more.
        var isQuiet = false
    }

    let simulation: Simulation
    let plan: ServicePlan
    let webhooks: RingWebhookModel
    let database: RingMemoryStorage
    let keys: ServiceKeys
    private let state: Mutex<State>

    init(seed: UInt64, keys: ServiceKeys, keepsTrace: Bool = false) {
        let simulation = Simulation(seed: seed, keepsTrace: keepsTrace)
        self.simulation = simulation
        self.plan = ServicePlan(simulation)
        self.keys = keys
        self.database = RingMemoryStorage(uptime: { simulation.now })
        self.webhooks = RingWebhookModel(simulation, signer: keys.signer)
        self.state = Mutex(State(slots: Array(repeating: nil, count: self.plan.slots)))
    }

    /// Runs to the end.
    ///
    /// - Returns: What was violated; `nil` when everything held.
    func run() -> String? {
        self.webhooks.deliver { body, headers, reply in self.deliver(body, headers, reply) }
        self.simulation.faults = self.plan.faults
        for slot in 0..<self.plan.slots { self.start(slot) }
        for (time, action) in self.plan.actions { self.simulation.after(time) { self.perform(action) } }
        self.simulation.after(self.plan.length) { self.beginQuiet() }
        let last = self.plan.length + .seconds(3 * 3_600)
        let end = self.simulation.run(until: { self.isQuiet && (self.isSettled || self.simulation.now >= last) })
        if end == .done { self.checkAtTheEnd() }
        if end == .idle { self.simulation.fail("nothing is left to run, and the work is not done") }
        self.simulation.finish(self.state.withLock { $0.all })
        // Ends the references in a circle.
        self.webhooks.deliver { _, _, _ in }
        self.state.withLock { state in
            state.slots = []
            state.all = []
        }
        return self.simulation.failure
    }

    // MARK: Processes

    private func start(_ slot: Int) {
        let (number, phase, isQuiet) = self.state.withLock { ($0.all.count + 1, $0.keyPhase, $0.isQuiet) }
        let process = SimulatedProcess(
            self.simulation, name: "p\(number)", number: number,
            wallClockOffset: isQuiet ? .zero : self.simulation.duration(below: .seconds(2)))
        let service = ServiceProcess(process, in: self, keyPhase: phase)
        self.state.withLock { state in
            state.slots[slot] = service
            state.all.append(process)
        }
        self.simulation.note("starts", process)
        process.atEnd {
            let pause =
                self.state.withLock({ $0.isQuiet }) ? .seconds(1) : self.simulation.duration(below: .seconds(20))
            self.simulation.after(pause) { self.start(slot) }
        }
        service.start()
    }

    private var living: [ServiceProcess] {
        self.state.withLock { $0.slots.compactMap { $0 } }.filter(\.process.isAlive)
    }

    private func perform(_ action: ServicePlan.Action) {
        func living(_ slot: Int) -> ServiceProcess? {
            self.state.withLock { $0.slots[slot] }.flatMap { $0.process.isAlive ? $0 : nil }
        }
        switch action {
        case .webhook(let account):
            let device = "cam-\(account)-\(self.simulation.number(below: 2))"
            self.webhooks.send(
                RingWebhookDraft(
                    kind: .motionDetected, account: RingAccountID(rawValue: "account-\(account)"),
                    device: RingDeviceID(rawValue: device), occurredAt: self.trueDate))
        case .repeatedWebhook:
            let count = self.webhooks.webhooks.count
            if count > 0 { self.webhooks.repeatWebhook(self.simulation.number(below: count)) }
        case .end(let slot): living(slot)?.process.end()
        case .shutDown(let slot): living(slot)?.shutDown()
        case .pause(let slot, let duration):
            guard let process = living(slot)?.process else { return }
            self.simulation.note("pauses", process)
            process.pause()
            self.simulation.after(duration) { process.resume() }
        case .outage(let slot, let duration):
            guard let process = living(slot)?.process else { return }
            self.simulation.note("storage fails", process)
            process.failStorage(for: duration)
        case .step(let slot, let duration):
            guard let process = living(slot)?.process else { return }
            self.simulation.note("steps", process, "\(duration)")
            process.step(wallClockBy: duration)
        case .rotateKey: self.rotateKey()
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
        for service in living where service.keyPhase < phase {
            self.simulation.after(self.simulation.duration(below: .seconds(30))) { service.shutDown() }
        }
    }

    /// The end of all faults: clocks are right again, and every process runs.
    private func beginQuiet() {
        self.simulation.note("quiet")
        self.simulation.faults = SimulatedFaultPlan()
        self.state.withLock { $0.isQuiet = true }
        for service in self.living {
            service.process.resume()
            service.process.failStorage(for: .zero)
            service.process.set(wallClockOffset: .zero)
        }
    }

    var isQuiet: Bool { self.state.withLock { $0.isQuiet } }

    private var trueDate: Date { SimulatedProcess.epoch + self.simulation.now.inSeconds }

    // MARK: Webhooks

    private func deliver(
        _ body: [UInt8], _ headers: RingHTTPFields, _ reply: @escaping @Sendable (Int?) -> Void
    ) {
        let living = self.living
        guard !living.isEmpty else { return reply(nil) }
        let service = living[self.simulation.number(below: living.count)]
        service.receive(body, headers, reply)
    }

    // MARK: Invariants

    private var isSettled: Bool {
        self.webhooks.webhooks.allSatisfy { $0.handlers.isEmpty && ($0.isGivenUp || $0.handled > 0) }
    }

    private func checkAtTheEnd() {
        for webhook in self.webhooks.webhooks where webhook.isAccepted && webhook.handled == 0 {
            self.simulation.fail("webhook w\(webhook.number) got a 200 response and was never handled")
        }
        for webhook in self.webhooks.webhooks where webhook.isGivenUp && webhook.handled == 0 {
            self.simulation.fail("webhook w\(webhook.number) was never accepted, although all is well for hours")
        }
    }
}

extension Duration {
    /// Whole and parts of seconds.
    var inSeconds: Double { Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18 }
}
