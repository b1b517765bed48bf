public import RingCore
public import RingOAuth

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

    /// Deletes accounts that nobody claimed within the pool's life.
    ///
    /// - Returns: How many. A growing number is worth an alert.
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
