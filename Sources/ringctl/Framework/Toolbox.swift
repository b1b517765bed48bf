import FoundationEssentials
import RingPartner
import RingSQLite

/// The libraries, wired the way the settings say.
extension CommandContext {
    /// What all calls of this command share. Its layers bound every call by the command's own deadline.
    func shared() -> RingSharedPipeline {
        var shared = RingSharedPipeline(transport: RingPlatformTransport.shared, environment: self.environment)
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
        do { return try RingHMACKey(text) } catch { throw UsageError("\(name): \(error.message)") }
    }

    /// The token endpoint's client.
    ///
    /// - Parameter required: Whether the command cannot do without the app's credentials. When it can, an access token
    ///   that still lives is enough, and only a refresh asks for them.
    func oauth(required: Bool) throws -> OAuthClient {
        let credentials: OAuthCredentials
        let transport: any RingTransport
        do {
            credentials = try self.credentials()
            transport = self.shared().pipelineWithoutBearer()
        } catch let error as UsageError {
            guard !required else { throw error }
            credentials = OAuthCredentials(clientID: "none", clientSecret: OAuthClientSecret("none"))
            transport = MissingCredentials()
        }
        return try OAuthClient(
            credentials: credentials, transport: transport, origin: self.settings.oauthURL,
            environment: self.environment)
    }

    /// The store of accounts.
    ///
    /// - Throws: `RingError` when it cannot be opened.
    func tokenStore() async throws -> any RingTokenStore {
        switch self.settings.store {
        case "memory": return RingMemoryTokenStore()
        case let address where address.hasPrefix("postgres://") || address.hasPrefix("postgresql://"):
            throw UsageError("--store: this build has no PostgreSQL engine; give a file, or memory")
        case let path:
            return try await CommandStore.shared.tokens(
                .file(path), sealing: try self.sealingKeys(), environment: self.environment)
        }
    }

    /// The keys that seal stored secrets; `nil` when none are configured.
    private func sealingKeys() throws -> RingSealingKeyRing? {
        guard let text = self.settings.variable(RingSealingKeyRing.defaultVariable) else { return nil }
        do { return try RingSealingKeyRing(text: text) } catch {
            throw UsageError("\(RingSealingKeyRing.defaultVariable): \(error.message)")
        }
    }

    /// Keeps the tokens in the store fresh. A command is too short for refreshes behind its back: from five minutes before
    /// its end a token is refreshed first.
    func keeper(credentialsRequired: Bool = false) async throws -> RingTokenKeeper {
        let keeper = RingTokenKeeper(
            store: try await self.tokenStore(), client: try self.oauth(required: credentialsRequired),
            policy: RingTokenPolicy(advisoryMargin: .seconds(300), mandatoryMargin: .seconds(300)),
            environment: self.environment)
        CommandStore.shared.remember(keeper)
        return keeper
    }

    /// The API with the bearer of this provider.
    func api(tokens: any RingTokenProvider, account: RingAccountID?) -> RingAPIClient {
        RingAPIClient(
            baseURL: self.settings.apiURL, account: account,
            transport: self.shared().pipeline(tokens: tokens, origin: self.settings.apiURL),
            environment: self.environment)
    }
}

/// Gives every request the deadline of the whole command, but for closing a live session: that is due all the more when
/// the time is up, and has a limit of its own.
private struct CommandDeadline: RingMiddleware {
    var deadline: RingDeadline?

    func intercept(_ request: RingHTTPRequest, next: Next) async throws -> RingHTTPResponse {
        var request = request
        if let deadline, request.operation.kind != .endLive {
            request.deadline = min(request.deadline ?? deadline, deadline)
        }
        return try await next(request)
    }
}

/// Stands where the token endpoint's transport would, when the environment has no credentials.
private struct MissingCredentials: RingTransport {
    func send(_ request: RingHTTPRequest) async throws -> RingHTTPResponse {
        throw RingError(
            code: .misconfigured,
            message: "the access token must be refreshed, which needs RING_CLIENT_ID and RING_CLIENT_SECRET",
            operation: request.operation)
    }
}
