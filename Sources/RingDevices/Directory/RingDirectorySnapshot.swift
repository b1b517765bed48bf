public import RingCore
public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An account's devices as a directory knows them.
public struct RingDirectorySnapshot: Sendable {
    /// The devices, in the order Ring sent them; those added since come last.
    public var entries: [RingDirectoryEntry]
    /// What could not be read when the list was loaded.
    public var problems: [JSONAPIProblem]
    /// When the list was loaded.
    public var loadedAt: Date
    /// Whether the list is older than it should be; a newer one is being loaded then, or could not be.
    public var isStale: Bool

    package init(
        entries: [RingDirectoryEntry], problems: [JSONAPIProblem] = [], loadedAt: Date, isStale: Bool = false
    ) {
        self.entries = entries
        self.problems = problems
        self.loadedAt = loadedAt
        self.isStale = isStale
    }

    /// The devices.
    public var devices: [RingDevice] { self.entries.map(\.device) }
    /// The entry of this device.
    public subscript(_ id: RingDeviceID) -> RingDirectoryEntry? { self.entries.first { $0.device.id == id } }
}
