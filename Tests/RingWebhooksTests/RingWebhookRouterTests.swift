import Foundation
import RingCore
import RingTesting
import RingWebhooks
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingWebhookRouterTests {
    final class Recorder: RingLifecycleResponder {
        let changes = Mutex<[RingLifecycleEvent]>([])
        let failure: (any Error)?
        init(failure: (any Error)? = nil) { self.failure = failure }
        func respond(to event: RingLifecycleEvent) async throws {
            self.changes.withLock { $0.append(event) }
            if let failure { throw failure }
        }
    }
    struct Broken: Error {}

    static func delivery(_ kind: RingEventKind) throws -> RingWebhookDelivery {
        let now = Date(timeIntervalSince1970: 1_795_000_000)
        let draft = RingWebhookDraft(kind: kind, account: "a", device: "d", occurredAt: now)
        let event = try RingWebhookEvent(decoding: draft.body)
        return RingWebhookDelivery(key: event.key, event: event, attempt: 1, receivedAt: now)
    }

    @Test(arguments: [
        (RingEventKind.deviceRemoved, RingLifecycleEvent.Change.deviceRemoved("d")), (.deviceAdded, .deviceAdded("d")),
        (.appIntegrationRemoved, .integrationRemoved), (.appIntegrationAdded, .integrationAdded),
        (.subscriptionActivated, .subscriptionsChanged(["d"])),
        (.subscriptionDeactivated, .subscriptionsChanged(["d"])),
    ])
    func everyChangeOfAccessReachesEveryResponder(kind: RingEventKind, change: RingLifecycleEvent.Change) async throws {
        let (one, two) = (Recorder(), Recorder())
        var router = RingWebhookRouter()
        router.add(one)
        router.add(two)
        let delivery = try Self.delivery(kind)
        try await router.handle(delivery)
        let occurredAt = delivery.event.occurredAt
        for responder in [one, two] {
            #expect(
                responder.changes.withLock { $0 } == [
                    RingLifecycleEvent(account: "a", change: change, occurredAt: occurredAt)
                ])
        }
    }

    @Test(arguments: [RingEventKind.motionDetected, .buttonPress, .deviceOnline, .floodDetected])
    func otherEventsChangeNoAccess(kind: RingEventKind) async throws {
        let responder = Recorder()
        var router = RingWebhookRouter()
        router.add(responder)
        try await router.handle(Self.delivery(kind))
        #expect(responder.changes.withLock { $0.isEmpty })
    }

    @Test func handlersGetTheKindsTheyAskedFor() async throws {
        let seen = Mutex<[String]>([])
        var router = RingWebhookRouter()
        router.on(.motionDetected, .buttonPress) { delivery in
            seen.withLock { $0.append("camera \(delivery.event.kind)") }
        }
        router.onEvery { delivery in seen.withLock { $0.append("every \(delivery.event.kind)") } }
        try await router.handle(Self.delivery(.buttonPress))
        try await router.handle(Self.delivery(.floodDetected))
        #expect(seen.withLock { $0 } == ["camera button_press", "every button_press", "every flood_detected"])
    }

    @Test func oneFailureKeepsNobodyElseFromTheEvent() async throws {
        let (first, second) = (Recorder(failure: Broken()), Recorder())
        let isHandled = Mutex(false)
        var router = RingWebhookRouter()
        router.add(first)
        router.add(second)
        router.onEvery { _ in isHandled.withLock { $0 = true } }
        await #expect(throws: Broken.self) { try await router.handle(Self.delivery(.deviceRemoved)) }
        #expect(second.changes.withLock { $0.count } == 1)
        #expect(isHandled.withLock { $0 })
    }

    @Test func aPassingFailureOutweighsARefusal() async throws {
        var router = RingWebhookRouter()
        router.onEvery { _ in throw RingWebhookError.refused("no") }
        await #expect(throws: RingWebhookError.self) { try await router.handle(Self.delivery(.buttonPress)) }
        router.onEvery { _ in throw Broken() }
        await #expect(throws: Broken.self) { try await router.handle(Self.delivery(.buttonPress)) }
    }

    /// Notes its name when it is called, and may come after the handlers.
    final class Named: RingLifecycleResponder {
        let name: String
        let when: RingLifecyclePhase
        let failure: (any Error)?
        let order: Order
        init(_ name: String, _ when: RingLifecyclePhase, _ order: Order, failure: (any Error)? = nil) {
            (self.name, self.when, self.order, self.failure) = (name, when, order, failure)
        }
        func phase(of change: RingLifecycleEvent.Change) -> RingLifecyclePhase { self.when }
        func respond(to event: RingLifecycleEvent) async throws {
            self.order.names.withLock { $0.append(self.name) }
            if let failure { throw failure }
        }
    }
    final class Order: Sendable { let names = Mutex<[String]>([]) }

    /// Runs this package's steps around a router, as the inbox does.
    private func handle(
        _ kind: RingEventKind, _ order: Order, first: (any Error)? = nil, own: (any Error)? = nil,
        handler: (any Error)? = nil
    ) async throws {
        let steps = RingWebhookSteps(responders: [
            Named("first", .beforeHandlers, order, failure: first), Named("second", .beforeHandlers, order),
            Named("last", .afterHandlers, order),
        ])
        var router = RingWebhookRouter()
        router.add(Named("own", .beforeHandlers, order, failure: own))
        router.add(Named("own last", .afterHandlers, order))
        router.onEvery { _ in
            order.names.withLock { $0.append("handler") }
            if let handler { throw handler }
        }
        let delivery = try Self.delivery(kind)
        try await steps.before(delivery.event)
        try await router.handle(delivery)
        try await steps.after(delivery.event)
    }

    @Test func respondersComeInAFixedOrder() async throws {
        let order = Order()
        try await self.handle(.deviceRemoved, order)
        #expect(order.names.withLock { $0 } == ["first", "second", "own", "handler", "own last", "last"])
    }

    @Test func whenOneThatComesFirstFailsNothingElseRuns() async throws {
        let order = Order()
        await #expect(throws: Broken.self) { try await self.handle(.deviceRemoved, order, first: Broken()) }
        #expect(order.names.withLock { $0 } == ["first"])
    }

    @Test func whatComesLastWaitsUntilResponderAndHandlerHaveSucceeded() async throws {
        for (own, handler) in [(Broken(), nil), (nil, Broken())] as [((any Error)?, (any Error)?)] {
            let order = Order()
            await #expect(throws: Broken.self) {
                try await self.handle(.appIntegrationRemoved, order, own: own, handler: handler)
            }
            #expect(order.names.withLock { $0 } == ["first", "second", "own", "handler"])
        }
    }

    @Test func eventsThatChangeNoAccessReachTheHandlersOnly() async throws {
        let order = Order()
        try await self.handle(.motionDetected, order)
        #expect(order.names.withLock { $0 } == ["handler"])
    }
}
