public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Obtains tokens from the token endpoint: the first pair for a code, each further pair for a refresh token.
///
/// A value without state. It retries nothing and stores nothing; ``RingTokenKeeper`` and `RingAccountLinker` use it and store
/// what it obtains.
public struct OAuthClient: Sendable {
    private let credentials: OAuthCredentials
    private let transport: any RingTransport
    private let endpoint: URL
    private let environment: RingEnvironment
    /// The time for one request with its response.
    package let requestLimit: Duration
    /// A larger response is none of the token endpoint's.
    private static let maximumBytes = 256 * 1024

    /// Creates a client of the token endpoint.
    ///
    /// - Parameters:
    ///   - credentials: The app's id and secret.
    ///   - transport: A pipeline that adds no access token: `RingSharedPipeline.pipelineWithoutAccessToken()`.
    ///   - origin: The token endpoint's origin, `https://oauth.ring.com` unless a test says otherwise.
    ///   - environment: The clock and the observer.
    ///   - requestLimit: The time for one request with its response.
    /// - Throws: `RingError` with code `insecureURL` for anything but `https` or loopback, `misconfigured` for credentials
    ///   that are empty or have white space around them.
    public init(
        credentials: OAuthCredentials, transport: any RingTransport, origin: URL,
        environment: RingEnvironment = RingEnvironment(), requestLimit: Duration = .seconds(30)
    ) throws {
        guard RingURL.isSecure(origin) else {
            throw RingError(
                code: .insecureURL, message: "the OAuth URL must be https, or http on loopback; nothing was sent")
        }
        guard !credentials.clientID.isEmpty, !credentials.clientSecret.revealed.isEmpty else {
            throw RingError(code: .misconfigured, message: "the client id and the client secret must not be empty")
        }
        for (name, value) in [
            ("client id", credentials.clientID), ("client secret", credentials.clientSecret.revealed),
        ] where value.first?.isWhitespace == true || value.last?.isWhitespace == true {
            throw RingError(
                code: .misconfigured,
                message:
                    "the \(name) begins or ends with white space, such as a line break; pass it as the developer portal "
                    + "shows it")
        }
        self.credentials = credentials
        self.transport = transport
        self.endpoint = try RingURL.url(origin, path: ["oauth", "token"])
        self.environment = environment
        self.requestLimit = requestLimit
    }

    /// Exchanges an authorization code for the first pair. Never repeat it: a code works once.
    ///
    /// - Parameters:
    ///   - code: The code, within its life.
    ///   - verifier: The PKCE verifier; only for a partner-initiated link.
    /// - Returns: How it ended.
    package func exchange(_ code: OAuthAuthorizationCode, verifier: OAuthCodeVerifier? = nil) async -> OAuthOutcome {
        var form = [("grant_type", "authorization_code"), ("code", code.revealed)]
        if let verifier { form.append(("code_verifier", verifier.revealed)) }
        return await self.send(form, operation: .codeExchange, account: nil, priority: .interactive)
    }

