package import RingCore
package import RingTesting
package import RingWebhooks
internal import Synchronization

/// Ring's side of webhooks: it sends each one until a response is 200, sometimes twice, and in any order.
package final class RingWebhookModel: Sendable {
    /// What became of one webhook.
    package struct Webhook: Sendable {
        package var number: Int
        package var body: [UInt8]
        package var attempts = 0
        /// Whether a response was 200.
        package var isAccepted = false
        /// Whether Ring has given up: a 4xx, or the last try failed.
        package var isGivenUp = false
        /// How often a handler has returned without an error.
        package var handled = 0
        /// The processes whose handlers work on it now.
        package var handlers: [SimulatedProcess] = []
    }

    /// Takes a webhook to a process and calls back with the status, or `nil` when there is no process to be reached.
    package typealias Delivery =
        @Sendable (
            _ body: [UInt8], _ headers: RingHTTPFields, _ reply: @escaping @Sendable (Int?) -> Void
        ) -> Void

    private struct State: Sendable {
        var webhooks: [Webhook] = []
        var delivery: Delivery = { _, _, reply in reply(nil) }
    }

    private let simulation: Simulation
    private let signer: WebhookSigner
    private let state = Mutex(State())

    /// The times between the tries of one webhook.
    private static let pauses: [Duration] = [
        .seconds(1), .seconds(5), .seconds(30), .seconds(120), .seconds(600), .seconds(3_600),
    ]
    /// How long a try waits for a status.
    private static let patience = Duration.seconds(5)

    /// Creates a sender without webhooks.
    package init(_ simulation: Simulation, signer: WebhookSigner) {
        self.simulation = simulation
        self.signer = signer
    }

    /// Says how webhooks reach a process.
    package func deliver(by delivery: @escaping Delivery) { self.state.withLock { $0.delivery = delivery } }

    /// Every webhook so far.
    package var webhooks: [Webhook] { self.state.withLock { $0.webhooks } }

    /// Sends a webhook until a response is 200.
    ///
    /// - Returns: Its number, which is also its request id.
    @discardableResult
    package func send(_ draft: RingWebhookDraft) -> Int {
        var draft = draft
        let number = self.state.withLock { $0.webhooks.count }
        draft.requestID = RingRequestID(rawValue: "w\(number)")
        let webhook = Webhook(number: number, body: draft.body)
        self.state.withLock { $0.webhooks.append(webhook) }
        self.attempt(number)
        return number
    }

    /// Sends a webhook once more although a response may have been 200.
    package func repeatWebhook(_ number: Int) { self.attempt(number) }

    private func attempt(_ number: Int) {
        let (body, delivery) = self.state.withLock { state in
            state.webhooks[number].attempts += 1
            return (state.webhooks[number].body, state.delivery)
        }
        self.simulation.note("webhook", nil, "w\(number)")
        let headers = self.signer.headers(for: body)
        let settle = Settling(self, number)
        let timer = self.simulation.after(Self.patience) { settle.reply(nil) }
        self.simulation.after(self.simulation.duration(below: .milliseconds(50))) {
            delivery(body, headers) { status in
                if status == 200 { self.accepted(number) }
                self.simulation.after(self.simulation.duration(below: .milliseconds(50))) {
                    self.simulation.cancel(timer)
                    settle.reply(status)
                }
            }
        }
    }

    /// One try; only its first end counts.
    private final class Settling: Sendable {
        private let isOver = Mutex(false)
        private let model: RingWebhookModel
        private let number: Int

        init(_ model: RingWebhookModel, _ number: Int) {
            self.model = model
            self.number = number
        }

        func reply(_ status: Int?) {
            let isFirst = self.isOver.withLock { isOver in
                defer { isOver = true }
                return !isOver
            }
            if isFirst { self.model.tried(self.number, status) }
        }
    }

    private func accepted(_ number: Int) { self.state.withLock { $0.webhooks[number].isAccepted = true } }

    private func tried(_ number: Int, _ status: Int?) {
        self.simulation.note("webhook response", nil, "w\(number) \(status.map(String.init) ?? "never")")
        let pause = self.state.withLock { state -> Duration? in
            if let status, (200..<300).contains(status) { return nil }
            let attempts = state.webhooks[number].attempts
            if let status, (400..<500).contains(status) {
                state.webhooks[number].isGivenUp = true
                return nil
            }
            guard attempts <= Self.pauses.count else {
                state.webhooks[number].isGivenUp = true
                return nil
            }
            return Self.pauses[attempts - 1]
        }
        if let status, (400..<500).contains(status) {
            self.simulation.fail("webhook w\(number) got a \(status) response: Ring does not send it again")
        }
        if let pause { self.simulation.after(pause) { self.attempt(number) } }
    }

    // MARK: Handlers

    /// A handler starts to work on a webhook.
    ///
    /// - Returns: The other processes whose handlers work on it now and that have not ended.
    package func begins(_ number: Int, in process: SimulatedProcess) -> [SimulatedProcess] {
        self.simulation.note("handles", process, "w\(number)")
        return self.state.withLock { state in
            let others = state.webhooks[number].handlers.filter { $0.isAlive }
            state.webhooks[number].handlers.append(process)
            return others
        }
    }

    /// A handler of a process has ended.
    package func ends(_ number: Int, in process: SimulatedProcess, hasHandled: Bool) {
        self.simulation.note(hasHandled ? "handled" : "handler failed", process, "w\(number)")
        self.state.withLock { state in
            if let index = state.webhooks[number].handlers.firstIndex(where: { $0 === process }) {
                state.webhooks[number].handlers.remove(at: index)
            }
            if hasHandled, process.isAlive { state.webhooks[number].handled += 1 }
        }
    }
}
