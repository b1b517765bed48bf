public import RingCore
public import RingOAuth

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Links Ring accounts to the partner's users: from Ring's code to a confirmed integration.
///
/// The state of a link is stored before each step, so that any process can continue after another one stopped. Keep one linker
/// for the life of the process: it remembers recent codes, so that a code which Ring posts twice is exchanged once.
public struct RingAccountLinker: Sendable {
    private let keeper: RingTokenKeeper
    private let policy: RingLinkPolicy
    private let accounts: @Sendable (RingAccountID) -> RingAccountsClient
    private let exchanges: RingCodeExchanges
    private let identification: RingTokenIdentification
    private let search: RingLinkSearch
    private let steps: RingLinkSteps

    /// Creates a linker for one app.
    ///
    /// - Parameters:
    ///   - keeper: The keeper of the accounts.
    ///   - policy: The keys, and how long links may take.
    ///   - accounts: Creates the client of an account, with a pipeline whose tokens come from the keeper; also for provisional
    ///     ids, whose tokens are not identified yet.
    package init(
        keeper: RingTokenKeeper, policy: RingLinkPolicy,
        accounts: @escaping @Sendable (RingAccountID) -> RingAccountsClient
    ) {
        self.keeper = keeper
        self.policy = policy
        self.accounts = accounts
        self.exchanges = RingCodeExchanges(keeper.environment)
        self.identification = RingTokenIdentification(keeper: keeper, accounts: accounts)
        self.search = RingLinkSearch(policy: policy, identification: self.identification, exchanges: self.exchanges)
        self.steps = RingLinkSteps(
            keeper: keeper, leaseDuration: max(policy.leaseDuration, .seconds(1)), accounts: accounts)
    }

    /// Creates a linker on the pipeline that all accounts share.
    ///
    /// - Parameters:
    ///   - keeper: The keeper of the accounts.
    ///   - policy: The keys, and how long links may take.
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

    // MARK: Codes

    /// Responds to a request to the Token Exchange URL.
    ///
    /// The code is exchanged before the response, well within its 60 seconds. A broken connection does not interrupt the
    /// exchange, and a code that is posted twice is exchanged once. The responses:
    ///
    /// - 200 `stored`, even if `users/me` failed
    /// - 400 for a missing code, or one that Ring does not accept
    /// - 405 for another method than POST
    /// - 413 for a body over 64 KiB
    /// - 503 when the code was not used: Ring could not be reached, or a proxy responded in its place
    /// - 502 when the outcome is unknown
    /// - 500 for a wrong client secret or a failing store
    ///
    /// - Parameter request: Ring's request with a form, JSON, or a query. Of its URL, only the query is read.
    /// - Returns: The response, with a small JSON body. It contains no secrets.
    public func handle(_ request: RingHTTPRequest) async -> RingHTTPResponse {
        let response = await self.response(to: request)
        self.keeper.environment.observer.observe(RingLinkCodeReceived(response))
        return response.http
    }

    /// The largest body of a request to the Token Exchange URL.
    package static var maximumBodyBytes: Int { RingTokenExchangeRequest.maximumBytes }

    private func response(to request: RingHTTPRequest) async -> RingTokenExchangeResponse {
        let code: String?
        do { code = try await RingTokenExchangeRequest(request).code } catch { return error }
        guard let code else { return RingTokenExchangeResponse(400, "code_missing") }
        let keeper = self.keeper
        return await self.exchanges.response(
            for: code, save: { account in await !keeper.saveUnsaved().contains(account) },
            exchange: { await self.outcome(of: OAuthAuthorizationCode(code)) })
    }

    private func outcome(of code: OAuthAuthorizationCode) async -> RingCodeExchanges.Outcome {
        do {
            let grant = try await self.grant(for: code, verifier: nil)
            do {
                _ = try await self.identification.identify(stored: self.keeper.accept(grant))
            } catch let error as RingError where error.code == .storageFailed || error.code == .misconfigured {
                let account = RingAccountID.provisional(for: grant.accessToken.revealed)
                if self.keeper.unsavedAccounts.contains(account) { return .unsaved(account) }
                // The tokens are stored, and are identified later.
            }
            return .finished(RingTokenExchangeResponse(200, "stored"))
        } catch { return .finished(RingTokenExchangeResponse(after: error)) }
    }

    private func grant(for code: OAuthAuthorizationCode, verifier: OAuthCodeVerifier?) async throws -> OAuthGrant {
        switch await self.keeper.client.exchange(code, verifier: verifier) {
        case .granted(let grant): return grant
        case .rejected: throw RingError.invalidCode
        case .misconfigured(let refusal): throw RingError.misconfigured(refusal, .codeExchange)
        case .transient(let error), .unknown(let error): throw error
        }
    }

