public import RingCore
public import RingWebhooks
internal import Synchronization

/// Keeps every event, for tests of what is observed and of secrets that must not be.
public final class RecordingObserver: RingObserver {
    private let events = Mutex<[any RingObservation]>([])
    private let changed = RingSignal()

    /// Creates an observer that has seen nothing.
    public init() {}

    /// Keeps the event.
    public func observe(_ event: any RingObservation) {
        self.events.withLock { $0.append(event) }
        self.changed.signal()
    }

    /// Every event so far, in order.
    public var all: [any RingObservation] { self.events.withLock { $0 } }

    /// The events of one type, in order.
    public func events<Observation: RingObservation>(_ type: Observation.Type) -> [Observation] {
        self.all.compactMap { $0 as? Observation }
    }

    /// Waits for an event, unless it has happened before.
    ///
    /// - Parameters:
    ///   - type: The type of the event.
    ///   - limit: How long to wait.
    ///   - clock: The clock that measures the limit; `nil` for the machine's.
    ///   - isWanted: Which of the events of this type is meant.
    /// - Returns: The first one.
    /// - Throws: `RingError` with code `timedOut`, which names what was observed in its place; `CancellationError`.
    public func first<Observation: RingObservation>(
        _ type: Observation.Type, within limit: Duration = .seconds(10), clock: (any RingClock)? = nil,
        where isWanted: (Observation) -> Bool = { _ in true }
    ) async throws -> Observation {
        var found: Observation?
        let environment = RingEnvironment(clock: clock)
        await self.changed.wait(
            until: {
                found = self.events(type).first(where: isWanted)
                return found != nil
            }, atMost: limit, in: environment)
        if let found { return found }
        try Task.checkCancellation()
        let seen = self.all.suffix(10).map(\.name).joined(separator: ", ")
        throw RingError(
            code: .timedOut,
            message: """
                no \(Observation.name) that was waited for within \(limit.milliseconds) ms; the last events: \
                \(seen.isEmpty ? "none" : seen)
                """)
    }

    /// Waits until a webhook was handled successfully by an inbox that this observer observes.
    ///
    /// - Parameters:
    ///   - requestID: The webhook's `meta.request_id`, such as a simulator returns it for an event.
    ///   - limit: How long to wait.
    ///   - clock: The clock that measures the limit; `nil` for the machine's.
    /// - Throws: As ``first(_:within:clock:where:)``.
    @discardableResult
    public func handled(
        _ requestID: RingRequestID, within limit: Duration = .seconds(10), clock: (any RingClock)? = nil
    ) async throws -> RingWebhookHandled {
        try await self.first(RingWebhookHandled.self, within: limit, clock: clock) {
            $0.key.requestID == requestID && $0.settlement == .done
        }
    }

    /// Everything the events would print, for canary tests.
    package var transcript: String {
        self.all.map { event in
            "\(event.name) \(event.level) \(event.attributes) \(event) \(String(reflecting: event))"
        }.joined(separator: "\n")
    }
}
