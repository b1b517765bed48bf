public import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingDeviceDirectory: RingLifecycleResponder {
    /// How far a webhook's time may lie before a list was asked for, and still tell what the list may not know.
    internal static let skew: TimeInterval = 60

    /// Takes note of what a webhook told. Repetitions, and what newer knowledge has overtaken, change nothing.
    ///
    /// Connection and sensors are changed in place; an added device, and readings the webhook does not tell, are
    /// fetched before the next answer. Nothing is asked of Ring here.
    ///
    /// - Parameters:
    ///   - change: The device, what happened, and when.
    ///   - account: The account whose device it is.
    public func observe(_ change: RingEventKey, of account: RingAccountID) {
        self.lists[account]?.changes.append(change)
        self.singles[account]?[change.device]?.changes.append(change)
        self.apply(change, to: account, isDuringLoad: false)
    }

    /// Takes note of a change of access. An added or removed device is compared by Ring's own time; without one, the
    /// change happened now.
    ///
    /// - Parameter event: The change, from a webhook.
    /// - Throws: Nothing; the protocol lets other responders throw.
    public func respond(to event: RingLifecycleEvent) async throws {
        guard let account = event.account else { return }
        let start = event.occurredAt ?? self.clock.now()
        switch event.change {
        case .deviceAdded(let id):
            self.observe(RingEventKey(device: id, kind: .deviceAdded, start: start), of: account)
        case .deviceRemoved(let id):
            self.observe(RingEventKey(device: id, kind: .deviceRemoved, start: start), of: account)
        case .integrationRemoved: self.forget(account)
        case .integrationAdded, .subscriptionsChanged: break
        }
    }

    internal func apply(_ change: RingEventKey, to account: RingAccountID, isDuringLoad: Bool) {
        guard var household = self.households[account], let matter = Self.matter(of: change.kind) else { return }
        // The list was asked for after this happened: the list knows better.
        if !isDuringLoad, change.start < household.knownAt - Self.skew { return }
        let key = DirectoryMatter(device: change.device, matter: matter)
        if let newest = household.changed[key], newest >= change.start, !isDuringLoad { return }
        household.changed[key] = change.start
        switch change.kind {
        case .deviceAdded:
            household.removed[change.device] = nil
            household.absent[change.device] = nil
            household.pending.insert(change.device)
        case .deviceRemoved: household.removed[change.device] = change.start
        default:
            guard let index = household.index(of: change.device) else {
                // News of a device that is not known: it was added, and that webhook is late or lost.
                if household.removed[change.device] == nil { household.pending.insert(change.device) }
                break
            }
            if !household.entries[index].apply(change) { household.pending.insert(change.device) }
        }
        self.households[account] = household
        if change.kind == .deviceRemoved { self.remove(change.device, of: account) }
    }

    internal func remove(_ id: RingDeviceID, of account: RingAccountID) {
        self.households[account]?.pending.remove(id)
        guard let index = self.households[account]?.index(of: id) else { return }
        self.households[account]?.entries.remove(at: index)
        self.deviceCount -= 1
    }

    /// What a kind of event changes, so that only later events about the same overtake it; `nil` for events that change
    /// nothing here, such as motion.
    private static func matter(of kind: RingEventKind) -> String? {
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
    /// Puts a change into the device's status; `false` when only Ring can tell the new state.
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