    /// Exchanges a code that Ring posted, stores the tokens, and identifies their account.
    ///
    /// The tokens are stored before `users/me` is requested. When that fails, they wait for ``identifyWaiting()``. A caller that
    /// is cancelled still waits until the tokens are stored.
    ///
    /// - Returns: The status of the account's tokens: `unclaimed` for a new account, `linked` for one that was linked already,
    ///   `unidentified` when `users/me` failed.
    /// - Throws: `RingError`, with code `invalidCode` when Ring does not accept the code, `invalidClient`, `storageFailed`, or
    ///   why the exchange failed. Never repeat an exchange: a code works once.
    public func exchange(
        _ code: OAuthAuthorizationCode, verifier: OAuthCodeVerifier? = nil
    ) async throws -> RingTokenStatus {
        try await self.exchangeAndIdentify(code, verifier: verifier).status
    }

    /// As ``exchange(_:verifier:)``, with the error of `users/me`. A caller that reports it need not send the request again.
    ///
    /// - Throws: As ``exchange(_:verifier:)``.
    package func exchangeAndIdentify(
        _ code: OAuthAuthorizationCode, verifier: OAuthCodeVerifier? = nil
    ) async throws -> (status: RingTokenStatus, failure: (any Error)?) {
        guard self.exchanges.begin() else {
            throw RingError(code: .closed, message: "the client was shut down; create another one")
        }
        // A code works once, so a caller that is cancelled must interrupt neither the exchange nor the storing.
        let storing = self.keeper.environment.detach(throwing: {
            defer { self.exchanges.end() }
            return try await self.keeper.accept(try await self.grant(for: code, verifier: verifier))
        })
        return try await self.identification.identify(stored: try await storing.value)
    }

    /// Identifies the account of tokens by `users/me`, and stores them under that account.
    ///
    /// - Parameter provisional: The provisional id of the tokens.
    /// - Returns: The status of the account's tokens afterwards.
    /// - Throws: `RingError` when `users/me` or the store fails; the tokens then stay where they are.
    @discardableResult
    public func identify(_ provisional: RingAccountID) async throws -> RingTokenStatus {
        try await self.identification.identify(provisional)
    }

