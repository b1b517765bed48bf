import RingCore
import RingCrypto
import RingTesting
import RingWHEP
import RingWebhooks

/// The keys of the service, prepared once for all seeds.
struct ServiceKeys: Sendable {
    let signer: WebhookSigner
    /// The sealing keys of each phase of a rotation.
    let sealing: [RingSealingKeyRing]
    /// An offer, parsed once.
    let offer: SDP?

    init() throws {
        self.signer = try WebhookSigner()
        let (old, new) = (
            try RingSealingKey(bytes: Array(repeating: 1, count: 32), id: "old"),
            try RingSealingKey(bytes: Array(repeating: 2, count: 32), id: "new")
        )
        self.sealing = [
            try RingSealingKeyRing(active: old), try RingSealingKeyRing(active: old, retired: [new]),
            try RingSealingKeyRing(active: new, retired: [old]),
        ]
        self.offer = try SDP(LiveDescriptions.sdpOffer)
    }
}

/// What runs in one process of the service.
final class ServiceProcess: Sendable {
    let process: SimulatedProcess
    let keyPhase: Int
    private let run: ServiceRun
    private let inbox: RingWebhookInbox?

    init(_ process: SimulatedProcess, in run: ServiceRun, keyPhase: Int) {
        self.process = process
        self.run = run
        self.keyPhase = keyPhase
        let storage = SimulatedStorage(
            process, run.database.anotherProcess(), isEndVisible: run.plan.isEndVisible)
        let environment = process.environment()
        let (signer, simulation) = (run.keys.signer, run.simulation)
        let verifier = try? RingWebhookVerifier(keys: [signer.key])
        if verifier == nil { simulation.fail("no verifier") }
        self.inbox = verifier.map { verifier in
            RingWebhookInbox(
                verifier: verifier, storage: storage, sealing: run.keys.sealing[keyPhase], options: run.plan.inbox,
                environment: environment
            ) { delivery in
                try await Self.handle(delivery, process, run, environment)
            }
        }
    }

    /// Starts everything that a service runs.
    func start() {
        guard let inbox else { return }
        self.process.run { await inbox.run() }
    }

    /// Ends as a service ends after SIGTERM.
    func shutDown() {
        guard let inbox, self.process.isAlive else { return }
        self.run.simulation.note("shuts down", self.process)
        self.process.run { [process] in
            _ = await inbox.shutdown(within: .seconds(10))
            process.end()
        }
    }

    func receive(_ body: [UInt8], _ headers: RingHTTPFields, _ reply: @escaping @Sendable (Int?) -> Void) {
        guard let inbox else { return }
        self.process.run { [process] in
            let response = await inbox.handle(headers: headers, body: body)
            if process.isAlive { reply(response.status) }
        }
    }

    private static func handle(
        _ delivery: RingWebhookDelivery, _ process: SimulatedProcess, _ run: ServiceRun, _ environment: RingEnvironment
    ) async throws {
        guard let number = Int(delivery.key.requestID.rawValue.dropFirst()) else { return }
        try process.checkAlive()
        for other in run.webhooks.begins(number, in: process)
        where !other.isStandingStill && !process.isStandingStill {
            run.simulation.fail("\(process.name) and \(other.name) handle webhook w\(number) at the same time")
        }
        var hasHandled = false
        defer { run.webhooks.ends(number, in: process, hasHandled: hasHandled) }
        let isLong = run.simulation.chance(0.1)
        try await environment.clock.sleep(
            for: run.simulation.duration(below: isLong ? .seconds(60) : .milliseconds(300)))
        if !run.isQuiet, delivery.attempt < 4, run.simulation.chance(run.plan.handlerFailures) {
            throw HandlerFailure()
        }
        hasHandled = true
    }

    private struct HandlerFailure: Error {}
}
