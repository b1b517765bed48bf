package import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What a directory knows of its accounts, and what webhooks report during its loads.
///
/// A value without I/O: its functions take a read, a webhook or the result of a load, and say what the directory has to do.
package struct DirectoryState {
    /// Something that can be loaded.
    package enum Load: Hashable, Sendable {
        case list(RingAccountID)
        case device(RingDeviceID, of: RingAccountID)

        package var account: RingAccountID {
            switch self {
            case .list(let account), .device(_, of: let account): account
            }
        }
    }

    /// What a load gave.
    package enum Loaded: Sendable {
        case list(RingDeviceList)
        case device(RingDevice)
        case failure(any Error)
    }

    /// What a caller gets who reads an account's devices.
    package enum Reading {
        /// The devices as they are known. When `renews` is true, the directory loads a new list meanwhile.
        case known(RingDirectorySnapshot, renews: Bool)
        /// Nothing usable is known before this load.
        case unknown(Load)
        /// These loads come first; when they fail, the caller gets what is known.
        case incomplete([Load])
    }

    /// What a caller gets who reads one device of an account that is known.
    package enum Lookup {
        case known(RingDirectoryEntry)
        case absent
        case unknown(Load)
    }

    private struct Progress {
        var startedAt: Date
        /// What webhooks reported meanwhile: the response may be older.
        var changes: [RingEventKey] = []
    }

    /// How many announced devices are loaded one by one; for more, the whole list costs less.
    private static let maximumSingleLoads = 4

    private let options: RingDirectoryOptions
    private var accounts: [RingAccountID: DirectoryAccount] = [:]
    private var loads: [Load: Progress] = [:]
    private var counts = RingDirectoryStatistics()
    private var useCount: UInt64 = 0
    private var deviceCount = 0

    package init(options: RingDirectoryOptions) { self.options = options }

    package var statistics: RingDirectoryStatistics {
        var counts = self.counts
        counts.accounts = self.accounts.count
        counts.devices = self.deviceCount
        return counts
    }

    // MARK: Reading

    package mutating func read(_ account: RingAccountID, at now: Duration) -> Reading {
        guard let known = self.accounts[account], now < known.usableUntil else { return .unknown(.list(account)) }
        self.useCount &+= 1
        self.accounts[account]?.lastUse = self.useCount
        if !known.pending.isEmpty {
            // While Ring fails, not every caller tries again.
            guard now < known.retryAt else {
                return .incomplete(
                    known.pending.count > Self.maximumSingleLoads
                        ? [.list(account)] : known.pending.map { .device($0, of: account) })
            }
        } else if now < known.freshUntil {
            self.counts.hits &+= 1
            return .known(known.snapshot(isStale: false), renews: false)
        }
        self.counts.staleHits &+= 1
        let renews = now >= known.retryAt && self.loads[.list(account)] == nil
        return .known(known.snapshot(isStale: true), renews: renews)
    }

    /// The devices after a load; `nil` when the account is not known any more.
    package func snapshot(of account: RingAccountID) -> RingDirectorySnapshot? {
        self.accounts[account].map { $0.snapshot(isStale: !$0.pending.isEmpty) }
    }

    /// One device; `nil` when the account is not known any more.
    package func lookup(_ id: RingDeviceID, of account: RingAccountID, at now: Duration) -> Lookup? {
        guard let known = self.accounts[account] else { return nil }
        if let index = known.index(of: id) { return .known(known.entries[index]) }
        let isAbsent = known.absent[id].map { now < $0 } ?? false
        return known.removed[id] != nil || isAbsent ? .absent : .unknown(.device(id, of: account))
    }

    package mutating func countWait() { self.counts.waits &+= 1 }

    package mutating func countShared() { self.counts.shared &+= 1 }

    // MARK: Loads

    package mutating func begin(_ load: Load, at moment: Date) {
        self.loads[load] = Progress(startedAt: moment)
        switch load {
        case .list: self.counts.listLoads &+= 1
        case .device: self.counts.deviceLoads &+= 1
        }
    }

    /// Takes the result of a load that has begun.
    ///
    /// - Parameter spread: 0 to 1: shortens the life of a list, so that lists loaded together are not renewed together.
    package mutating func finish(_ load: Load, _ loaded: Loaded, at now: Duration, spread: Double) {
        guard let progress = self.loads.removeValue(forKey: load) else { return }
        let account = load.account
        switch loaded {
        case .list(let list):
            self.keep(list, of: account, since: progress.startedAt, at: now, spread: spread)
            self.replay(progress.changes, to: account)
            self.evict(sparing: account)
        case .device(let device):
            self.keep(device, of: account)
            self.replay(progress.changes, to: account)
        case .failure(let error):
            self.counts.failures &+= 1
            if case .device(let id, _) = load, (error as? RingError)?.code == .deviceNotFound {
                self.remove(id, of: account)
                self.noteAbsence(of: id, account, at: now)
            } else if Self.endsAccess(error) {
                self.drop(account)
            } else {
                self.accounts[account]?.retryAt = now + self.options.failurePause
            }
        }
    }

    /// Whether an error means that access is lost: what is known must not be shown any longer.
    package static func endsAccess(_ error: any Error) -> Bool {
        switch (error as? RingError)?.code {
        case .relinkRequired?, .unauthorized?, .forbidden?: true
        default: false
        }
    }

    private mutating func replay(_ changes: [RingEventKey], to account: RingAccountID) {
        for change in changes.sorted(by: { $0.startMilliseconds < $1.startMilliseconds }) {
            self.apply(change, to: account, isDuringLoad: true)
        }
    }

    private mutating func keep(
        _ list: RingDeviceList, of account: RingAccountID, since startedAt: Date, at now: Duration, spread: Double
    ) {
        let before = self.accounts[account]
        let fresh = self.options.freshFor * (0.85 + 0.15 * spread)
        var known = DirectoryAccount(
            entries: [], problems: self.options.keepsRaw ? list.problems : [], loadedAt: startedAt,
            knownAt: list.time ?? startedAt, freshUntil: now + fresh,
            usableUntil: now + max(self.options.usableFor, fresh))
        known.lastUse = self.useCount
        known.entries.reserveCapacity(list.count)
        let entries = before.map { before in
            Dictionary(before.entries.map { ($0.device.id, $0) }) { first, _ in first }
        }
        // What was reported just before the list was requested may be missing from it, and older webhooks may still come.
        let recent = (list.time ?? startedAt) - DirectoryAccount.skew
        known.removed = before?.removed.filter { $0.value > recent } ?? [:]
        known.changed = before?.changed.filter { $0.value > recent } ?? [:]
        for device in list where known.removed[device.id] == nil {
            var entry = RingDirectoryEntry(device: self.options.keepsRaw ? device.detached() : device.withoutRaw())
            // A list that agrees with the webhooks confirms since when; one that does not ends it.
            if let old = entries?[device.id], old.device.status?.isOnline == device.status?.isOnline {
                entry.connectionChangedAt = old.connectionChangedAt
            }
            known.entries.append(entry)
        }
        self.deviceCount += known.entries.count - (before?.entries.count ?? 0)
        self.accounts[account] = known
    }

    private mutating func keep(_ device: RingDevice, of account: RingAccountID) {
        let device = self.options.keepsRaw ? device.detached() : device.withoutRaw()
        if self.accounts[account]?.keep(device) == true { self.deviceCount += 1 }
    }

    private mutating func noteAbsence(of id: RingDeviceID, _ account: RingAccountID, at now: Duration) {
        guard var known = self.accounts[account] else { return }
        known.absent = known.absent.filter { $0.value > now }
        if known.absent.count < 64 { known.absent[id] = now + self.options.failurePause }
        self.accounts[account] = known
    }

    // MARK: Webhooks

    package mutating func observe(_ change: RingEventKey, of account: RingAccountID) {
        self.loads[.list(account)]?.changes.append(change)
        self.loads[.device(change.device, of: account)]?.changes.append(change)
        self.apply(change, to: account, isDuringLoad: false)
    }

    /// Forgets an account and its loads; their results are ignored when they come.
    package mutating func forget(_ account: RingAccountID) {
        self.drop(account)
        self.loads = self.loads.filter { $0.key.account != account }
    }

    private mutating func apply(_ change: RingEventKey, to account: RingAccountID, isDuringLoad: Bool) {
        guard let known = self.accounts[account] else { return }
        let count = known.entries.count
        self.accounts[account]?.apply(change, isDuringLoad: isDuringLoad)
        self.deviceCount += (self.accounts[account]?.entries.count ?? 0) - count
    }

    private mutating func remove(_ id: RingDeviceID, of account: RingAccountID) {
        if self.accounts[account]?.remove(id) == true { self.deviceCount -= 1 }
    }

    // MARK: Memory

    private mutating func drop(_ account: RingAccountID) {
        if let known = self.accounts.removeValue(forKey: account) { self.deviceCount -= known.entries.count }
    }

    /// Drops the accounts used longest ago, a tenth at a time so that it is not done for each new one.
    private mutating func evict(sparing account: RingAccountID) {
        guard self.deviceCount > self.options.maximumDevices || self.accounts.count > self.options.maximumAccounts
        else { return }
        let (devices, accounts) = (self.options.maximumDevices / 10 * 9, self.options.maximumAccounts / 10 * 9)
        for (oldest, _) in self.accounts.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard self.deviceCount > devices || self.accounts.count > max(accounts, 1) else { return }
            guard oldest != account else { continue }
            self.drop(oldest)
            self.counts.evictions &+= 1
        }
    }
}
