/// Receives what happens inside this package, for logs, metrics and traces. Nothing is logged by default.
///
/// An adapter is a few lines: write ``RingObservation/name`` and ``RingObservation/attributes`` to your logger, or cast
/// to the typed events, such as ``RingRequestFinished``, to count and time. No event holds a secret.
public protocol RingObserver: Sendable {
    /// Takes note of one event. Called on whatever task it happened; return quickly.
    func observe(_ event: any RingObservation)
}

/// One thing that happened. Each room has types of its own.
public protocol RingObservation: Sendable {
    /// A stable name in words: `request.finished`.
    static var name: String { get }
    /// How much it matters.
    var level: RingObservationLevel { get }
    /// The facts, as text, in a stable order and without secrets.
    var attributes: [(key: String, value: String)] { get }
}

extension RingObservation {
    /// The stable name of this kind of event.
    public var name: String { Self.name }
    /// Most events are detail.
    public var level: RingObservationLevel { .debug }
}

/// How much an event matters.
public enum RingObservationLevel: Int, Comparable, Hashable, Sendable {
    /// Detail for a developer.
    case debug
    /// Worth a line.
    case info
    /// Somebody should look, soon.
    case warning
    /// Something was refused or failed.
    case error

    /// Orders by weight.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// An observer that takes no note of anything.
public struct RingSilentObserver: RingObserver {
    /// Creates it.
    public init() {}
    /// Does nothing.
    public func observe(_ event: any RingObservation) {}
}
