import FoundationEssentials
import RingPartner
import RingSQLite

/// The clients of the libraries, made from the settings.
extension CommandContext {
    /// What all calls of this command share. Its middleware limits every call by the command's own deadline.
    func shared() -> RingSharedPipeline {
        // A wait that Ring asks for is as long as the command allows.
        let policy = RingRetryPolicy(longestWait: max(self.settings.timeout, .seconds(30)))
        var shared = RingSharedPipeline(
            transport: RingPlatformTransport.shared, retryPolicy: policy, environment: self.environment)
        shared.callLimit = nil
        shared.middlewares = [CommandDeadline(deadline: self.deadline)]
        return shared
    }

    /// The app's credentials.
    ///
    /// - Throws: `UsageError` when a variable is missing.
    func credentials() throws -> OAuthCredentials {
        OAuthCredentials(
            clientID: try self.settings.secret("RING_CLIENT_ID"),
            clientSecret: OAuthClientSecret(try self.settings.secret("RING_CLIENT_SECRET")))
    }

    /// The app's HMAC key.
    ///
    /// - Throws: `UsageError` when the variable is missing or empty.
    func hmacKey(_ name: String = "RING_HMAC_KEY") throws -> RingHMACKey {
        let text = try self.settings.secret(name)
        let key: RingHMACKey
        do { key = try RingHMACKey(text) } catch { throw UsageError("\(name): \(error.message)") }
        if let advice = key.advice { self.output.remark("\(name): \(advice)") }
        return key
    }

    /// The token endpoint's client.
    ///
    /// - Parameter required: Whether the command cannot do without the app's credentials. When it can, an access token
    ///   that still lives is enough, and only a refresh asks for them.
    /// - Parameter requestLimit: The time for one request with its response.
    func oauth(required: Bool, requestLimit: Duration = .seconds(30)) throws -> OAuthClient {
        let credentials: OAuthCredentials
        let transport: any RingTransport
        do {
            credentials = try self.credentials()
            transport =
                self.mayRefreshTokens
                ? self.shared().pipelineWithoutAccessToken()
                : NoTokenRequests(
                    message: "the access token must be refreshed, and the token endpoint has failed its check")
        } catch let error as UsageError {
            guard !required else { throw error }
            credentials = OAuthCredentials(clientID: "none", clientSecret: OAuthClientSecret("none"))
            transport = NoTokenRequests(
                message: "the access token must be refreshed, which needs RING_CLIENT_ID and RING_CLIENT_SECRET")
        }
        return try OAuthClient(
            credentials: credentials, transport: transport, origin: self.settings.oauthURL,
            environment: self.environment, requestLimit: requestLimit)
    }

    /// The database of accounts, webhooks and live sessions.
    ///
    /// - Parameter createsIt: Whether the command has something to store. Without that nothing is created: a store that was
    ///   named must be there, and the default one is empty when it is not.
    /// - Throws: `RingError` when it cannot be opened; `UsageError` for one this build has no engine for, or that is missing.
    func storage(createsIt: Bool = false) async throws -> any RingStorage {
        let place = self.settings.store
        if place != "memory", !CommandStore.isPostgres(place), !CommandStore.exists(place) {
            switch (createsIt, self.settings.hasNamedStore) {
            case (true, false): break  // Its folder is made, too.
            case (false, false): return CommandStore.shared.memory
            case (true, true):
                guard CommandStore.exists(CommandStore.folder(of: place)) else {
                    throw UsageError("--store: \(place) has no folder; create the folder, or name another file")
                }
            case (false, true):
                throw UsageError(
                    "--store: there is no database \(place), and this command has nothing to store; name one that exists, "
                        + "or create it with `ringctl auth exchange`")
            }
        }
        return try await CommandStore.shared.storage(
            place, within: self.settings.timeout, createsTables: createsIt)
    }

    /// The store of accounts.
    ///
    /// - Throws: As ``storage(createsIt:)``.
    func tokenStore(createsIt: Bool = false) async throws -> RingTokenStore {
        RingTokenStore(
            storage: try await self.storage(createsIt: createsIt), sealing: try self.sealingKeys(),
            environment: self.environment)
    }

    /// The keys that encrypt stored secrets; `nil` when none are configured.
    ///
    /// - Throws: `UsageError` for keys that cannot be used.
    func sealingKeys() throws -> RingSealingKeyRing? {
        guard let text = self.settings.variable(RingSealingKeyRing.defaultVariable) else { return nil }
        do { return try RingSealingKeyRing(text: text) } catch {
            throw UsageError("\(RingSealingKeyRing.defaultVariable): \(error.message)")
        }
    }

    /// Keeps the tokens in the store fresh. A command is too short for refreshes in the background: from five minutes before
    /// its end a token is refreshed first.
    ///
    /// - Parameters:
    ///   - credentialsRequired: As in ``oauth(required:)``.
    ///   - createsStore: Whether the command brings tokens of its own. `RING_REFRESH_TOKEN` always does.
    func keeper(credentialsRequired: Bool = false, createsStore: Bool = false) async throws -> RingTokenKeeper {
        let hasSeed = self.settings.variable("RING_REFRESH_TOKEN") != nil
        let keeper = RingTokenKeeper(
            store: try await self.tokenStore(createsIt: createsStore || hasSeed),
            client: try self.oauth(required: credentialsRequired),
            policy: RingTokenPolicy(advisoryMargin: .seconds(300), mandatoryMargin: .seconds(300)),
            environment: self.environment)
        CommandStore.shared.remember(keeper)
        return keeper
    }

    /// The API with the access tokens of this provider.
    func api(tokens: any RingTokenProvider, account: RingAccountID?) -> RingAPIClient {
        RingAPIClient(
            baseURL: self.settings.apiURL, account: account,
            transport: self.shared().pipeline(tokens: tokens, origin: self.settings.apiURL),
            environment: self.environment)
    }
}

/// Gives every request the deadline of the whole command, but for two kinds that have limits of their own: closing a live
/// session is due all the more when the time is up, and a token request that is cut off can cost the account. A token
/// request is not sent after that time.
private struct CommandDeadline: RingMiddleware {
    var deadline: RingDeadline?

    func intercept(
        _ request: RingHTTPRequest, context: RingRequestContext, next: Next
    ) async throws -> RingHTTPResponse {
        var context = context
        if context.operation == .tokenRefresh || context.operation == .codeExchange {
            context.sentBefore = deadline
        } else if let deadline, context.operation != .endLive {
            context.deadline = min(context.deadline ?? deadline, deadline)
        }
        return try await next(request, context)
    }
}

/// Stands where the token endpoint's transport would, when nothing can or should be sent to it.
private struct NoTokenRequests: RingTransport {
    var message: String

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        throw RingError(code: .misconfigured, message: self.message, operation: context.operation)
    }
}
