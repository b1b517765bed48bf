public import RingCore
public import RingOAuth

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension RingAccountLinker {
    /// Finishes a link that the partner began (OAuth 2.0 with PKCE): exchange, `users/me`, PATCH. No nonce, no POST.
    ///
    /// - Parameters:
    ///   - code: The code of the callback.
    ///   - verifier: The verifier whose challenge began it.
    ///   - principal: The partner's user who began it, signed in.
    ///   - accountIdentifier: A masked identifier of that user.
    /// - Throws: As ``exchange(_:verifier:)`` and ``link(_:for:accountIdentifier:)``; after a failure behind the exchange,
    ///   ``resume(for:)`` goes on.
    public func complete(
        _ code: OAuthAuthorizationCode, verifier: OAuthCodeVerifier, for principal: RingPrincipal,
        accountIdentifier: String? = nil
    ) async throws -> RingLinkResult {
        guard !principal.rawValue.isEmpty else {
            throw RingError.linking(
                .invalidArgument, "an account is linked for a signed-in user; the principal is empty")
        }
        let status = try await self.exchange(code, verifier: verifier)
        let account = status.accountID
        guard RingTokenKeeper.isIdentified(account) else {
            throw RingError.linking(
                .serverFailure, "the tokens are stored, and Ring could not be asked whose they are; try again soon")
        }
        // Straight to the PATCH: there is nothing to confirm.
        try await self.claim(
            account,
            RingLinkProgress(
                principal: principal, nonce: "", time: "", accountIdentifier: accountIdentifier, step: .confirmed))
        return try await self.drive(account, for: principal)
    }

    /// Ends a link at the partner's wish: DELETE at Ring, then everything stored about the account.
    ///
    /// - Throws: `RingError`, with code `forbidden` when the link began at Ring: only its user can end it, in the Ring app;
    ///   nothing is erased then. `CancellationError`.
    public func unlink(_ account: RingAccountID) async throws {
        do {
            try await self.accounts(account).removeLink()
        } catch let error as RingError where [.relinkRequired, .accountRemoved].contains(error.code) {
            // Ring takes no token of this account any more: there is no link to end.
        }
        try await self.keeper.erase(account)
    }

    /// Does what `app_integration_removed` asks for: tokens erased, account marked, nothing asked of Ring any more.
    ///
    /// - Parameters:
    ///   - account: The account of the webhook.
    ///   - moment: The event's time: a late report about an earlier link does not end the present one.
    /// - Returns: Whether the account is removed now.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    public func integrationRemoved(_ account: RingAccountID, at moment: Date?) async throws -> Bool {
        try await self.keeper.remove(account, at: moment)
    }

    /// Notes what `app_integration_added` says: the link exists at this moment of Ring's clock, so that a late report about
    /// the removal of an earlier link does not end it.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    package func integrationAdded(_ account: RingAccountID, at moment: Date) async throws {
        try await self.keeper.noteLinked(account, at: moment)
    }

    /// Deletes accounts that nobody claimed within the pool's life.
    ///
    /// - Returns: How many. A growing number is worth an alert.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    public func purge() async throws -> Int { try await self.keeper.purge(pool: self.policy.poolLifetime) }
}
