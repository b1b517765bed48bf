internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a directory knows of one account.
internal struct DirectoryAccount {
    /// A device and what of it changed: connection, presence, one of its sensors.
    internal struct Subject: Hashable {
        internal var device: RingDeviceID
        internal var aspect: String
    }

    /// How long before a list was requested a webhook's time may lie, and still report what the list may not know.
    internal static let skew: TimeInterval = 60

    internal var entries: [RingDirectoryEntry]
    internal let problems: [JSONAPIProblem]
    /// The wall clock when the load of the list began: what happened before is in it.
    internal let loadedAt: Date
    /// The same moment by Ring's clock, when the list contained it: compared with the times of webhooks.
    internal let knownAt: Date
    internal let freshUntil: Duration
    internal let usableUntil: Duration
    /// Before this moment a failed load is not repeated while something usable is known.
    internal var retryAt = Duration.zero
    /// Devices to load before the next read: added, or changed in a way that the webhook does not contain.
    internal private(set) var pending: Set<RingDeviceID> = []
    /// Devices that were removed, and when: an older “added”, or a list requested before, does not bring them back.
    internal var removed: [RingDeviceID: Date] = [:]
    /// Identifiers that Ring did not know, and until when that is believed.
    internal var absent: [RingDeviceID: Duration] = [:]
    /// The newest change that webhooks reported of each subject, so that an older one that arrives later changes nothing.
    internal var changed: [Subject: Date] = [:]
    internal var lastUse: UInt64 = 0

    internal init(
        entries: [RingDirectoryEntry], problems: [JSONAPIProblem], loadedAt: Date, knownAt: Date, freshUntil: Duration,
        usableUntil: Duration
    ) {
        self.entries = entries
        self.problems = problems
        self.loadedAt = loadedAt
        self.knownAt = knownAt
        self.freshUntil = freshUntil
        self.usableUntil = usableUntil
    }

    internal func index(of id: RingDeviceID) -> Int? { self.entries.firstIndex { $0.device.id == id } }

    internal func snapshot(isStale: Bool) -> RingDirectorySnapshot {
        RingDirectorySnapshot(
            entries: self.entries, problems: self.problems, loadedAt: self.loadedAt, isStale: isStale)
    }

    /// Takes a device that was loaded.
    ///
    /// - Returns: Whether it was not known before.
    internal mutating func keep(_ device: RingDevice) -> Bool {
        self.pending.remove(device.id)
        self.absent[device.id] = nil
        guard let index = self.index(of: device.id) else {
            self.entries.append(RingDirectoryEntry(device: device))
            return true
        }
        let isSame = self.entries[index].device.status?.isOnline == device.status?.isOnline
        if !isSame { self.entries[index].connectionChangedAt = nil }
        self.entries[index].device = device
        return false
    }

    /// Removes a device.
    ///
    /// - Returns: Whether it was known.
    internal mutating func remove(_ id: RingDeviceID) -> Bool {
        self.pending.remove(id)
        guard let index = self.index(of: id) else { return false }
        self.entries.remove(at: index)
        return true
    }

    /// Takes a change that a webhook reported.
    internal mutating func apply(_ change: RingEventKey, isDuringLoad: Bool) {
        guard let aspect = Self.aspect(of: change.kind) else { return }
        // The list was requested after this happened: it is in the list.
        if !isDuringLoad, change.start < self.knownAt - Self.skew { return }
        let subject = Subject(device: change.device, aspect: aspect)
        if let newest = self.changed[subject], newest >= change.start, !isDuringLoad { return }
        self.changed[subject] = change.start
        switch change.kind {
        case .deviceAdded:
            self.removed[change.device] = nil
            self.absent[change.device] = nil
            self.pending.insert(change.device)
        case .deviceRemoved:
            self.removed[change.device] = change.start
            _ = self.remove(change.device)
        default:
            guard let index = self.index(of: change.device) else {
                // A change of a device that is not known: it was added, and that webhook is late or lost.
                if self.removed[change.device] == nil { self.pending.insert(change.device) }
                return
            }
            if !self.entries[index].apply(change) { self.pending.insert(change.device) }
        }
    }

    /// What a kind of event changes, so that only later events about the same replace it; `nil` for events that change
    /// nothing here, such as motion.
    private static func aspect(of kind: RingEventKind) -> String? {
        switch kind {
        case .deviceAdded, .deviceRemoved: return "presence"
        case .deviceOnline, .deviceOffline: return "connection"
        default:
            guard RingEventKind.sensors.contains(kind) else { return nil }
            return String(kind.rawValue.prefix { $0 != "_" })
        }
    }
}

extension RingDirectoryEntry {
    /// Puts a change into the device's status; `false` when only Ring knows the new state.
    internal mutating func apply(_ change: RingEventKey) -> Bool {
        var status = self.device.status ?? RingDeviceStatus()
        switch change.kind {
        case .deviceOnline, .deviceOffline:
            let isOnline = change.kind == .deviceOnline
            if status.isOnline != isOnline || self.connectionChangedAt == nil {
                self.connectionChangedAt = change.start
            }
            status.isOnline = isOnline
        case .contactSensorFaulted: status.contact = RingDetection(isTriggered: true)
        case .contactSensorCleared: status.contact = RingDetection(isTriggered: false)
        case .floodDetected: status.flood = RingDetection(isTriggered: true)
        case .floodCleared: status.flood = RingDetection(isTriggered: false)
        case .freezeDetected: status.freeze = RingDetection(isTriggered: true)
        case .freezeCleared: status.freeze = RingDetection(isTriggered: false)
        case .tamperDetected: status.tamper = RingDetection(isTriggered: true)
        case .tamperCleared: status.tamper = RingDetection(isTriggered: false)
        default: return false
        }
        self.device.status = status
        return true
    }
}
