import RingCore
import RingTesting
import RingWebhooks

/// What one seed does: drawn once, at the beginning.
struct ServicePlan: Sendable {
    /// What happens from outside.
    enum Action: Hashable, Sendable {
        case webhook(account: Int)
        case repeatedWebhook
        case end(slot: Int)
        case shutDown(slot: Int)
        case pause(slot: Int, for: Duration)
        case outage(slot: Int, for: Duration)
        case step(slot: Int, by: Duration)
        case rotateKey
    }

    var slots: Int
    var accounts: Int
    /// The actions with their times, in order.
    var actions: [(time: Duration, action: Action)] = []
    var faults = SimulatedFaultPlan()
    var length: Duration
    var inbox = RingWebhookInboxOptions()
    /// The part of handler runs that fail.
    var handlerFailures: Double
    /// Whether the engine notices the end of a process.
    var isEndVisible: Bool

    init(_ simulation: Simulation) {
        self.slots = 2 + simulation.number(below: 2)
        self.accounts = 2 + simulation.number(below: 3)
        self.length = .seconds(30) + simulation.duration(below: .seconds(300))
        self.handlerFailures = simulation.chance(0.5) ? 0.15 : 0
        self.isEndVisible = simulation.chance(0.4)
        self.inbox.pollInterval = .seconds(1 + simulation.number(below: 10))
        self.inbox.ordering = [.none, .perDevice, .perAccount][simulation.number(below: 3)]
        self.inbox.concurrency = simulation.chance(0.3) ? 1 : 4

        // Many seeds have faults of one kind only: then the invariants are strictest.
        func perhaps(_ probability: Double) -> Double { simulation.chance(0.5) ? probability : 0 }
        self.faults.storage = SimulatedFaults(
            endBefore: perhaps(0.01), endAfter: perhaps(0.01), failBefore: perhaps(0.02), failAfter: perhaps(0.02),
            slow: perhaps(0.02), slowTime: simulation.chance(0.3) ? .seconds(20) : .milliseconds(900))
        self.faults.transport = SimulatedFaults(
            endBefore: perhaps(0.02), endAfter: perhaps(0.05), failBefore: perhaps(0.05), failAfter: perhaps(0.05),
            slow: perhaps(0.1), slowTime: .seconds(20))
        self.faults.clock = SimulatedFaults(endBefore: perhaps(0.002), endAfter: perhaps(0.002))
        self.faults.ends = simulation.number(below: 5)

        let count = 6 + simulation.number(below: 20)
        for _ in 0..<count {
            self.actions.append((simulation.duration(below: self.length), self.action(simulation)))
        }
        self.actions.sort { $0.time < $1.time }
    }

    private func action(_ simulation: Simulation) -> Action {
        let slot = simulation.number(below: self.slots)
        switch simulation.number(below: 21) {
        case 0..<11: return .webhook(account: simulation.number(below: self.accounts))
        case 11: return .repeatedWebhook
        case 12, 13: return .end(slot: slot)
        case 14, 15: return .shutDown(slot: slot)
        case 16: return .pause(slot: slot, for: simulation.duration(below: .seconds(40)))
        case 17, 18:
            let longest = [Duration.seconds(5), .seconds(120), .seconds(7_200), .seconds(90_000)][
                simulation.number(below: 4)]
            return .step(slot: slot, by: simulation.duration(below: longest + longest) - longest)
        case 19: return .outage(slot: slot, for: simulation.duration(below: .seconds(40)))
        default: return .rotateKey
        }
    }
}