    /// Exchanges a refresh token for the next pair. Once Ring has responded, the old token is invalid.
    ///
    /// - Parameters:
    ///   - token: The stored refresh token.
    ///   - account: The account of the token, for the rate budget and the observer.
    ///   - priority: Which requests go first when the rate budget is short.
    ///   - deadline: When the request must have ended, in addition to the client's own limit.
    /// - Returns: How it ended.
    package func refresh(
        _ token: OAuthRefreshToken, for account: RingAccountID? = nil, priority: RingPriority = .interactive,
        before deadline: RingDeadline? = nil
    ) async -> OAuthOutcome {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.revealed)]
        return await self.send(
            form, operation: .tokenRefresh, account: account, priority: priority, before: deadline)
    }

    private func send(
        _ form: [(String, String)], operation: RingOperation, account: RingAccountID?, priority: RingPriority,
        before deadline: RingDeadline? = nil
    ) async -> OAuthOutcome {
        let client = [
            ("client_id", self.credentials.clientID), ("client_secret", self.credentials.clientSecret.revealed),
        ]
        let body = (form + client).map { "\(RingPercentCoding.encode($0.0))=\(RingPercentCoding.encode($0.1))" }.joined(
            separator: "&")
        let sentAt = self.environment.clock.now()
        let limit = RingDeadline(in: self.requestLimit, clock: self.environment.clock)
        if let deadline, deadline.remaining(self.environment.clock) <= .zero {
            return .transient(RingError.deadlineExceeded(operation))
        }
        let request = RingHTTPRequest(
            method: .post, url: self.endpoint,
            headerFields: [.contentType: "application/x-www-form-urlencoded", .accept: "application/json"],
            body: RingHTTPBody(body))
        let context = RingRequestContext(
            operation: operation, account: account, priority: priority, deadline: min(limit, deadline ?? limit))
        do {
            let response = try await self.transport.send(request, context: context)
            // Read to its end even if the caller is cancelled: it may hold the only copy of a pair.
            let body = response.body
            let isSuccess = (200..<300).contains(response.status)
            let bytes = try await self.environment.detach(throwing: {
                do { return try await body.bytes(upTo: Self.maximumBytes) } catch let error as RingError {
                    // The size of a proxy's page decides nothing. It has no error of the endpoint.
                    guard error.code == .responseTooLarge, !isSuccess else { throw error }
                    return []
                }
            }).value
            return await self.outcome(of: response, bytes, operation, sentAt: sentAt)
        } catch let error as RingError {
            // A body that breaks off is an error here: the status alone is not a complete response.
            return error.delivery == .notSent ? .transient(error) : .unknown(error.during(operation))
        } catch {
            return .unknown(
                RingError(
                    code: .connectionLost, message: "the token request ended before its response was complete",
                    operation: operation, delivery: .unknown, cause: error))
        }
    }

    private func outcome(
        of response: RingHTTPResponse, _ body: [UInt8], _ operation: RingOperation, sentAt: Date
    ) async -> OAuthOutcome {
        let isSuccess = (200..<300).contains(response.status)
        if isSuccess {
            let date = response.headerFields[.date].flatMap { RingHTTPDate.parse($0, now: sentAt) }
            if let grant = OAuthTokenResponse.grant(from: body, sentAt: sentAt, serverDate: date) {
                return .granted(grant)
            }
        }
        // The endpoint's own error decides, whatever the status.
        if let code = OAuthTokenResponse.errorCode(in: body) {
            let refusal = OAuthRefusal(status: response.status, error: code, requestID: response.requestID)
            return code == "invalid_grant" ? .rejected(refusal) : .misconfigured(refusal)
        }
        guard !isSuccess else {
            return .unknown(
                RingError(
                    code: .malformedResponse,
                    message: "the response of the token endpoint has no readable access token",
                    operation: operation, status: response.status, requestID: response.requestID, delivery: .unknown))
        }
        var whole = response
        whole.body = RingHTTPBody(body)
        var error = await RingError.from(whole, operation: operation, clock: self.environment.clock)
        if RingRetryBehavior.isAmbiguous(response.status) {
            // The endpoint may have received the request, and its response may be lost.
            error.code = .serverFailure
            error.message = """
                a gateway gave up waiting for the response to the token request (status \(response.status)); the code or refresh \
                token may have been used
                """
            error.delivery = .unknown
            return .unknown(error)
        }
        if response.status != 429, response.status < 500 {
            // A proxy, a firewall or a gateway has responded in place of the endpoint: that says nothing about an account.
            error.code = .serverFailure
            let credentials = response.status == 401 ? "the client id and the client secret, " : ""
            error.message = """
                the response to the token request (status \(response.status)) has no OAuth error, so it is probably not the \
                token endpoint's own; nothing has changed: check \(credentials)the OAuth URL and the proxies on the way, and \
                try again later
                """
        }
        return .transient(error)
    }
}
