public import RingCore
internal import Synchronization

/// Keeps the tokens of any number of accounts fresh, and never loses one.
///
/// One keeper for a process and a store. Refreshes happen at most once at a time for each account, in this process and
/// among all processes that share the store; what a refresh is about to do is written before it is done; a new pair is on
/// the disk before anybody uses it.
public final class RingTokenKeeper: Sendable {
    let parts: RingKeeperParts
    private let accounts = Mutex<[RingAccountID: RingAccountTokens]>([:])

    /// Creates a keeper over a store.
    ///
    /// - Parameters:
    ///   - store: Where the tokens survive.
    ///   - client: What buys new ones.
    ///   - policy: When and how patiently.
    ///   - environment: The clock and the observer.
    public init(
        store: any RingTokenStore, client: OAuthClient, policy: RingTokenPolicy = RingTokenPolicy(),
        environment: RingEnvironment = RingEnvironment()
    ) {
        self.parts = RingKeeperParts(store: store, client: client, policy: policy, environment: environment)
    }

    /// The store this keeper works on.
    public var store: any RingTokenStore { self.parts.store }
    /// When this keeper refreshes, and how patiently.
    public var policy: RingTokenPolicy { self.parts.policy }
    /// What this keeper reads its time from, and reports to.
    public var environment: RingEnvironment { self.parts.environment }
    /// What buys tokens for this keeper.
    public var client: OAuthClient { self.parts.client }

    /// The access tokens of one account: what a pipeline's authorize layer asks. Costs nothing until it is used.
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
        guard let record = try await self.parts.record(for: account) else { throw RingError.accountUnknown(account) }
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
            if let record = try await self.parts.record(for: account) { statuses.append(RingTokenStatus(record)) }
        }
        return statuses
    }

    /// Waits for the refreshes that are under way. Call it before the process ends: a refresh that is cut off may take the
    /// account with it. It takes as long as a token request may, whether or not the caller is cancelled.
    public func settle() async {
        for tokens in self.accounts.withLock({ Array($0.values) }) { await tokens.settle() }
    }

    /// Lets go of what this process knows of an account. The store is not touched.
    public func forget(_ account: RingAccountID) {
        self.accounts.withLock { $0.removeValue(forKey: account) }?.forget()
    }
}
