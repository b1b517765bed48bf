import RingPartner

/// Which account a command works for, and with which token.
extension CommandContext {
    /// The API as the account the settings name: `RING_ACCESS_TOKEN` as it is, else a stored account, seeded from
    /// `RING_REFRESH_TOKEN` when there is one.
    ///
    /// - Throws: `UsageError` when two or more accounts are stored and none is named; `CommandFailure` with status 3 when
    ///   nobody is signed in.
    func api() async throws -> RingAPIClient {
        if let token = self.settings.variable("RING_ACCESS_TOKEN") {
            return self.api(tokens: RingFixedToken(RingAccessToken(token)), account: nil)
        }
        let keeper = try await self.keeper()
        let account = try await self.account(keeper)
        return self.api(tokens: keeper.tokens(for: account), account: account)
    }

    /// The account the settings name, out of the store.
    ///
    /// - Throws: As ``api()``.
    func account(_ keeper: RingTokenKeeper) async throws -> RingAccountID {
        let seeded = try await self.seededAccount(keeper)?.account
        if let named = self.settings.account {
            guard try await keeper.store.header(for: named) != nil else {
                throw CommandFailure(
                    .notFound, code: "account_not_found",
                    "account \(named) is not in the store; `ringctl auth status` lists those that are")
            }
            return named
        }
        if let seeded { return seeded }
        let statuses = try await keeper.statuses().filter { $0.stage != .removed }
        guard let first = statuses.first else {
            throw CommandFailure(
                .notAuthorised, code: "not_signed_in",
                "no account is in the store; set RING_ACCESS_TOKEN or RING_REFRESH_TOKEN, or run `ringctl auth exchange`"
            )
        }
        guard statuses.count == 1 else {
            throw UsageError("\(statuses.count) accounts are in the store; name one with --account or RING_ACCOUNT")
        }
        return first.accountID
    }

    /// Seeds the store from `RING_REFRESH_TOKEN`, once, and finds out whose token it is.
    ///
    /// - Returns: The account, and whether its tokens were obtained just now.
    func seededAccount(_ keeper: RingTokenKeeper) async throws -> (account: RingAccountID, isNew: Bool)? {
        guard let seed = self.settings.variable("RING_REFRESH_TOKEN") else { return nil }
        let account = try await keeper.seed(OAuthRefreshToken(seed))
        guard !RingTokenKeeper.isIdentified(account) else { return (account, false) }
        let before = try await keeper.store.header(for: account)?.generation
        let api = self.api(tokens: keeper.tokens(for: account), account: account)
        let response = try await api.document(try api.request(path: ["v1", "users", "me"]), for: .userProfile)
        guard let id = response.resource?.id else {
            throw CommandFailure(.server, code: "malformed_response", "users/me does not say whose the token is")
        }
        let isNew = try await keeper.store.header(for: account)?.generation != before
        return (try await keeper.identify(account, as: RingAccountID(rawValue: id)).accountID, isNew)
    }
}
