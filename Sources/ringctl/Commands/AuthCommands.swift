import FoundationEssentials
import RingPartner

/// `auth exchange|refresh|token|status`.
enum AuthCommands {
    static let all = [
        Command(
            path: ["auth", "exchange"], summary: "exchange an authorization code for tokens",
            detail: """
                Reads the code from standard input, exchanges it, asks users/me whose it is, and stores the tokens. An \
                account that is linked already gets the new tokens and stays linked.
                """, run: Self.exchange),
        Command(path: ["auth", "refresh"], summary: "refresh the account's tokens once", run: Self.refresh),
        Command(
            path: ["auth", "token"], summary: "print a valid access token",
            detail: "Refreshes first when the stored token is near its end. The token is a secret: mind who reads it.",
            run: Self.token),
        Command(path: ["auth", "status"], summary: "every account in the store; no network", run: Self.status),
    ]

    private static func exchange(_ context: CommandContext) async throws {
        let keeper = try await context.keeper(credentialsRequired: true, createsStore: true)
        let code = OAuthAuthorizationCode(try context.readInputText("the authorization code"))
        let linker = context.linker(keeper, keys: [])
        let (status, failure) = try await linker.exchangeAndIdentify(code)
        // The tokens are stored in any case; a failure of users/me is this command's failure.
        if let failure { throw failure }
        let expiry = status.accessExpiresAt.map { JSONAPITime.format($0) }
        try context.output.result(
            [
                "account_id": .string(status.accountID.rawValue), "scope": .string(status.scope),
                "access_expires_at": expiry.map { .string($0) } ?? .null, "state": .string(status.state.rawValue),
            ], text: "\(status.accountID) is \(status.state.rawValue); its access token ends \(expiry ?? "at once")")
        // Tokens of earlier codes for which users/me failed. It has just succeeded.
        try await linker.identifyWaiting()
    }

    private static func refresh(_ context: CommandContext) async throws {
        let keeper = try await context.keeper(credentialsRequired: true)
        // A seed that was used for the first time has obtained its first pair already: one refresh is enough.
        let seeded = try await context.seededAccount(keeper)
        let account = try await context.account(keeper)
        let isDone = seeded?.isNew == true && seeded?.account == account
        let status = isDone ? try await keeper.status(of: account) : try await keeper.refresh(account)
        let expiry = status.accessExpiresAt.map { JSONAPITime.format($0) }
        try context.output.result(
            [
                "account_id": .string(status.accountID.rawValue),
                "access_expires_at": expiry.map { .string($0) } ?? .null,
            ], text: "\(status.accountID) has new tokens; the access token ends \(expiry ?? "at once")")
    }

    private static func token(_ context: CommandContext) async throws {
        if let fixed = context.settings.variable("RING_ACCESS_TOKEN") {
            return try context.output.result(
                ["access_token": .string(fixed), "access_expires_at": .null], text: fixed)
        }
        let keeper = try await context.keeper()
        let account = try await context.account(keeper)
        let token = try await keeper.tokens(for: account).accessToken()
        let status = try await keeper.status(of: account)
        try context.output.result(
            [
                "access_token": .string(token.revealed),
                "access_expires_at": status.accessExpiresAt.map { .string(JSONAPITime.format($0)) } ?? .null,
            ], text: token.revealed)
    }

    private static func status(_ context: CommandContext) async throws {
        let store = try await context.tokenStore()
        var table = Table("ACCOUNT", "STATE", "ACCESS ENDS", "REFRESH ENDS")
        var last: RingAccountID?
        while true {
            let page = try await store.accounts(.all(after: last), limit: 500)
            for account in page {
                guard let record = try await store.header(for: account) else { continue }
                let status = RingTokenStatus(record)
                guard status.stage != .removed, status.stage != .unidentified else { continue }
                let access = status.accessExpiresAt.map { JSONAPITime.format($0) }
                let refresh = status.refreshExpiresAt.map { JSONAPITime.format($0) }
                let cells = [account.rawValue, status.state.rawValue, access ?? "–", refresh ?? "–"]
                if context.output.json {
                    try context.output.object([
                        "account_id": .string(cells[0]), "state": .string(cells[1]),
                        "access_expires_at": access.map { .string($0) } ?? .null,
                        "refresh_expires_at": refresh.map { .string($0) } ?? .null,
                    ])
                } else {
                    table.add(cells)
                }
            }
            guard let end = page.last else { break }
            last = end
        }
        guard !context.output.json else { return }
        if table.rows.isEmpty {
            context.output.remark("no account is stored; run `ringctl auth exchange`")
        } else {
            try context.output.table(table)
        }
    }
}

extension CommandContext {
    /// Links accounts of the store. A developer at a shell may take longer between two commands than a redirect does.
    func linker(_ keeper: RingTokenKeeper, keys: [RingHMACKey]) -> RingAccountLinker {
        RingAccountLinker(
            keeper: keeper, policy: RingLinkPolicy(keys: keys, poolLifetime: .seconds(30 * 86_400))
        ) { account in
            RingAccountsClient(api: self.api(tokens: keeper.tokens(for: account), account: account))
        }
    }
}
