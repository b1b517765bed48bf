public import RingCore
internal import RingCrypto
public import RingOAuth

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Links Ring accounts to the partner's users: from Ring's code to a confirmed integration.
///
/// The state of a link is stored before each step, so that any process can go on from wherever another one stopped. It
/// needs a keeper and a client of the API for each account. Keep one for the life of the process: it remembers the codes
/// that were posted lately.
public struct RingAccountLinker: Sendable {
    let keeper: RingTokenKeeper
    let policy: RingLinkPolicy
    let accounts: @Sendable (RingAccountID) -> RingAccountsClient
    let exchanges = RingCodeExchanges()
    /// Keeps the rights to work on links.
    let heartbeat: RingLeaseHeartbeat

    /// Creates a linker for one app.
    ///
    /// - Parameters:
    ///   - keeper: Whose accounts.
    ///   - policy: The keys, and how long things may take.
    ///   - accounts: Makes the client of an account, with a pipeline whose tokens come from the keeper. Asked for made-up
    ///     accounts as well, while it is not known whose the tokens are.
    public init(
        keeper: RingTokenKeeper, policy: RingLinkPolicy,
        accounts: @escaping @Sendable (RingAccountID) -> RingAccountsClient
    ) {
        self.keeper = keeper
        self.policy = policy
        self.accounts = accounts
        self.heartbeat = RingLeaseHeartbeat(
            storage: keeper.store.storage, environment: keeper.environment, duration: policy.leaseDuration)
    }

    /// Creates a linker on the pipeline that all accounts share.
    ///
    /// - Parameters:
    ///   - keeper: Whose accounts.
    ///   - policy: The keys, and how long things may take.
    ///   - pipeline: The transport, the limits and the budgets.
    ///   - baseURL: The API's origin.
    public init(keeper: RingTokenKeeper, policy: RingLinkPolicy, pipeline: RingSharedPipeline, baseURL: URL) {
        self.init(keeper: keeper, policy: policy) { account in
            RingAccountsClient(
                api: RingAPIClient(
                    baseURL: baseURL, account: account,
                    transport: pipeline.pipeline(tokens: keeper.tokens(for: account), origin: baseURL),
                    environment: pipeline.environment))
        }
    }

    /// How many codes are remembered, so that one which is posted twice is exchanged once.
    package var rememberedCodes: Int { self.exchanges.count }

    /// Exchanges the code that Ring posted, stores the tokens, and asks whose they are.
    ///
    /// The tokens are on the disk before `users/me` is asked. When that fails, they wait for ``identifyWaiting()``.
    ///
    /// - Returns: How the account's tokens are: `unclaimed` for a new account, `linked` for one that was linked already,
    ///   `unidentified` when `users/me` could not be asked.
    /// A caller who is cancelled waits all the same until the tokens are stored.
    ///
    /// - Throws: `RingError`, with code `invalidCode` when Ring knows the code no more, `invalidClient`, `storageFailed`, or
    ///   why the exchange failed. Never repeat an exchange: a code works once.
    public func exchange(
        _ code: OAuthAuthorizationCode, verifier: OAuthCodeVerifier? = nil
    ) async throws -> RingTokenStatus {
        guard self.exchanges.begin() else {
            throw RingError(code: .closed, message: "the client was shut down; make another one")
        }
        // A code works once. A caller who is cancelled must not cut off the request that spends it, nor the storing.
        let keeping = self.keeper.environment.detach(throwing: {
            defer { self.exchanges.end() }
            switch await self.keeper.client.exchange(code, verifier: verifier) {
            case .granted(let grant): return try await self.keeper.accept(grant)
            case .rejected: throw RingError.invalidCode
            case .misconfigured(let refusal): throw RingError.misconfigured(refusal, .codeExchange)
            case .transient(let error), .unknown(let error): throw error
            }
        })
        return try await self.identify(stored: try await keeping.value)
    }

    /// Exchanges no further codes, for the end of the process, and returns when the tokens of those under way are stored, or
    /// in the keeper's memory.
    package func stop() async { await self.exchanges.stop(self.keeper.environment) }

    /// Stores tokens and asks whose they are.
    func identify(accepting grant: OAuthGrant) async throws -> RingTokenStatus {
        try await self.identify(stored: self.keeper.accept(grant))
    }

    private func identify(stored provisional: RingAccountID) async throws -> RingTokenStatus {
        do {
            return try await self.identify(provisional)
        } catch let error where (error as? RingError)?.code != .storageFailed {
            // They are stored. Another process may have identified them meanwhile: the status is then the account's.
            return try await self.keeper.status(of: provisional)
        }
    }

    /// Asks whose unidentified tokens are, and stores them under that account.
    ///
    /// - Returns: How the account's tokens are afterwards.
    /// - Throws: `RingError` when `users/me` cannot be asked, or the store fails; the tokens then stay where they are.
    @discardableResult
    public func identify(_ provisional: RingAccountID) async throws -> RingTokenStatus {
        do {
            let user = try await self.accounts(provisional).user()
            return try await self.keeper.identify(provisional, as: user.id)
        } catch let error as RingError where error.code != .storageFailed {
            try? await self.keeper.noteIdentifyFailure(provisional)
            throw error
        }
    }

    /// Asks again for all tokens that were stored when `users/me` could not be asked. Call it at the start and now and then.
    ///
    /// - Returns: The accounts that are known now.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    public func identifyWaiting() async throws -> [RingTokenStatus] { try await self.identifyWaiting(newest: .max) }

    /// As ``identifyWaiting()``, for the tokens that were stored last.
    func identifyWaiting(newest count: Int) async throws -> [RingTokenStatus] {
        var found: [RingTokenStatus] = []
        for account in try await self.keeper.store.accounts(.unidentified).suffix(count) {
            do {
                found.append(try await self.identify(account))
            } catch let error as RingError where error.code != .storageFailed { continue }
        }
        return found
    }
}

extension RingError.Code {
    /// Ring knows the authorization code no more: it is older than 60 seconds, or was used.
    public static let invalidCode = Self("invalid_code")
}

extension RingError {
    static var invalidCode: RingError {
        RingError(
            code: .invalidCode,
            message:
                "Ring knows this authorization code no more: it is older than 60 seconds or was used; have the user "
                + "start again from Ring", operation: .codeExchange, delivery: .answered)
    }
}
