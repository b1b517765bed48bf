public import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The devices of many accounts, kept at hand: asked often, asking Ring seldom.
///
/// A list is loaded once per account and kept right by webhooks (``observe(_:of:)``) and by age. Callers that need the
/// same load share it; a list past its age is given out at once while another is loaded; memory has a bound.
public actor RingDeviceDirectory {
    /// Loads an account's devices.
    public typealias LoadList = @Sendable (RingAccountID) async throws -> RingDeviceList
    /// Loads one device of an account.
    public typealias LoadDevice = @Sendable (RingAccountID, RingDeviceID) async throws -> RingDevice

    /// How the directory trades requests for age.
    public nonisolated let options: RingDirectoryOptions
    internal let clock: any RingClock
    internal let loadList: LoadList
    internal let loadDevice: LoadDevice
    internal let random: @Sendable () -> Double

    internal var households: [RingAccountID: DirectoryHousehold] = [:]
    internal var lists: [RingAccountID: DirectoryLoad] = [:]
    internal var singles: [RingAccountID: [RingDeviceID: DirectoryLoad]] = [:]
    internal var counts = RingDirectoryStatistics()
    internal var uses: UInt64 = 0
    internal var deviceCount = 0

    /// Creates an empty directory.
    ///
    /// - Parameters:
    ///   - options: How it trades requests for age.
    ///   - clock: The source of time.
    ///   - random: Spreads the ages of lists, so that accounts loaded together are not reloaded together: 0 to 1.
    ///   - loadList: Loads an account's devices.
    ///   - loadDevice: Loads one device.
    public init(
        options: RingDirectoryOptions = RingDirectoryOptions(), clock: any RingClock = RingSystemClock(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        loadList: @escaping LoadList, loadDevice: @escaping LoadDevice
    ) {
        self.options = options
        self.clock = clock
        self.random = random
        self.loadList = loadList
        self.loadDevice = loadDevice
    }

    /// Creates an empty directory over clients.
    ///
    /// - Parameters:
    ///   - options: How it trades requests for age.
    ///   - clock: The source of time.
    ///   - client: Gives an account's client.
    public init(
        options: RingDirectoryOptions = RingDirectoryOptions(), clock: any RingClock = RingSystemClock(),
        client: @escaping @Sendable (RingAccountID) async throws -> RingDevicesClient
    ) {
        let parts = options.parts
        self.init(
            options: options, clock: clock,
            loadList: { account in try await client(account).devices(include: parts) },
            loadDevice: { account, id in try await client(account).device(id, include: parts) })
    }

    /// What it has done, and how much it holds.
    public var statistics: RingDirectoryStatistics {
        var counts = self.counts
        counts.accounts = self.households.count
        counts.devices = self.deviceCount
        return counts
    }

    /// An account's devices: at once when they are known, else after loading them.
    ///
    /// A device that a webhook announced is fetched before the answer. When that fails, or the list cannot be renewed,
    /// the known devices are given with ``RingDirectorySnapshot/isStale``, until they are older than the options
    /// allow.
    ///
    /// - Throws: What loading throws, when nothing usable is known; `CancellationError` when the task is cancelled –
    ///   the load goes on for whoever shares it.
    public func devices(of account: RingAccountID) async throws -> RingDirectorySnapshot {
        try Task.checkCancellation()
        let now = self.clock.uptime()
        guard var household = self.households[account], now < household.usableUntil else {
            return try await self.waitForList(account)
        }
        self.uses &+= 1
        household.lastUse = self.uses
        self.households[account] = household
        if !household.pending.isEmpty {
            // While Ring fails, not every caller tries again.
            guard now < household.retryAt else { return try await self.waitForPending(account, household) }
        } else if now < household.freshUntil {
            self.counts.hits &+= 1
            return household.snapshot(isStale: false)
        }
        self.counts.staleHits &+= 1
        if now >= household.retryAt, self.lists[account] == nil { self.startList(account) }
        return household.snapshot(isStale: true)
    }

    /// One device: at once when it is known. One that is not is asked for by itself, once for all who ask.
    ///
    /// - Throws: `RingError` with `deviceNotFound` when there is none, or it was removed; what loading throws;
    ///   `CancellationError` when the task is cancelled.
    public func device(_ id: RingDeviceID, of account: RingAccountID) async throws -> RingDirectoryEntry {
        let snapshot = try await self.devices(of: account)
        if let entry = snapshot[id] { return entry }
        let household = self.households[account]
        let isAbsent = household?.absent[id].map { self.clock.uptime() < $0 } ?? false
        guard household?.removed[id] == nil, !isAbsent else { throw Self.noDevice }
        self.counts.waits &+= 1
        try await self.wait(for: self.startSingle(id, of: account))
        guard let household = self.households[account] else { throw Self.evicted }
        guard let index = household.index(of: id) else { throw Self.noDevice }
        return household.entries[index]
    }

    /// Loads an account's devices now, however fresh they are.
    ///
    /// - Throws: What loading throws; `CancellationError` when the task is cancelled.
    public func refresh(_ account: RingAccountID) async throws -> RingDirectorySnapshot {
        try await self.waitForList(account)
    }

    /// Forgets an account: it was removed, or its user signed out. Whoever waits for its devices is told.
    public func forget(_ account: RingAccountID) {
        if let household = self.households.removeValue(forKey: account) { self.deviceCount -= household.entries.count }
        let error = RingError(
            code: .relinkRequired, message: "the account was forgotten while its devices were loading; link it again")
        if let load = self.lists.removeValue(forKey: account) { self.resume(load, throwing: error) }
        for load in self.singles.removeValue(forKey: account)?.values ?? [:].values {
            self.resume(load, throwing: error)
        }
    }

    internal static var evicted: RingError {
        RingError(code: .closed, message: "the directory has let go of the account meanwhile; ask again")
    }

    internal static var noDevice: RingError {
        RingError(
            code: .deviceNotFound,
            message: "the account has no such device; it may have been removed: list the devices again",
            operation: .device)
    }
}
