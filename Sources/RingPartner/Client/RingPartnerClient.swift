/// One app and all its linked accounts: what a partner's service holds for as long as it runs.
///
/// A cheap handle: an account costs nothing until it is used, all of them share one connection pool, one rate budget and
/// one retry budget. Nothing needs shutting down; but before the process ends, await `tokens.settle()`: a refresh that is
/// cut off may take its account with it.
public struct RingPartnerClient: Sendable {
    /// The configuration it was made with.
    public let configuration: RingPartnerConfiguration
    /// What all accounts share below their tokens.
    public let shared: RingSharedPipeline
    /// Keeps the tokens of all accounts fresh.
    public let tokens: RingTokenKeeper

    /// Wires everything. No network, no file: those come with the first call.
    ///
    /// - Throws: `RingError` with code `misconfigured` for empty credentials, `insecureURL` for a plain `http` origin.
    public init(_ configuration: RingPartnerConfiguration) throws {
        self.configuration = configuration
        var shared = RingSharedPipeline(
            transport: configuration.transport ?? RingPlatformTransport.shared, rateBudget: configuration.rateBudget,
            environment: configuration.environment)
        shared.retryPolicy = configuration.retryPolicy
        shared.callLimit = configuration.callLimit
        shared.middlewares = configuration.middlewares
        self.shared = shared
        let oauth = try OAuthClient(
            credentials: configuration.credentials, transport: shared.pipelineWithoutBearer(),
            origin: configuration.oauthURL, environment: configuration.environment)
        self.tokens = RingTokenKeeper(
            store: configuration.tokenStore, client: oauth, policy: configuration.tokenPolicy,
            environment: configuration.environment)
    }

    /// One linked account. Whether it is stored shows at the first call.
    public func account(_ id: RingAccountID) -> RingPartnerAccount {
        RingPartnerAccount(
            api: self.api(tokens: self.tokens.tokens(for: id), account: id),
            downloads: self.shared.pipelineWithoutBearer())
    }

    /// An account by a fixed access token, such as the Developer Playground gives: used as it is, never refreshed.
    public func account(token: RingAccessToken) -> RingPartnerAccount {
        RingPartnerAccount(
            api: self.api(tokens: RingFixedToken(token), account: nil), downloads: self.shared.pipelineWithoutBearer())
    }

    private func api(tokens: any RingTokenProvider, account: RingAccountID?) -> RingAPIClient {
        RingAPIClient(
            baseURL: self.configuration.apiURL, account: account,
            transport: self.shared.pipeline(tokens: tokens, origin: self.configuration.apiURL),
            environment: self.configuration.environment)
    }
}
