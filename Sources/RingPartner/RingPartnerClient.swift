/// One app and all its linked accounts. A service creates one client when it starts, and keeps it.
///
/// An account costs nothing until it is used; all accounts share one connection pool, one rate budget and one retry budget.
/// ``run(inbox:)`` does the background work for as long as the service runs; ``shutdown(within:)`` ends everything in the
/// right order.
public struct RingPartnerClient: Sendable {
    /// The configuration of the client.
    package let configuration: RingPartnerConfiguration
    /// The transport, the limits and the budgets that all accounts share.
    package let shared: RingSharedPipeline
    /// Keeps the tokens of all accounts fresh.
    public let tokens: RingTokenKeeper
    /// Admits live sessions: one a device, a battery's budget, a maximum over all accounts.
    let governor: WHEPGovernor
    /// The devices of each account, kept up to date by webhooks and by age.
    public let directory: RingDeviceDirectory
    /// Links accounts: handles the Token Exchange URL and the Account Link URL, and completes the links.
    public let linker: RingAccountLinker
    let ledger: WHEPSessionLedger
    let lifecycle = RingPartnerLifecycle()

    /// Creates the client. It uses no network and no file before the first call.
    ///
    /// - Throws: `RingError` with code `misconfigured` for empty credentials, `insecureURL` for a plain `http` origin.
    public init(_ configuration: RingPartnerConfiguration) throws {
        self.configuration = configuration
        let shared = RingSharedPipeline(
            transport: configuration.transport ?? RingPlatformTransport.shared,
            rateBudget: configuration.rateBudget ?? configuration.storage.rateBudget,
            retryPolicy: configuration.retryPolicy, callLimit: configuration.callLimit,
            environment: configuration.environment, middlewares: configuration.middlewares)
        self.shared = shared
        let oauth = try OAuthClient(
            credentials: configuration.credentials, transport: shared.pipelineWithoutAccessToken(),
            origin: configuration.oauthURL, environment: configuration.environment)
        let tokens = RingTokenKeeper(
            store: RingTokenStore(
                storage: configuration.storage, sealing: configuration.sealing,
                environment: configuration.environment),
            client: oauth, policy: configuration.tokenPolicy, environment: configuration.environment)
        self.tokens = tokens
        self.linker = RingAccountLinker(
            keeper: tokens, policy: RingLinkPolicy(keys: configuration.hmacKeys, window: configuration.linkWindow),
            pipeline: shared, baseURL: configuration.apiURL)
        self.governor = WHEPGovernor(limits: configuration.liveLimits, clock: configuration.environment.clock)
        self.ledger = WHEPSessionLedger(
            storage: configuration.storage, sealing: configuration.sealing, environment: configuration.environment)
        self.directory = RingDeviceDirectory(
            options: configuration.directory, environment: configuration.environment
        ) { account in
            RingDevicesClient(
                api: Self.api(tokens.tokens(for: account), account, configuration, shared).with(priority: .background))
        }
    }

    /// One linked account. Whether its tokens are stored is checked by the first call.
    public func account(_ id: RingAccountID) -> RingPartnerAccount {
        RingPartnerAccount(
            api: Self.api(self.tokens.tokens(for: id), id, self.configuration, self.shared), of: self)
    }

    /// An account with a fixed access token, such as the Developer Playground gives. The token is never refreshed.
    public func account(token: RingAccessToken) -> RingPartnerAccount {
        RingPartnerAccount(api: Self.api(RingFixedToken(token), nil, self.configuration, self.shared), of: self)
    }

    private static func api(
        _ tokens: any RingTokenProvider, _ account: RingAccountID?, _ configuration: RingPartnerConfiguration,
        _ shared: RingSharedPipeline
    ) -> RingAPIClient {
        RingAPIClient(
            baseURL: configuration.apiURL, account: account,
            transport: shared.pipeline(tokens: tokens, origin: configuration.apiURL),
            environment: shared.environment)
    }
}
