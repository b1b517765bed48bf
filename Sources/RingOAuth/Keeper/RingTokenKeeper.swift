public import RingCore
internal import Synchronization

/// Keeps the tokens of any number of accounts fresh, and never loses one.
///
/// One keeper for a process and a database. An account is refreshed by one process at a time; what a refresh is about to do
/// is stored before it is done; a new pair is stored before anybody uses it.
public final class RingTokenKeeper: Sendable {
    let parts: RingKeeperParts
    /// One value for each account, for the life of the process: whoever holds one shares its refreshes with all others.
    private let accounts = Mutex<[RingAccountID: RingAccountTokens]>([:])
    /// Tokens of exchanged codes that could not be stored yet: the only copies there are.
    let arrivals = Mutex<[RingAccountID: RingTokenRecord]>([:])
    /// When this process first saw an account that nobody has claimed, by the monotonic clock.
    let unclaimedSince = Mutex<[RingAccountID: Duration]>([:])
    /// When this process first saw that a removed account, or a forwarding, may be deleted.
    let expiredSince = Mutex<[String: Duration]>([:])

    /// Creates a keeper over a store.
    ///
    /// - Parameters:
    ///   - store: Where the tokens survive.
    ///   - client: What obtains new ones.
    ///   - policy: When and how patiently.
    ///   - environment: The clock and the observer.
    public init(
        store: RingTokenStore, client: OAuthClient, policy: RingTokenPolicy = RingTokenPolicy(),
        environment: RingEnvironment = RingEnvironment()
    ) {
        self.parts = RingKeeperParts(store: store, client: client, policy: policy, environment: environment)
    }

    /// The store this keeper works on.
    public var store: RingTokenStore { self.parts.store }
    /// When this keeper refreshes, and how patiently.
    public var policy: RingTokenPolicy { self.parts.policy }
    /// What this keeper reads its time from, and reports to.
    public var environment: RingEnvironment { self.parts.environment }
    /// What obtains tokens for this keeper.
    public var client: OAuthClient { self.parts.client }

    /// The access tokens of one account: what a pipeline's authorization asks. Costs nothing until it is used.
    ///
    /// - Parameter account: The account; whether it is stored shows when a token is asked for.
    public func tokens(for account: RingAccountID) -> RingAccountTokens {
        self.accounts.withLock { accounts in
            if let known = accounts[account] { return known }
            let made = RingAccountTokens(account: account, parts: self.parts)
            accounts[account] = made
            return made
        }
    }

    /// Refreshes an account now, whatever its token is like.
    ///
    /// - Returns: How its tokens are afterwards.
    /// - Throws: `RingError` with code `relinkRequired`, `accountUnknown`, `accountRemoved`, `storageFailed`,
    ///   `invalidClient`, or why the refresh failed; `CancellationError`, while the refresh itself goes on.
    @discardableResult
    public func refresh(_ account: RingAccountID) async throws -> RingTokenStatus {
        _ = try await self.tokens(for: account).renewed(isForced: true)
        return try await self.status(of: account)
    }

    /// How an account's tokens are. No network.
    ///
    /// - Throws: `RingError` with code `accountUnknown` or `storageFailed`.
    public func status(of account: RingAccountID) async throws -> RingTokenStatus {
        guard let record = try await self.parts.header(for: account) else { throw RingError.accountUnknown(account) }
        return RingTokenStatus(record)
    }

    /// How the tokens of all accounts are, by account id. No network.
    ///
    /// - Parameters:
    ///   - account: Leaves out the accounts up to this one, to page through many.
    ///   - limit: The most to return.
    /// - Throws: `RingError` with code `storageFailed`.
    public func statuses(after account: RingAccountID? = nil, limit: Int = 1_000) async throws -> [RingTokenStatus] {
        var statuses: [RingTokenStatus] = []
        for account in try await self.parts.accounts(.all(after: account), limit: limit) {
            if let record = try await self.parts.header(for: account) { statuses.append(RingTokenStatus(record)) }
        }
        return statuses
    }

    /// Begins no further refreshes, for the end of the process. Those under way go on: ``settle(within:)`` waits for them.
    package func stopRefreshing() { self.parts.isStopped.store(true, ordering: .sequentiallyConsistent) }

    /// Waits for the refreshes that are under way and stores what could not be stored yet. Call it before the process ends:
    /// a refresh that is cut off, or a pair that is only in memory, takes its account with it.
    ///
    /// It takes as long as a token request may, whether or not the caller is cancelled; saving is tried for as long as
    /// `limit` says.
    ///
    /// - Parameter limit: How long a failing store is tried again.
    /// - Returns: The accounts whose newest tokens are still in this process's memory alone; empty when all is stored.
    @discardableResult
    public func settle(within limit: Duration = .seconds(5)) async -> [RingAccountID] {
        let clock = self.environment.clock
        let end = clock.uptime() + limit
        for tokens in self.parts.busy(where: \.isFlying) { await tokens.settle() }
        while true {
            let left = await self.saveUnsaved()
            guard !left.isEmpty, clock.uptime() < end else { return left }
            // A cancelled caller still gives the store its time.
            await self.environment.detach { try? await clock.sleep(for: self.parts.pause(4)) }.value
        }
    }

    /// Stores pairs and arrivals that could not be stored before, each tried once.
    ///
    /// - Returns: The accounts for which that failed again.
    @discardableResult
    package func saveUnsaved() async -> [RingAccountID] {
        for tokens in self.parts.busy(where: { $0.unsaved != nil }) {
            guard let unsaved = tokens.state.withLock({ $0.unsaved }) else { continue }
            // What is left afterwards is the result.
            _ = try? await tokens.save(unsaved, attempts: 1)
        }
        for record in self.arrivals.withLock({ $0.values.sorted { $0.accountID.rawValue < $1.accountID.rawValue } }) {
            _ = try? await self.store(arrival: record)
        }
        return self.unsavedAccounts
    }

    /// The accounts whose newest tokens are in this process's memory alone.
    package var unsavedAccounts: [RingAccountID] {
        let arrived = self.arrivals.withLock { $0.keys.sorted { $0.rawValue < $1.rawValue } }
        return self.parts.busy(where: { $0.unsaved != nil }).map(\.account) + arrived
    }

    /// Lets go of a made-up account whose tokens have another name now. A refresh of it that is under way keeps it.
    func release(_ provisional: RingAccountID) {
        self.accounts.withLock { accounts in
            let isIdle = accounts[provisional]?.state.withLock { !$0.isFlying && $0.unsaved == nil } ?? false
            if isIdle { accounts[provisional] = nil }
        }
    }

    /// Lets go of the access token that this process knows of an account. The store is not touched, and a pair that is not
    /// stored yet stays.
    public func forget(_ account: RingAccountID) {
        self.accounts.withLock { $0[account] }?.forget()
    }
}
