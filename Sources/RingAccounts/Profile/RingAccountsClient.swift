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
        let document = try await self.api.document(
            self.api.request(path: ["v1", "users", "me"]), for: .userProfile)
        guard let resource = document.resources.first else {
            throw RingError.withoutResources("user", document, during: .userProfile)
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
        return RingIntegration(try await self.json(request, for: .confirmLink), expected: .awaiting)
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
        return RingIntegration(try await self.json(request, for: .updateLink), expected: status ?? .awaiting)
    }

    /// Ends the integration. Only for apps with partner-initiated links. Wire: `DELETE app-integrations`.
    ///
    /// - Returns: `false` when there was none.
    /// - Throws: `RingError`, with code `forbidden` for an app whose links start at Ring: ask the user to remove the app;
    ///   `CancellationError`.
    @discardableResult
    package func removeLink() async throws -> Bool {
        do {
            _ = try await self.api.send(self.api.request(.delete, path: Self.integrations), for: .removeLink)
            return true
        } catch let error as RingError where error.code == .notFound || error.code == .gone { return false }
    }

    /// The integration as stored by Ring. The request is not in Ring's reference, so it may fail. Wire: `GET app-integrations`.
    ///
    /// - Returns: `nil` when Ring has no integration, or no such endpoint (404, 405).
    /// - Throws: `RingError`, with code `malformedResponse` when the response names no status; `CancellationError`.
    public func integration() async throws -> RingIntegration? {
        let request = try self.api.request(path: Self.integrations)
        do {
            let response = try await self.json(request, for: .integrationStatus)
            let integration = RingIntegration(response, expected: RingIntegrationStatus(rawValue: ""))
            guard !integration.status.rawValue.isEmpty else {
                throw Self.malformed("names no status of the integration", .integrationStatus)
            }
            return integration
        } catch let error as RingError where error.status == 404 || error.status == 405 { return nil }
    }

    /// The body of a 2xx response. One that is empty or no JSON is still a success, unless it is the page of a proxy, or an
    /// `errors` document: Ring has then not done what was requested.
    private func json(_ request: RingHTTPRequest, for operation: RingOperation) async throws -> JSONAPIValue? {
        let response = try await self.api.send(request, for: operation)
        guard let bytes = try? await response.body.collect(upTo: 256 * 1024) else { return nil }
        guard let value = try? JSONAPIValue(parsing: bytes) else {
            let first = bytes.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            guard first != UInt8(ascii: "<") else { throw Self.malformed("is not JSON, but a page", operation) }
            return nil
        }
        guard value["errors"] == nil || value["data"] != nil else {
            throw Self.malformed("has errors in place of data", operation)
        }
        return value
    }

    private static func malformed(_ problem: String, _ operation: RingOperation) -> RingError {
        RingError(
            code: .malformedResponse,
            message: "the response \(problem), although its status is 200; a proxy may have responded: try again later",
            operation: operation, status: 200, delivery: .responded)
    }
}
