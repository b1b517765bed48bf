public import RingCore
internal import RingJSONAPI
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The devices of many accounts in memory, so that reading them seldom needs a request to Ring.
///
/// A list is loaded once per account and kept up to date by webhooks (``observe(_:of:)``) and by age. Callers that need the
/// same load share it; a list past its age is returned at once while another is loaded; memory is limited.
public actor RingDeviceDirectory {
    package typealias LoadList = @Sendable (RingAccountID) async throws -> RingDeviceList
    package typealias LoadDevice = @Sendable (RingAccountID, RingDeviceID) async throws -> RingDevice

    private let environment: RingEnvironment
    private let loadList: LoadList
    private let loadDevice: LoadDevice
    private var state: DirectoryState
    private var flights: [DirectoryState.Load: Flight] = [:]

    package init(
        options: RingDirectoryOptions, environment: RingEnvironment, loadList: @escaping LoadList,
        loadDevice: @escaping LoadDevice
    ) {
        self.environment = environment
        self.loadList = loadList
        self.loadDevice = loadDevice
        self.state = DirectoryState(options: options)
    }

    /// Creates an empty directory.
    ///
    /// - Parameters:
    ///   - options: How old its devices may be, and how many it keeps.
    ///   - environment: The source of time and randomness.
    ///   - client: Gives an account's client.
    public init(
        options: RingDirectoryOptions = RingDirectoryOptions(), environment: RingEnvironment = RingEnvironment(),
        client: @escaping @Sendable (RingAccountID) async throws -> RingDevicesClient
    ) {
        let parts = options.parts
        self.init(
            options: options, environment: environment,
            loadList: { account in try await client(account).list(include: parts) },
            loadDevice: { account, id in try await client(account).device(id, include: parts) })
    }

    /// What it has done, and how much it contains.
    package var statistics: RingDirectoryStatistics { self.state.statistics }

    /// An account's devices: at once when they are known, otherwise after loading them.
    ///
    /// A device that a webhook announced is loaded first. When that fails, or the list cannot be renewed, the known devices
    /// are returned with ``RingDirectorySnapshot/isStale``, until they are older than the options allow.
    ///
    /// - Throws: What loading throws, when nothing usable is known; `CancellationError` when the task is cancelled, while
    ///   the load goes on for the callers that share it.
    public func devices(of account: RingAccountID) async throws -> RingDirectorySnapshot {
        try Task.checkCancellation()
        switch self.state.read(account, at: self.environment.clock.uptime()) {
        case .known(let snapshot, let renews):
            if renews { self.start(.list(account)) }
            return snapshot
        case .unknown: return try await self.refresh(account)
        case .incomplete(let loads):
            do {
                self.state.countWait()
                try await withThrowingTaskGroup { group in
                    for load in loads { group.addTask { try await self.run(load) } }
                    try await group.waitForAll()
                }
            } catch let error as RingError where !DirectoryState.endsAccess(error) {
                // What is known is better than nothing; the device is loaded again after a pause.
            }
            try Task.checkCancellation()
            if let snapshot = self.state.snapshot(of: account) { return snapshot }
            return try await self.refresh(account)
        }
    }

    /// One device: at once when it is known. One that is not is loaded by itself, once for all who need it.
    ///
    /// - Throws: `RingError` with `deviceNotFound` when there is none, or it was removed; what loading throws;
    ///   `CancellationError` when the task is cancelled.
    public func device(_ id: RingDeviceID, of account: RingAccountID) async throws -> RingDirectoryEntry {
        if let entry = try await self.devices(of: account)[id] { return entry }
        if case .unknown(let load)? = self.state.lookup(id, of: account, at: self.environment.clock.uptime()) {
            self.state.countWait()
            try await self.run(load)
        }
        switch self.state.lookup(id, of: account, at: self.environment.clock.uptime()) {
        case .known(let entry): return entry
        case .absent, .unknown: throw Self.noDevice
        case nil: throw Self.evicted
        }
    }

    /// Loads an account's devices now, however fresh they are.
    ///
    /// - Throws: What loading throws; `CancellationError` when the task is cancelled.
    public func refresh(_ account: RingAccountID) async throws -> RingDirectorySnapshot {
        self.state.countWait()
        try await self.run(.list(account))
        guard let snapshot = self.state.snapshot(of: account) else { throw Self.evicted }
        return snapshot
    }

    /// Forgets an account: it was removed, or its user signed out. Callers that wait for its devices get an error.
    public func forget(_ account: RingAccountID) {
        self.state.forget(account)
        let error = RingError(
            code: .relinkRequired, message: "the account was forgotten while its devices were loading; link it again")
        for (load, flight) in self.flights where load.account == account {
            self.flights[load] = nil
            flight.finish(.failure(error))
        }
    }

    /// Takes a change that a webhook reported. Duplicates, and changes that are older than what is known, change nothing.
    ///
    /// Connection and sensors are changed in place; an added device, and readings that the webhook does not contain, are
    /// loaded before the next read. No request is sent here.
    ///
    /// - Parameters:
    ///   - change: The device, what happened, and when.
    ///   - account: The account whose device it is.
    public func observe(_ change: RingEventKey, of account: RingAccountID) { self.state.observe(change, of: account) }

    // MARK: Loading

    /// A load that callers share, and its result for a caller that begins to wait when it has just ended.
    private final class Flight: Sendable {
        private let run = RingSingleFlight<Void>()
        private let result = Mutex<Result<Void, any Error>?>(nil)

        init() { _ = self.run.claim() }

        func finish(_ result: Result<Void, any Error>) {
            self.result.withLock { $0 = result }
            self.run.finish(result)
        }

        /// Waits for the load. A caller that is cancelled leaves at once, and the load goes on.
        func wait() async throws {
            // Called only when the run has ended, and therefore with a result.
            try await self.run.value {
                if let result = self.result.withLock({ $0 }) { self.run.finish(result) }
            }
        }
    }

    /// Waits for the load under way, or starts it.
    private func run(_ load: DirectoryState.Load) async throws {
        if let flight = self.flights[load] {
            self.state.countShared()
            try await flight.wait()
        } else {
            try await self.start(load).wait()
        }
    }

    @discardableResult
    private func start(_ load: DirectoryState.Load) -> Flight {
        let flight = Flight()
        self.flights[load] = flight
        self.state.begin(load, at: self.environment.clock.now())
        self.environment.detach { await self.perform(load, flight) }
        return flight
    }

    private func perform(_ load: DirectoryState.Load, _ flight: Flight) async {
        let loaded: DirectoryState.Loaded
        do {
            switch load {
            case .list(let account): loaded = .list(try await self.loadList(account))
            case .device(let id, let account): loaded = .device(try await self.loadDevice(account, id))
            }
        } catch {
            loaded = .failure(error)
        }
        // A forgotten account stays forgotten.
        guard self.flights[load] === flight else { return }
        self.flights[load] = nil
        self.state.finish(
            load, loaded, at: self.environment.clock.uptime(), spread: self.environment.randomUnit())
        if case .failure(let error) = loaded { flight.finish(.failure(error)) } else { flight.finish(.success(())) }
    }

    private static var evicted: RingError {
        RingError(code: .closed, message: "device directory: the account was removed during the read; read it again")
    }

    private static var noDevice: RingError {
        RingError(
            code: .deviceNotFound,
            message: "the account has no such device; it may have been removed: list the devices again",
            operation: .device)
    }
}

extension RingDeviceDirectory: RingLifecycleResponder {
    /// Removals come last: the application's handlers can still read the names of what was removed.
    public nonisolated func phase(of change: RingLifecycleEvent.Change) -> RingLifecyclePhase {
        switch change {
        case .deviceRemoved, .integrationRemoved: .afterHandlers
        case .deviceAdded, .integrationAdded, .subscriptionsChanged: .beforeHandlers
        }
    }

    /// Takes an added or removed device, compared by Ring's own time, or forgets an account. An event without a time counts as
    /// happening now.
    ///
    /// - Parameter event: The change, from a webhook.
    /// - Throws: Nothing; the protocol lets other responders throw.
    public func respond(to event: RingLifecycleEvent) async throws {
        guard let account = event.account else { return }
        let start = event.occurredAt ?? self.environment.clock.now()
        switch event.change {
        case .deviceAdded(let id):
            self.observe(RingEventKey(device: id, kind: .deviceAdded, start: start), of: account)
        case .deviceRemoved(let id):
            self.observe(RingEventKey(device: id, kind: .deviceRemoved, start: start), of: account)
        case .integrationRemoved: self.forget(account)
        case .integrationAdded, .subscriptionsChanged: break
        }
    }
}
