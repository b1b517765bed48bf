public import RingCore

/// Sends each event to the parts of an application that care for its kind, and each change of access to every responder.
///
/// Create one before the inbox and pass ``handle(_:)`` as its handler. Responders come first, then the handlers in the
/// order in which they were added, then the responders that want to be called after the handlers. When a responder or a
/// handler fails, the others of the first two groups still run, and the event is delivered later to all of them: each has to
/// accept an event that it has handled before. The last group runs when all others have succeeded.
public struct RingWebhookRouter: Sendable {
    private var responders: [any RingLifecycleResponder] = []
    private var routes: [(kinds: Set<RingEventKind>?, handler: RingWebhookHandler)] = []

    /// Creates a router that ignores everything.
    public init() {}

    /// Adds what cleans up when access changes.
    ///
    /// - Parameter responder: A part of this package or of the application.
    public mutating func add(_ responder: any RingLifecycleResponder) { self.responders.append(responder) }

    /// Adds a handler of some kinds.
    ///
    /// - Parameters:
    ///   - kinds: The kinds it cares for.
    ///   - handler: Works on their events.
    public mutating func on(_ kinds: RingEventKind..., perform handler: @escaping RingWebhookHandler) {
        self.routes.append((Set(kinds), handler))
    }

    /// Adds a handler of every event, unknown kinds included.
    ///
    /// - Parameter handler: Works on all events.
    public mutating func onEvery(perform handler: @escaping RingWebhookHandler) { self.routes.append((nil, handler)) }

    /// Sends one event to the responders and handlers that it concerns.
    ///
    /// - Parameter delivery: The event.
    /// - Throws: The first error. A failure takes precedence over ``RingWebhookError/retry(after:)``, and that over a final refusal.
    public func handle(_ delivery: RingWebhookDelivery) async throws {
        let change = delivery.event.lifecycle
        var failures: [any Error] = []
        if let change {
            for responder in self.responders where responder.phase(of: change.change) == .beforeHandlers {
                do { try await responder.respond(to: change) } catch { failures.append(error) }
            }
        }
        for route in self.routes where route.kinds?.contains(delivery.event.kind) != false {
            do { try await route.handler(delivery) } catch { failures.append(error) }
        }
        let codes = failures.map { ($0 as? RingWebhookError)?.code }
        let failure = codes.firstIndex { $0 != .handlerRefused && $0 != .handlerPostponed }
        if let first = failure ?? codes.firstIndex(of: .handlerPostponed) ?? codes.indices.first {
            throw failures[first]
        }
        guard let change else { return }
        for responder in self.responders where responder.phase(of: change.change) == .afterHandlers {
            try await responder.respond(to: change)
        }
    }
}

extension RingWebhookEvent {
    /// The change of access this event reports; `nil` for events that change none.
    public var lifecycle: RingLifecycleEvent? {
        switch self.content {
        case .device(let event):
            switch event.change {
            case .added:
                RingLifecycleEvent(
                    account: self.accountID, change: .deviceAdded(event.device), occurredAt: self.occurredAt)
            case .removed:
                RingLifecycleEvent(
                    account: self.accountID, change: .deviceRemoved(event.device), occurredAt: self.occurredAt)
            case .online, .offline: nil
            }
        case .integration(let event):
            RingLifecycleEvent(
                account: event.account, change: event.isAdded ? .integrationAdded : .integrationRemoved,
                occurredAt: self.occurredAt)
        case .subscription(let event):
            RingLifecycleEvent(
                account: self.accountID, change: .subscriptionsChanged(event.devices), occurredAt: self.occurredAt)
        case .motion, .buttonPress, .sensor, .unknown: nil
        }
    }
}
