public import RingCore
internal import RingJSONAPI

/// Reads the user, the integration and the subscriptions of one account.
///
/// A value: copy it freely, call it from any task.
public struct RingAccountsClient: Sendable {
    let api: RingAPIClient
    private static let integrations = ["v1", "accounts", "me", "app-integrations"]

    /// Creates the client of one account.
    ///
    /// - Parameter api: Sends the account's requests.
    public init(api: RingAPIClient) { self.api = api }

    /// The user behind the account. Wire: `GET /v1/users/me`.
    ///
    /// A 403 here means an invalid token, as 401 does, and causes one refresh.
    ///
    /// - Throws: `RingError`, with code `malformedResponse` when the response has no id; `CancellationError`.
    public func user() async throws -> RingUser {
        let (document, response) = try await self.api.documentReply(
            self.api.request(path: ["v1", "users", "me"]), for: .userProfile)
        guard let resource = document.resources.first else {
            throw RingError.withoutResources("user", document, during: .userProfile, in: response)
        }
        return RingUser(resource)
    }

    /// Tells Ring that the partner has verified the nonce: the integration becomes `awaiting`. Wire: `POST app-integrations`.
    ///
    /// - Parameters:
    ///   - nonce: The redirect's nonce, unchanged.
    ///   - accountIdentifier: A masked identifier of the signed-in user, such as `r***e@example.org`.
    /// - Throws: `RingError`, with code `invalidNonce` when Ring refuses the nonce. After a first attempt with an unknown outcome
    ///   this may mean success: check by ``updateLink(status:accountIdentifier:)``. `CancellationError`.
    @discardableResult
    package func confirmLink(nonce: String, accountIdentifier: String? = nil) async throws -> RingIntegration {
        var body: [(String, JSONAPILiteral)] = []
        if let accountIdentifier { body.append(("account_identifier", .string(accountIdentifier))) }
        body.append(("nonce", .string(nonce)))
        let request = try self.api.request(.post, path: Self.integrations, json: .object(body))
        return RingIntegration(
            try await self.json(self.api.send(request, for: .confirmLink), .confirmLink), expected: .awaiting)
    }

    /// Completes or pauses the integration, or changes its identifier. Wire: `PATCH app-integrations`.
    ///
    /// - Parameters:
    ///   - status: `completed`, or `awaiting` to pause; `nil` leaves it unchanged.
    ///   - accountIdentifier: The masked identifier; `nil` leaves it unchanged.
    /// - Throws: `RingError`, with code `invalidArgument` when both are `nil`, `badRequest` for a transition that Ring does
    ///   not allow, `notFound` when there is no integration; `CancellationError`.
    @discardableResult
    public func updateLink(
        status: RingIntegrationStatus?, accountIdentifier: String? = nil
    ) async throws -> RingIntegration {
        var body: [(String, JSONAPILiteral)] = []
        if let status { body.append(("status", .string(status.rawValue))) }
        if let accountIdentifier { body.append(("account_identifier", .string(accountIdentifier))) }
        guard !body.isEmpty else {
            throw RingError(
                code: .invalidArgument, message: "give a status or an account identifier; nothing was sent",
                operation: .updateLink)
        }
        let request = try self.api.request(.patch, path: Self.integrations, json: .object(body))
        return RingIntegration(
            try await self.json(self.api.send(request, for: .updateLink), .updateLink), expected: status ?? .awaiting)
    }

    /// Ends the integration. Only for apps with partner-initiated links. Wire: `DELETE app-integrations`.
    ///
    /// - Returns: `false` when there was none.
    /// - Throws: `RingError`, with code `forbidden` for an app whose links start at Ring: ask the user to remove the app;
    ///   `serverFailure` when something other than Ring responded that there is none, `malformedResponse` for a page or errors
    ///   under a status of success; `CancellationError`.
    @discardableResult
    package func removeLink() async throws -> Bool {
        let request = try self.api.request(.delete, path: Self.integrations)
        guard let response = try await self.response(to: request, for: .removeLink, unless: [404, 410]) else {
            return false
        }
        _ = try await self.json(response, .removeLink)
        return true
    }

    /// The integration as stored by Ring. The request is not in Ring's reference, so it may fail. Wire: `GET app-integrations`.
    ///
    /// - Returns: `nil` when Ring has no integration, or no such endpoint (404, 405).
    /// - Throws: `RingError`, with code `malformedResponse` when the response names no status, `serverFailure` when something
    ///   other than Ring responded that there is none; `CancellationError`.
    public func integration() async throws -> RingIntegration? {
        let request = try self.api.request(path: Self.integrations)
        guard let response = try await self.response(to: request, for: .integrationStatus, unless: [404, 405]) else {
            return nil
        }
        let integration = RingIntegration(
            try await self.json(response, .integrationStatus), expected: RingIntegrationStatus(rawValue: ""))
        guard !integration.status.rawValue.isEmpty else {
            throw Self.malformed("names no status of the integration", .integrationStatus, response)
        }
        return integration
    }

    /// Sends a request for something that may not exist. Only Ring's own response decides that: errors in its form, or no body.
    ///
    /// - Parameter statuses: The statuses that say that there is none.
    /// - Returns: The response with a 2xx status; `nil` when there is none.
    private func response(
        to request: RingHTTPRequest, for operation: RingOperation, unless statuses: Set<Int>
    ) async throws -> RingHTTPResponse? {
        var response = try await self.api.exchange(request, context: self.api.context(for: operation))
        guard !(200..<300).contains(response.status) else { return response }
        guard statuses.contains(response.status) else { throw await self.api.error(for: response, to: operation) }
        let body = try? await response.body.collect(upTo: 64 * 1024)
        if let body, body.allSatisfy({ [0x09, 0x0A, 0x0D, 0x20].contains($0) }) { return nil }
        response.body = RingHTTPBody(body ?? [])
        var error = await self.api.error(for: response, to: operation)
        if error.isOfRing { return nil }
        error.code = .serverFailure
        error.message = """
            the response (status \(response.status)) has not the form of Ring's, so a proxy has probably responded in its place, \
            and nothing has changed: check the API URL and the proxies on the way, and try again later
            """
        throw error
    }

    /// The body of a 2xx response. One that is empty or no JSON is still a success, unless it is the page of a proxy, or an
    /// `errors` document: Ring has then not done what was requested.
    private func json(_ response: RingHTTPResponse, _ operation: RingOperation) async throws -> JSONAPIValue? {
        guard let bytes = try? await response.body.collect(upTo: 256 * 1024) else { return nil }
        return try RingError.undocumentedBody(bytes, of: response, during: operation)
    }

    private static func malformed(
        _ problem: String, _ operation: RingOperation, _ response: RingHTTPResponse
    ) -> RingError {
        RingError.malformed(
            """
            the response \(problem), although its status is \(response.status); a proxy may have responded: try again later
            """, operation, response)
    }
}
