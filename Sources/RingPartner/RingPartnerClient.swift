/// One app and all its linked accounts: what a partner's service holds for as long as it runs.
///
/// A cheap handle: an account costs nothing until it is used, all of them share one connection pool, one rate budget and
/// one retry budget. ``run(inbox:)`` does what has to be done for as long as the service runs; ``shutdown(within:)`` ends
/// everything in the right order.
public struct RingPartnerClient: Sendable {
    /// The configuration it was made with.
    public let configuration: RingPartnerConfiguration
    /// What all accounts share below their tokens.
    public let shared: RingSharedPipeline
    /// Keeps the tokens of all accounts fresh.
    public let tokens: RingTokenKeeper
    /// Admits live sessions: one a device, a battery's budget, a cap over all accounts.
    public let governor: WHEPGovernor
    /// Devices by account, kept right by webhooks and by age.
    public let directory: RingDeviceDirectory
    /// Links accounts: the Token Exchange URL, the Account Link URL, and what follows.
    public let linker: RingAccountLinker
    let ledger: WHEPSessionLedger
    let lifecycle = RingPartnerLifecycle()

    /// Wires everything. No network, no file: those come with the first call.
    ///
    /// - Throws: `RingError` with code `misconfigured` for empty credentials, `insecureURL` for a plain `http` origin.
    public init(_ configuration: RingPartnerConfiguration) throws {
        self.configuration = configuration
        var shared = RingSharedPipeline(
            transport: configuration.transport ?? RingPlatformTransport.shared,
            rateBudget: configuration.rateBudget ?? configuration.storage.rateBudget,
            environment: configuration.environment)
        shared.retryPolicy = configuration.retryPolicy
        shared.callLimit = configuration.callLimit
        shared.middlewares = configuration.middlewares
        let wired = shared
        self.shared = wired
        let oauth = try OAuthClient(
            credentials: configuration.credentials, transport: shared.pipelineWithoutBearer(),
            origin: configuration.oauthURL, environment: configuration.environment)
        let tokens = RingTokenKeeper(
            store: RingTokenStore(
                storage: configuration.storage, sealing: configuration.sealing,
                environment: configuration.environment),
            client: oauth, policy: configuration.tokenPolicy, environment: configuration.environment)
        self.tokens = tokens
        self.linker = RingAccountLinker(
            keeper: tokens, policy: RingLinkPolicy(keys: configuration.hmacKeys, window: configuration.linkWindow),
            pipeline: wired, baseURL: configuration.apiURL)
        self.governor = WHEPGovernor(limits: configuration.liveLimits, clock: configuration.environment.clock)
        self.ledger = WHEPSessionLedger(
            storage: configuration.storage, sealing: configuration.sealing, environment: configuration.environment)
        self.directory = RingDeviceDirectory(
            options: configuration.directory, clock: configuration.environment.clock
        ) { account in
            RingDevicesClient(
                api: Self.api(tokens.tokens(for: account), account, configuration, wired).with(priority: .background))
        }
    }

    /// One linked account. Whether it is stored shows at the first call.
    public func account(_ id: RingAccountID) -> RingPartnerAccount {
        RingPartnerAccount(
            api: Self.api(self.tokens.tokens(for: id), id, self.configuration, self.shared), of: self)
    }

    /// An account by a fixed access token, such as the Developer Playground gives: used as it is, never refreshed.
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
            environment: configuration.environment)
    }
}
