internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingDeviceDirectory {
    /// How many announced devices are fetched one by one; for more, the whole list costs less.
    private static let singleLimit = 4

    internal func waitForList(_ account: RingAccountID) async throws -> RingDirectorySnapshot {
        self.counts.waits &+= 1
        let load: DirectoryLoad
        if let running = self.lists[account] {
            self.counts.shared &+= 1
            load = running
        } else {
            load = self.startList(account)
        }
        try await self.wait(for: load)
        guard let household = self.households[account] else { throw Self.evicted }
        return household.snapshot(isStale: false)
    }

    internal func waitForPending(
        _ account: RingAccountID, _ household: DirectoryHousehold
    ) async throws -> RingDirectorySnapshot {
        do {
            guard household.pending.count <= Self.singleLimit else { return try await self.waitForList(account) }
            self.counts.waits &+= 1
            // All of them are under way before the first is waited for.
            for load in household.pending.map({ self.startSingle($0, of: account) }) { try await self.wait(for: load) }
        } catch let error as RingError where !Self.endsAccess(error) {
            // What is known is better than nothing; the device is tried again after a pause.
        }
        try Task.checkCancellation()
        guard let household = self.households[account] else { return try await self.waitForList(account) }
        return household.snapshot(isStale: !household.pending.isEmpty)
    }

    @discardableResult
    internal func startList(_ account: RingAccountID) -> DirectoryLoad {
        let load = DirectoryLoad(startedAt: self.clock.now())
        self.lists[account] = load
        self.counts.listLoads &+= 1
        // Unstructured on purpose: a caller that gives up must not cancel what the others wait for.
        Task {
            do {
                self.finish(load, account, .success(try await self.loadList(account)))
            } catch {
                self.finish(load, account, .failure(error))
            }
        }
        return load
    }

    internal func startSingle(_ id: RingDeviceID, of account: RingAccountID) -> DirectoryLoad {
        if let running = self.singles[account]?[id] {
            self.counts.shared &+= 1
            return running
        }
        let load = DirectoryLoad(startedAt: self.clock.now())
        self.singles[account, default: [:]][id] = load
        self.counts.deviceLoads &+= 1
        Task {
            do {
                self.finish(load, id, account, .success(try await self.loadDevice(account, id)))
            } catch {
                self.finish(load, id, account, .failure(error))
            }
        }
        return load
    }

    private func finish(
        _ load: DirectoryLoad, _ account: RingAccountID, _ result: Result<RingDeviceList, any Error>
    ) {
        // A forgotten account stays forgotten.
        guard self.lists[account] === load else { return }
        self.lists[account] = nil
        switch result {
        case .success(let list):
            self.keep(list, of: account, since: load.startedAt)
            self.replay(load.changes, to: account)
            self.makeRoom(for: account)
            self.resume(load)
        case .failure(let error):
            self.counts.failures &+= 1
            if Self.endsAccess(error) { self.drop(account) }
            self.households[account]?.retryAt = self.clock.uptime() + self.options.failurePause
            self.resume(load, throwing: error)
        }
    }

    private func finish(
        _ load: DirectoryLoad, _ id: RingDeviceID, _ account: RingAccountID, _ result: Result<RingDevice, any Error>
    ) {
        guard self.singles[account]?[id] === load else { return }
        self.singles[account]?[id] = nil
        if self.singles[account]?.isEmpty == true { self.singles[account] = nil }
        switch result {
        case .success(let device):
            self.keep(device, of: account)
            self.replay(load.changes, to: account)
            self.resume(load)
        case .failure(let error):
            self.counts.failures &+= 1
            if (error as? RingError)?.code == .deviceNotFound {
                self.remove(id, of: account)
                self.noteAbsence(of: id, account)
            } else if Self.endsAccess(error) {
                self.drop(account)
            } else {
                self.households[account]?.retryAt = self.clock.uptime() + self.options.failurePause
            }
            self.resume(load, throwing: error)
        }
    }

    private func replay(_ changes: [RingEventKey], to account: RingAccountID) {
        for change in changes.sorted(by: { $0.startMilliseconds < $1.startMilliseconds }) {
            self.apply(change, to: account, isDuringLoad: true)
        }
    }

    private func keep(_ list: RingDeviceList, of account: RingAccountID, since startedAt: Date) {
        let now = self.clock.uptime()
        let before = self.households[account]
        let fresh = self.options.freshFor * (0.85 + 0.15 * self.random())
        var household = DirectoryHousehold(
            entries: [], problems: self.options.keepsRaw ? list.problems : [], loadedAt: startedAt,
            knownAt: list.time ?? startedAt,
            freshUntil: now + fresh, usableUntil: now + max(self.options.usableFor, fresh))
        household.lastUse = self.uses
        household.entries.reserveCapacity(list.devices.count)
        let changes = before.map { household in
            Dictionary(household.entries.map { ($0.device.id, $0) }) { first, _ in first }
        }
        // What was told just before the list was asked for may not have reached it, and older webhooks may still come.
        let recent = (list.time ?? startedAt) - Self.skew
        household.removed = before?.removed.filter { $0.value > recent } ?? [:]
        household.changed = before?.changed.filter { $0.value > recent } ?? [:]
        for device in list.devices where household.removed[device.id] == nil {
            var entry = RingDirectoryEntry(device: self.options.keepsRaw ? device.detached() : device.withoutRaw())
            // A list that agrees with what webhooks told confirms since when; one that does not ends it.
            if let known = changes?[device.id], known.device.status?.isOnline == device.status?.isOnline {
                entry.connectionChangedAt = known.connectionChangedAt
            }
            household.entries.append(entry)
        }
        self.deviceCount += household.entries.count - (before?.entries.count ?? 0)
        self.households[account] = household
    }

    private func keep(_ device: RingDevice, of account: RingAccountID) {
        guard var household = self.households[account] else { return }
        let device = self.options.keepsRaw ? device.detached() : device.withoutRaw()
        household.pending.remove(device.id)
        household.absent[device.id] = nil
        if let index = household.index(of: device.id) {
            let isSame = household.entries[index].device.status?.isOnline == device.status?.isOnline
            if !isSame { household.entries[index].connectionChangedAt = nil }
            household.entries[index].device = device
        } else {
            household.entries.append(RingDirectoryEntry(device: device))
            self.deviceCount += 1
        }
        self.households[account] = household
    }

    private func noteAbsence(of id: RingDeviceID, _ account: RingAccountID) {
        let now = self.clock.uptime()
        guard var household = self.households[account] else { return }
        household.absent = household.absent.filter { $0.value > now }
        if household.absent.count < 64 { household.absent[id] = now + self.options.failurePause }
        self.households[account] = household
    }

    /// Access is lost: what is known must not be shown any longer.
    private static func endsAccess(_ error: any Error) -> Bool {
        switch (error as? RingError)?.code {
        case .relinkRequired?, .unauthorized?, .forbidden?: true
        default: false
        }
    }

    private func drop(_ account: RingAccountID) {
        if let household = self.households.removeValue(forKey: account) { self.deviceCount -= household.entries.count }
    }

    /// Lets go of the accounts used longest ago, a tenth at a time so that it is not done for each new one.
    private func makeRoom(for account: RingAccountID) {
        guard
            self.deviceCount > self.options.maximumDevices || self.households.count > self.options.maximumAccounts
        else { return }
        let (devices, accounts) = (self.options.maximumDevices / 10 * 9, self.options.maximumAccounts / 10 * 9)
        for (oldest, _) in self.households.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard self.deviceCount > devices || self.households.count > max(accounts, 1) else { return }
            guard oldest != account else { continue }
            self.drop(oldest)
            self.counts.evictions &+= 1
        }
    }
}
