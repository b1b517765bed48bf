public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A device was added, was removed, went online or went offline.
///
/// Wire: `device_added`, `device_removed`, `device_online`, `device_offline`.
public struct RingDeviceChangeEvent: Hashable, Sendable {
    /// What changed; the list is closed.
    public enum Change: String, Hashable, Sendable, CaseIterable {
        /// Shared with the app, or its permission came back: fetch it.
        case added
        /// No longer shared: stop its streams, drop what is kept of it.
        case removed
        /// Reachable after it was not.
        case online
        /// Not reachable.
        case offline
    }

    /// The device.
    public var device: RingDeviceID
    /// What changed.
    public var change: Change
    /// When it changed.
    public var occurredAt: Date?

    /// Creates a value by hand, for tests.
    package init(device: RingDeviceID, change: Change, occurredAt: Date?) {
        self.device = device
        self.change = change
        self.occurredAt = occurredAt
    }
}
