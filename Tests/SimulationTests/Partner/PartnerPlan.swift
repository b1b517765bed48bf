import RingTesting
import RingWebhooks

/// What one seed of the whole partner service does: drawn once, at the beginning.
struct PartnerPlan: Sendable {
    /// What happens from outside.
    enum Action: Hashable, Sendable {
        case connect(account: Int)
        case redirect(account: Int)
        case remove(account: Int, reconnects: Bool)
        case call(account: Int)
        case calls(account: Int)
        case refresh(account: Int)
        case sweep(slot: Int)
        case endAccess(account: Int)
        case live(account: Int)
        case webhook(account: Int)
        case repeatedWebhook
        case end(slot: Int)
        case shutDown(slot: Int)
        case pause(slot: Int, for: Duration)
        case outage(slot: Int, for: Duration)
        case step(slot: Int, by: Duration)
        case rotateKey
        /// The machine stands still.
        case pauseAll(for: Duration)
        /// The machine loses its power.
        case endAll
    }

    var slots: Int
    var accounts: Int
    /// The actions with their times, in order.
    var actions: [(time: Duration, action: Action)] = []
    var faults = SimulatedFaultPlan()
    var rules = RingModel.Rules()
    var length: Duration
    var idleInterval: Duration
    var inbox = RingWebhookInboxOptions()
    /// Whether the engine notices the end of a process.
    var isEndVisible: Bool
    /// Whether another user of the partner tries to claim accounts as well.
    var hasRivals: Bool
    /// How long a shutdown may take.
    var shutdownLimit: Duration
    /// The number of processes that are killed when the faults end, with live sessions open.
    var lastEnds: Int

    init(_ simulation: Simulation) {
        self.slots = 2 + simulation.number(below: 2)
        self.accounts = 1 + simulation.number(below: 3)
        self.length = .seconds(20) + simulation.duration(below: .seconds(120))
        self.isEndVisible = simulation.chance(0.4)
        self.hasRivals = simulation.chance(0.3)
        self.shutdownLimit = simulation.chance(0.3) ? .seconds(6) : .seconds(45)
        self.lastEnds = simulation.chance(0.4) ? 1 : 0
        self.idleInterval = simulation.chance(0.3) ? .seconds(60) : .seconds(86_400)
        self.inbox.pollInterval = .seconds(2 + simulation.number(below: 10))
        self.inbox.ordering = [.none, .perDevice, .perAccount][simulation.number(below: 3)]
        self.rules.accessTokenLife = [.seconds(30), .seconds(120), .seconds(14_400)][simulation.number(below: 3)]
        self.rules.rotatesAtOnce = simulation.chance(0.75)

        // Many seeds have faults of one kind only: then the invariants are strictest.
        func perhaps(_ probability: Double) -> Double { simulation.chance(0.4) ? probability : 0 }
        self.rules.unavailable = perhaps(0.05)
        self.rules.profileUnavailable = perhaps(0.4)
        self.faults.storage = SimulatedFaults(
            endBefore: perhaps(0.01), endAfter: perhaps(0.01), failBefore: perhaps(0.02), failAfter: perhaps(0.02),
            slow: perhaps(0.02), slowTime: simulation.chance(0.3) ? .seconds(20) : .milliseconds(900))
        self.faults.transport = SimulatedFaults(
            endBefore: perhaps(0.02), endAfter: perhaps(0.05), failBefore: perhaps(0.05), failAfter: perhaps(0.05),
            slow: perhaps(0.15), slowTime: simulation.chance(0.5) ? .seconds(25) : .seconds(3))
        self.faults.clock = SimulatedFaults(endBefore: perhaps(0.001), endAfter: perhaps(0.001))
        self.faults.ends = simulation.number(below: 5)

        for account in 0..<self.accounts {
            self.actions.append((simulation.duration(below: .seconds(8)), .connect(account: account)))
        }
        // Some seeds do much of one thing.
        let favourite = simulation.number(below: 62)
        for _ in 0..<(8 + simulation.number(below: 20)) {
            let kind = simulation.chance(0.25) ? favourite : simulation.number(below: 62)
            self.actions.append((simulation.duration(below: self.length), self.action(kind, simulation)))
        }
        self.actions.sort { $0.time < $1.time }
    }

    private func action(_ kind: Int, _ simulation: Simulation) -> Action {
        let slot = simulation.number(below: self.slots)
        let account = simulation.number(below: self.accounts)
        switch kind {
        case 0..<3: return .connect(account: account)
        case 3..<5: return .redirect(account: account)
        case 5..<8: return .remove(account: account, reconnects: simulation.chance(0.7))
        case 8..<16: return .call(account: account)
        case 16..<19: return .calls(account: account)
        case 19..<24: return .refresh(account: account)
        case 24..<27: return .sweep(slot: slot)
        case 27..<30: return .endAccess(account: account)
        case 30..<35: return .live(account: account)
        case 35..<38: return .webhook(account: account)
        case 38: return .repeatedWebhook
        case 39..<43: return .end(slot: slot)
        case 43..<47: return .shutDown(slot: slot)
        case 47..<50: return .pause(slot: slot, for: simulation.duration(below: .seconds(40)))
        case 50..<53: return .outage(slot: slot, for: simulation.duration(below: .seconds(30)))
        case 53..<57:
            let longest = [Duration.seconds(5), .seconds(120), .seconds(7_200), .seconds(90_000)][
                simulation.number(below: 4)]
            return .step(slot: slot, by: simulation.duration(below: longest + longest) - longest)
        case 57: return .pauseAll(for: simulation.duration(below: .seconds(60)))
        case 58: return .endAll
        default: return .rotateKey
        }
    }
}
