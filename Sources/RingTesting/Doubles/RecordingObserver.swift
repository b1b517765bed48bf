public import RingCore
internal import Synchronization

/// Keeps every event, for tests of what is observed and of secrets that must not be.
public final class RecordingObserver: RingObserver {
    private let events = Mutex<[any RingObservation]>([])

    /// Creates an observer that has seen nothing.
    public init() {}

    /// Keeps the event.
    public func observe(_ event: any RingObservation) { self.events.withLock { $0.append(event) } }

    /// Every event so far, in order.
    public var all: [any RingObservation] { self.events.withLock { $0 } }

    /// The events of one type, in order.
    public func events<Observation: RingObservation>(_ type: Observation.Type) -> [Observation] {
        self.all.compactMap { $0 as? Observation }
    }

    /// Everything the events would print, for canary tests.
    package var transcript: String {
        self.all.map { event in
            "\(event.name) \(event.level) \(event.attributes) \(event) \(String(reflecting: event))"
        }.joined(separator: "\n")
    }
}
