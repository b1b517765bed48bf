/// Receives what happens inside this package, for logs, metrics and traces. Nothing is logged without an observer;
/// `RingPartnerConfiguration.fromEnvironment` sets ``RingStandardErrorLog``, which writes warnings and errors to standard error.
///
/// An adapter is a few lines: write ``RingObservation/name`` and ``RingObservation/attributes`` to your logger, or cast
/// to the typed events, such as ``RingRequestFinished``, to count and time. No event holds a secret.
public protocol RingObserver: Sendable {
    /// Receives one event, on the task in which it happened; return quickly.
    func observe(_ event: any RingObservation)
}

/// An event that is reported to the observer. Each module declares its own types.
public protocol RingObservation: Sendable {
    /// A stable name in words: `request.finished`.
    static var name: String { get }
    /// The severity of the event.
    var level: RingObservationLevel { get }
    /// The facts, as text, in a stable order and without secrets.
    var attributes: [(key: String, value: String)] { get }
}

extension RingObservation {
    /// The stable name of this kind of event.
    public var name: String { Self.name }
    /// `debug`, as for most events.
    public var level: RingObservationLevel { .debug }
}

/// The severity of an event; the more severe one is the greater.
public enum RingObservationLevel: Comparable, Hashable, Sendable {
    /// Detail for a developer.
    case debug
    /// Of interest in normal operation.
    case info
    /// Somebody should investigate soon.
    case warning
    /// Something was refused or failed.
    case error
}

/// An observer that ignores every event.
package struct RingSilentObserver: RingObserver {
    /// Creates it.
    package init() {}
    /// Does nothing.
    package func observe(_ event: any RingObservation) {}
}
