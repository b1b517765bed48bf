public import RingCore
internal import Synchronization

/// Keeps the tokens of any number of accounts valid, and never loses a pair.
///
/// Create one keeper for a process and a database. An account is refreshed by one process at a time. The intent of a refresh is
/// stored before its request, and a new pair is stored before it is used.
public final class RingTokenKeeper: Sendable {
    let context: RingKeeperContext
    /// One value for each account, for the life of the process, so that all who use it share its refreshes.
    private let accounts = Mutex<[RingAccountID: RingAccountTokens]>([:])
    private let arrivals: RingTokenArrivals
    private let oldRecords: RingTokenPurge

    /// Creates a keeper for the accounts of a store.
    ///
    /// - Parameters:
    ///   - store: Where the tokens are stored.
    ///   - client: Obtains new tokens.
    ///   - policy: When tokens are refreshed.
    ///   - environment: The clock and the observer.
    public init(
        store: RingTokenStore, client: OAuthClient, policy: RingTokenPolicy = RingTokenPolicy(),
        environment: RingEnvironment = RingEnvironment()
    ) {
        self.context = RingKeeperContext(store: store, client: client, policy: policy, environment: environment)
        self.arrivals = RingTokenArrivals(self.context)
        self.oldRecords = RingTokenPurge(self.context)
    }

    /// The store of the accounts.
    package var store: RingTokenStore { self.context.store }
    /// When tokens are refreshed.
    package var policy: RingTokenPolicy { self.context.policy }
    /// The clock and the observer.
    package var environment: RingEnvironment { self.context.environment }
    /// Obtains new tokens.
    package var client: OAuthClient { self.context.client }

    // MARK: Tokens

    /// The access tokens of one account, for the pipeline of its requests. Nothing is read before a token is needed.
    ///
    /// - Parameter account: The account; an account that is not stored is an error at the first token.
    /// - Returns: A provider that returns a valid token at once while there is one, refreshes it in the background from
    ///   ``RingTokenPolicy/advisoryMargin`` on, and lets callers wait for a refresh from ``RingTokenPolicy/mandatoryMargin``
    ///   on. All providers of an account share its refreshes.
    public func tokens(for account: RingAccountID) -> RingAccountTokens {
        self.accounts.withLock { accounts in
            if let known = accounts[account] { return known }
            let tokens = RingAccountTokens(account: account, context: self.context)
            accounts[account] = tokens
            return tokens
        }
    }

    /// Refreshes an account now, even if its token is valid.
    ///
    /// - Returns: The status of its tokens afterwards.
    /// - Throws: `RingError` with code `relinkRequired`, `accountUnknown`, `accountRemoved`, `storageFailed`,
    ///   `invalidClient`, `serverFailure` also when a proxy responded in place of the token endpoint, or why the refresh
    ///   failed; `CancellationError`, while the refresh itself continues.
    @discardableResult
    public func refresh(_ account: RingAccountID) async throws -> RingTokenStatus {
        try await self.refresh(account, isForced: true)
        return try await self.status(of: account)
    }

    /// Obtains a new pair.
    ///
    /// - Parameter isForced: Refresh even an account that must be linked again.
    func refresh(_ account: RingAccountID, isForced: Bool) async throws {
        _ = try await self.tokens(for: account).renewed(isForced: isForced)
    }

    /// Forgets the access token that this process knows of an account, so that the next call reads the store. The store is
    /// not changed, and a pair that is not stored yet is kept.
    package func forget(_ account: RingAccountID) { self.accounts.withLock { $0[account] }?.forget() }

    /// Forgets the access tokens of accounts that other processes change, as long as the storage tells of them, so that a token
    /// that was rotated or removed elsewhere is not used for long.
    package func followChanges() async {
        guard let changes = self.context.store.storage.changes(in: .tokens) else { return }
        for await id in changes { self.forget(RingAccountID(rawValue: id.name)) }
    }

    // MARK: State

    /// The status of an account's tokens. No network.
    ///
    /// - Throws: `RingError` with code `accountUnknown` or `storageFailed`.
    public func status(of account: RingAccountID) async throws -> RingTokenStatus {
        guard let record = try await self.context.header(for: account) else { throw RingError.accountUnknown(account) }
        return RingTokenStatus(record)
    }

    /// The status of the tokens of all accounts, by account id. No network.
    ///
    /// - Parameters:
    ///   - account: Only accounts after this one are returned, to page through many.
    ///   - limit: The maximum number to return.
    /// - Throws: `RingError` with code `storageFailed`.
    public func statuses(after account: RingAccountID? = nil, limit: Int = 1_000) async throws -> [RingTokenStatus] {
        var statuses: [RingTokenStatus] = []
        for account in try await self.context.accounts(.all(after: account), limit: limit) {
            if let record = try await self.context.header(for: account) { statuses.append(RingTokenStatus(record)) }
        }
        return statuses
    }

    // MARK: New tokens

    /// Stores tokens whose account is not known yet.
    ///
    /// - Parameter grant: The tokens.
    /// - Returns: A provisional account id. Request `users/me` with its tokens, then call ``identify(_:as:)``.
    /// - Throws: `RingError` with code `storageFailed` when the store failed repeatedly. The tokens stay in memory;
    ///   ``settle(within:)`` and the next exchange try again.
    public func accept(_ grant: OAuthGrant) async throws -> RingAccountID { try await self.arrivals.accept(grant) }

