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
/// The state of a link is in the token store, written before each step, so that any process can go on from wherever
/// another one stopped. Needs nothing but a keeper and a way to the API for each account.
public struct RingAccountLinker: Sendable {
    let keeper: RingTokenKeeper
    let policy: RingLinkPolicy
    let accounts: @Sendable (RingAccountID) -> RingAccountsClient
    let exchanges = RingCodeExchanges()

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

    /// Exchanges the code that Ring posted, stores the tokens, and asks whose they are.
    ///
    /// The tokens are on the disk before `users/me` is asked. When that fails, they wait for ``identifyWaiting()``.
    ///
    /// - Returns: How the account's tokens are: `unclaimed` for a new account, `linked` for one that was linked already,
    ///   `unidentified` when `users/me` could not be asked.
    /// - Throws: `RingError`, with code `invalidCode` when Ring knows the code no more, `invalidClient`, `storageFailed`, or
    ///   why the exchange failed; `CancellationError`. Never repeat an exchange: a code works once.
    public func exchange(
        _ code: OAuthAuthorizationCode, verifier: OAuthCodeVerifier? = nil
    ) async throws -> RingTokenStatus {
        switch await self.keeper.client.exchange(code, verifier: verifier) {
        case .granted(let grant):
            let provisional = try await self.keeper.accept(grant)
            do {
                return try await self.identify(provisional)
            } catch let error as RingError where error.code != .storageFailed {
                return try await self.keeper.status(of: provisional)
            }
        case .rejected: throw RingError.invalidCode
        case .misconfigured(let refusal): throw RingError.misconfigured(refusal, .codeExchange)
        case .transient(let error), .unknown(let error): throw error
        }
    }

    /// Asks whose unidentified tokens are, and stores them under that account.
    ///
    /// - Returns: How the account's tokens are afterwards.
    /// - Throws: `RingError` when `users/me` cannot be asked, or the store fails; the tokens then stay where they are.
    @discardableResult
    public func identify(_ provisional: RingAccountID) async throws -> RingTokenStatus {
        let user = try await self.accounts(provisional).user()
        return try await self.keeper.identify(provisional, as: user.id)
    }

    /// Asks again for all tokens that were stored when `users/me` could not be asked. Call it at the start and now and then.
    ///
    /// - Returns: The accounts that are known now.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    public func identifyWaiting() async throws -> [RingTokenStatus] {
        var found: [RingTokenStatus] = []
        for account in try await self.keeper.store.accounts(.unidentified, limit: nil) {
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
