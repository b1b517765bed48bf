package import RingCore

/// What this package does itself about every webhook, whether a handler or a loop of the application works on it.
package struct RingWebhookSteps: Sendable {
    /// Called in this order. When one fails, nothing after it runs.
    private let responders: [any RingLifecycleResponder]
    private let onOtherEvent: @Sendable (RingWebhookEvent) async -> Void

    /// - Parameters:
    ///   - responders: What reacts to changes of access.
    ///   - onOtherEvent: Takes each event that changes no access, before the application does.
    package init(
        responders: [any RingLifecycleResponder],
        onOtherEvent: @escaping @Sendable (RingWebhookEvent) async -> Void = { _ in }
    ) {
        self.responders = responders
        self.onOtherEvent = onOtherEvent
    }

    /// Runs before the application gets the event.
    package func before(_ event: RingWebhookEvent) async throws {
        guard event.lifecycle != nil else { return await self.onOtherEvent(event) }
        try await self.respond(to: event, in: .beforeHandlers)
    }

    /// Runs when the application has finished, or when the event is quarantined because the application never will.
    package func after(_ event: RingWebhookEvent) async throws { try await self.respond(to: event, in: .afterHandlers) }

    private func respond(to event: RingWebhookEvent, in phase: RingLifecyclePhase) async throws {
        guard let change = event.lifecycle else { return }
        for responder in self.responders where responder.phase(of: change.change) == phase {
            try await responder.respond(to: change)
        }
    }
}
