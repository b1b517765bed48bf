#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A device in a directory, with what webhooks reported about it since it was loaded.
public struct RingDirectoryEntry: Hashable, Sendable {
    /// The device; its status contains the changes that webhooks reported.
    public var device: RingDevice
    /// When its connection last changed, as a webhook reported; `nil` when none did.
    public var connectionChangedAt: Date?

    package init(device: RingDevice, connectionChangedAt: Date? = nil) {
        self.device = device
        self.connectionChangedAt = connectionChangedAt
    }

    /// Whether Ring can reach the device, and since when.
    public var reachability: RingReachability {
        var reachability = self.device.reachability
        reachability.since = self.connectionChangedAt
        return reachability
    }
}
