#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a webhook and its entry in event history have in common: device, kind and start.
///
/// Their identifiers differ, so this is how the two are recognised as the same event.
public struct RingEventKey: Hashable, Sendable {
    /// The device it happened at. Wire: `attributes.source` of a webhook, `relationships.source` of a history entry.
    public var device: RingDeviceID
    /// What happened.
    public var kind: RingEventKind
    /// When it began, in epoch milliseconds. Wire: `attributes.timestamp` of a webhook, `attributes.start` of an entry.
    package var startMilliseconds: Int64

    /// Creates a key.
    ///
    /// - Parameters:
    ///   - device: The device it happened at.
    ///   - kind: What happened.
    ///   - startMilliseconds: When it began, in epoch milliseconds.
    package init(device: RingDeviceID, kind: RingEventKind, startMilliseconds: Int64) {
        self.device = device
        self.kind = kind
        self.startMilliseconds = startMilliseconds
    }

    /// Creates a key from a moment.
    ///
    /// - Parameters:
    ///   - device: The device it happened at.
    ///   - kind: What happened.
    ///   - start: When it began; rounded to whole milliseconds.
    public init(device: RingDeviceID, kind: RingEventKind, start: Date) {
        let milliseconds = (start.timeIntervalSince1970 * 1_000).rounded()
        self.init(device: device, kind: kind, startMilliseconds: Int64(exactly: milliseconds) ?? 0)
    }

    /// When it began.
    public var start: Date { Date(timeIntervalSince1970: Double(self.startMilliseconds) / 1_000) }

    /// Whether two keys name the same event although their starts differ a little.
    ///
    /// - Parameters:
    ///   - other: The key from the other source.
    ///   - tolerance: How far the two starts may lie apart.
    /// - Returns: True for the same device and kind within the tolerance.
    public func isSameEvent(as other: Self, within tolerance: Duration = .zero) -> Bool {
        guard self.device == other.device, self.kind == other.kind else { return false }
        let (difference, overflow) = self.startMilliseconds.subtractingReportingOverflow(other.startMilliseconds)
        return !overflow && Duration.milliseconds(difference.magnitude) <= tolerance
    }
}