    /// Identifies all tokens for which `users/me` failed before. Call it at the start and then repeatedly.
    ///
    /// - Returns: The accounts that were identified.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    public func identifyWaiting() async throws -> [RingTokenStatus] {
        try await self.identification.identifyWaiting(newest: .max)
    }

    /// How many codes are remembered.
    package var rememberedCodes: Int { self.exchanges.count }

    /// Exchanges no further codes, for the end of the process, and returns when the tokens of those under way are stored, or
    /// in the keeper's memory.
    package func stop() async { await self.exchanges.stop() }

    // MARK: Links

    /// Links the account that a redirect's nonce was made for to a user who has signed in.
    ///
    /// It finds the account among those that can be claimed, claims it for the user, confirms it with Ring (POST) and completes
    /// it (PATCH). After a failure, call it again with the same redirect: it continues where it stopped. Concurrent calls with
    /// the same redirect share the work.
    ///
    /// - Parameters:
    ///   - redirect: The parameters of Ring's redirect.
    ///   - principal: The partner's user, signed in. Ring's certification requires this before a nonce is compared.
    ///   - accountIdentifier: A masked identifier of that user, shown to the Ring user.
    /// - Throws: `RingError` with code `invalidNonce` (malformed, or refused by Ring), `linkExpired`, `linkFromFuture`,
    ///   `noMatchingAccount`, `claimedByAnother`, `invalidArgument` for an empty principal, or why a request or the store
    ///   failed; `CancellationError`.
    public func link(
        _ redirect: RingLinkRedirect, for principal: RingPrincipal, accountIdentifier: String? = nil
    ) async throws -> RingLinkResult {
        try Self.check(principal)
        let (account, keyIndex) = try await self.search.account(of: redirect, for: principal)
        let claim = RingLinkProgress(
            principal: principal, nonce: redirect.nonce, time: redirect.time, accountIdentifier: accountIdentifier)
        try await self.steps.claim(account, claim)
        var result = try await self.steps.complete(account, for: principal)
        result.keyIndex = keyIndex
        return result
    }

    /// Finishes a partner-initiated link (OAuth 2.0 with PKCE): exchange, `users/me`, PATCH. It has no nonce and no POST.
    ///
    /// - Parameters:
    ///   - code: The code of the callback.
    ///   - verifier: The `OAuthAuthorization.verifier` of the session.
    ///   - principal: The partner's user who started the link, signed in.
    ///   - accountIdentifier: A masked identifier of that user.
    /// - Throws: As ``exchange(_:verifier:)`` and ``link(_:for:accountIdentifier:)``. After a failure that follows the exchange,
    ///   ``resume(for:)`` continues.
    public func complete(
        _ code: OAuthAuthorizationCode, verifier: OAuthCodeVerifier, for principal: RingPrincipal,
        accountIdentifier: String? = nil
    ) async throws -> RingLinkResult {
        try Self.check(principal)
        let account = try await self.exchange(code, verifier: verifier).accountID
        guard RingTokenKeeper.isIdentified(account) else {
            throw RingError(
                code: .serverFailure,
                message: "the tokens are stored, and the request for their account failed; try again soon")
        }
        // There is nothing to confirm, so the PATCH is next.
        try await self.steps.claim(
            account,
            RingLinkProgress(
                principal: principal, nonce: "", time: "", accountIdentifier: accountIdentifier, step: .confirmed))
        return try await self.steps.complete(account, for: principal)
    }

    private static func check(_ principal: RingPrincipal) throws {
        guard !principal.rawValue.isEmpty else {
            throw RingError(
                code: .invalidArgument,
                message: "the principal is empty; an account is linked for a user who has signed in")
        }
    }

    /// Continues every link of a user that was started and not finished, for example when they come back later.
    ///
    /// - Parameter principal: The partner's user, signed in.
    /// - Returns: The accounts that are linked now.
    /// - Throws: `RingError` of the first link that cannot be finished, after all others were tried.
    public func resume(for principal: RingPrincipal) async throws -> [RingLinkResult] {
        var results: [RingLinkResult] = []
        var failure: (any Error)?
        for account in try await self.keeper.store.accounts(.principal(principal)) {
            guard let record = try await self.keeper.store.header(for: account), record.isLinkUnderWay else { continue }
            do { results.append(try await self.steps.complete(account, for: principal)) } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return results
    }

    /// Continues every link that was started and not finished, after a crash and when Ring could not be reached.
    ///
    /// - Parameter mayResume: Whether an account is to be tried now.
    /// - Returns: The accounts that are linked now, and the errors of those that are not.
    /// - Throws: `RingError` with code `storageFailed`; `CancellationError`.
    package func resumeAll(
        where mayResume: (RingAccountID) -> Bool = { _ in true }
    ) async throws -> (linked: [RingLinkResult], failed: [RingAccountID: any Error]) {
        var linked: [RingLinkResult] = []
        var failed: [RingAccountID: any Error] = [:]
        for account in try await self.keeper.store.accounts(.claimed) where mayResume(account) {
            try Task.checkCancellation()
            guard let record = try await self.keeper.store.header(for: account), record.isLinkUnderWay,
                let link = record.link
            else { continue }
            do { linked.append(try await self.steps.complete(account, for: link.principal)) } catch {
                failed[account] = error
            }
        }
        return (linked, failed)
    }

    // MARK: The end of a link

    /// Ends a link at the partner's request: DELETE at Ring, then everything that is stored about the account.
    ///
    /// - Throws: `RingError`, with code `forbidden` when the link was started at Ring: only its user can end it, in the Ring app,
    ///   and nothing is erased. `CancellationError`.
    public func unlink(_ account: RingAccountID) async throws {
        do {
            try await self.accounts(account).removeLink()
        } catch let error as RingError where [.relinkRequired, .accountRemoved].contains(error.code) {
            // Ring no longer accepts the tokens of this account, so there is no link to end.
        }
        try await self.keeper.erase(account)
    }

    /// Deletes accounts that were not claimed in time, and what is left of removed accounts. Call it repeatedly.
    ///
    /// - Returns: How many accounts with tokens were deleted. A growing number deserves an alert.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    public func purge() async throws -> Int { try await self.keeper.purge(pool: self.policy.poolLifetime) }
}

extension RingAccountLinker: RingLifecycleResponder {
    /// Erases the tokens of an account whose user removed the app, and notes when an account was linked. Both are compared by
    /// Ring's time: a late report about an earlier link does not end the present one.
    ///
    /// - Parameter event: The change, from a webhook.
    /// - Throws: `RingError` with code `storageFailed`.
    public func respond(to event: RingLifecycleEvent) async throws {
        guard let account = event.account else { return }
        switch event.change {
        case .integrationAdded:
            if let moment = event.occurredAt { try await self.keeper.noteLinked(account, at: moment) }
        case .integrationRemoved: try await self.keeper.remove(account, at: event.occurredAt)
        case .deviceAdded, .deviceRemoved, .subscriptionsChanged: break
        }
    }
}