    /// Stores a refresh token that was obtained elsewhere, such as `RING_REFRESH_TOKEN`.
    ///
    /// A token that was stored before leads to its present account, whose rotated pair it never overwrites.
    ///
    /// - Returns: The account, or a provisional id while the account is not known: see ``isIdentified(_:)``.
    /// - Throws: `RingError` with code `storageFailed`.
    public func seed(_ token: OAuthRefreshToken) async throws -> RingAccountID { try await self.arrivals.seed(token) }

    /// Whether an account id is Ring's, and not a provisional one for tokens whose account is not known yet.
    public static func isIdentified(_ account: RingAccountID) -> Bool { !account.isProvisional }

    /// Moves the tokens of a provisional id to their account.
    ///
    /// A new account becomes `unclaimed`; one that is stored already gets the tokens and keeps its link; a removed one starts
    /// from the beginning. From then on the provisional id leads to the account.
    ///
    /// - Parameters:
    ///   - provisional: The provisional id.
    ///   - account: The account `users/me` named for its tokens.
    /// - Returns: The status of the account's tokens afterwards.
    /// - Throws: `RingError` with code `storageFailed`, `timedOut` when another process refreshes the tokens for too long,
    ///   or `accountUnknown` when neither is stored.
    @discardableResult
    public func identify(_ provisional: RingAccountID, as account: RingAccountID) async throws -> RingTokenStatus {
        let identified = try await self.arrivals.identify(provisional, as: account)
        switch identified {
        case .before: break
        case .outdated: self.release(provisional)
        case .moved(let record):
            self.release(provisional)
            _ = self.tokens(for: account).learn(record)
        }
        return RingTokenStatus(identified.record)
    }

    /// Notes that `users/me` failed for tokens whose account is not known yet.
    package func noteIdentifyFailure(_ provisional: RingAccountID) async throws {
        try await self.arrivals.noteIdentifyFailure(provisional)
    }

    /// Releases a provisional id whose tokens were moved. It is kept while a refresh of it is under way.
    private func release(_ provisional: RingAccountID) {
        self.accounts.withLock { accounts in
            if accounts[provisional]?.isIdle ?? false { accounts[provisional] = nil }
        }
    }

    // MARK: The end of the process

    /// Begins no further refreshes. Those under way continue: ``settle(within:)`` waits for them.
    package func stopRefreshing() { self.context.isStopped.store(true, ordering: .sequentiallyConsistent) }

    /// Waits for the refreshes that are under way and stores pairs that could not be stored yet. Call it before the process
    /// ends: if a refresh is interrupted or a pair is only in memory, the account is lost.
    ///
    /// It takes as long as a token request may, even if the caller is cancelled.
    ///
    /// - Parameter limit: How long a failing store is tried again.
    /// - Returns: The accounts whose newest tokens are only in memory; empty when all are stored.
    @discardableResult
    public func settle(within limit: Duration = .seconds(5)) async -> [RingAccountID] {
        let clock = self.environment.clock
        let end = clock.uptime() + limit
        for tokens in self.context.refreshing { await tokens.settle() }
        while true {
            let unsaved = await self.saveUnsaved()
            guard !unsaved.isEmpty, clock.uptime() < end else { return unsaved }
            // A task of its own, so that the store gets its time even if the caller is cancelled.
            await self.environment.detach { try? await clock.sleep(for: self.context.pause(4)) }.value
        }
    }

    /// Stores tokens that could not be stored before, each with one attempt.
    ///
    /// - Returns: The accounts whose newest tokens are still only in memory.
    @discardableResult
    package func saveUnsaved() async -> [RingAccountID] {
        for tokens in self.context.unsaved { await tokens.saveUnsaved() }
        await self.arrivals.saveUnsaved()
        return self.unsavedAccounts
    }

    /// The accounts whose newest tokens are only in memory.
    package var unsavedAccounts: [RingAccountID] {
        self.context.unsaved.map(\.account) + self.arrivals.unsavedAccounts
    }

    // MARK: Sealing keys and old records

    /// Encrypts stored secrets with the active sealing key that are encrypted with an older key or not at all.
    ///
    /// Every write of a record does the same, which for an account in use is within a day.
    ///
    /// - Parameter limit: The maximum number of records in one call.
    /// - Returns: How many records were encrypted. Call it until it returns 0, and then check
    ///   `RingPartnerClient.sealingKeysInUse()`: a record that was written at the same time is left out.
    /// - Throws: `RingError` with code `storageFailed` or `misconfigured`.
    public func reseal(limit: Int = 1_000) async throws -> Int { try await self.store.reseal(limit: limit) }

    /// Deletes `unclaimed` accounts that left the pool, tokens for which `users/me` failed for thirty days, and what is left of
    /// removed accounts after thirty days.
    ///
    /// An account is deleted when it is old by the wall clock *and* this process has seen it for as long, or for a day, by the
    /// monotonic clock: a clock that jumps ahead deletes nothing. Call it repeatedly.
    ///
    /// - Parameters:
    ///   - pool: The lifetime of an unclaimed account. Ring advises 10 to 15 minutes.
    ///   - unidentified: The lifetime of tokens for which `users/me` fails.
    /// - Returns: How many accounts with tokens were deleted.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    package func purge(
        pool: Duration = .seconds(15 * 60), unidentified: Duration = .seconds(30 * 86_400)
    ) async throws -> Int {
        var count = 0
        try await self.oldRecords.run(pool: pool, unidentified: unidentified) { account in
            self.forget(account)
            count += 1
        }
        return count
    }
}
