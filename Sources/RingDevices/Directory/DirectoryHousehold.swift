internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a directory knows of one account.
internal struct DirectoryHousehold {
    internal var entries: [RingDirectoryEntry]
    internal var problems: [JSONAPIProblem]
    /// The wall clock when the load began that brought the list: what happened before is in it.
    internal let loadedAt: Date
    /// The same moment by Ring's clock, when the list told it: compared with the times of webhooks.
    internal let knownAt: Date
    internal let freshUntil: Duration
    internal let usableUntil: Duration
    /// Before this, loading behind a caller's back is not tried again.
    internal var retryAt = Duration.zero
    /// Devices to fetch before the next answer: added, or changed in a way the webhook does not tell.
    internal var pending: Set<RingDeviceID> = []
    /// Devices that went, and when: an older “added”, or a list asked for before, does not bring them back.
    internal var removed: [RingDeviceID: Date] = [:]
    /// Identifiers Ring did not know, and until when that is believed.
    internal var absent: [RingDeviceID: Duration] = [:]
    /// The newest change of each device that webhooks told, so that one overtaken by another changes nothing.
    internal var changed: [DirectoryMatter: Date] = [:]
    internal var lastUse: UInt64 = 0

    internal func index(of id: RingDeviceID) -> Int? { self.entries.firstIndex { $0.device.id == id } }

    internal func snapshot(isStale: Bool) -> RingDirectorySnapshot {
        RingDirectorySnapshot(
            entries: self.entries, problems: self.problems, loadedAt: self.loadedAt, isStale: isStale)
    }
}

/// A device and what of it changed: connection, presence, one of its sensors.
internal struct DirectoryMatter: Hashable {
    internal var device: RingDeviceID
    internal var matter: String
}

/// A load under way, and who waits for it.
internal final class DirectoryLoad {
    internal let startedAt: Date
    /// What webhooks told meanwhile: the answer may be older.
    internal var changes: [RingEventKey] = []
    /// The run that callers wait for.
    internal let run = RingSingleFlight<Void>()
    /// How it ended; `nil` before.
    internal var outcome: Result<Void, any Error>?

    internal init(startedAt: Date) {
        self.startedAt = startedAt
        _ = self.run.claim()
    }
}
