public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Calls the Ring Partner API for one account: builds requests under the API's origin, sends them through the pipeline,
/// and turns responses into documents or errors. All features use it.
///
/// A value: copy it freely, use it from any task.
public struct RingAPIClient: Sendable {
    /// The origin of the API, `https://api.amazonvision.com` unless a test says otherwise.
    package let baseURL: URL
    /// The account on whose behalf requests go out; `nil` for a fixed token.
    package let account: RingAccountID?
    /// The clock, the observer and the caps.
    package let environment: RingEnvironment
    /// Which requests go first when the rate budget is short.
    package var priority: RingPriority
    /// When all calls of this client must have ended; `nil` leaves each call to its own limit.
    package var deadline: RingDeadline?
    private let transport: any RingTransport

    /// Creates a client of the API.
    ///
    /// - Parameters:
    ///   - baseURL: The API's origin.
    ///   - account: The account whose credentials the pipeline adds.
    ///   - transport: The whole pipeline, down to the wire.
    ///   - environment: The clock, the observer and the caps.
    ///   - priority: Which requests go first when the rate budget is short.
    public init(
        baseURL: URL, account: RingAccountID? = nil, transport: any RingTransport,
        environment: RingEnvironment = RingEnvironment(), priority: RingPriority = .interactive
    ) {
        self.baseURL = baseURL
        self.account = account
        self.transport = transport
        self.environment = environment
        self.priority = priority
    }

    /// This client for work that may wait behind others, or must not.
    package func with(priority: RingPriority) -> Self {
        var copy = self
        copy.priority = priority
        return copy
    }

    /// Builds a request under the API's origin.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: The segments, each encoded as exactly one segment: an identifier never becomes a path.
    ///   - query: Names and values, encoded; items whose value is `nil` are left out.
    ///   - json: The body, as `application/json`.
    /// - Throws: `RingError` with ``RingError/Code/invalidArgument`` when a segment is empty, `.` or `..`.
    public func request(
        _ method: RingHTTPMethod = .get, path: [String], query: [(name: String, value: String?)] = [],
        json: JSONAPILiteral? = nil
    ) throws -> RingHTTPRequest {
        let url = try RingURL.url(baseURL, path: path, query: query)
        var request = RingHTTPRequest(method: method, url: url, headerFields: [.accept: "application/json"])
        if let json {
            request.headerFields[.contentType] = "application/json"
            request.body = RingHTTPBody(json.bytes)
        }
        return request
    }

    /// Builds the request for a link from a response, such as `links.next`. Its bytes reach the server as they were given; only
    /// what a URL forbids is percent-encoded, once.
    ///
    /// - Throws: `RingError` with ``RingError/Code/redirectRefused`` when the link leaves the API's origin.
    public func request(following link: String, for operation: RingOperation) throws -> RingHTTPRequest {
        let url = try RingURL.url(link, against: self.baseURL, operation: operation)
        return RingHTTPRequest(url: url, headerFields: [.accept: "application/json"])
    }

    /// What goes beside every request of this client.
    package func context(
        for operation: RingOperation, deadline: RingDeadline? = nil, timeouts: RingTimeouts? = nil
    ) -> RingRequestContext {
        var earliest = deadline ?? self.deadline
        if let own = self.deadline, let other = earliest, own < other { earliest = own }
        return RingRequestContext(
            operation: operation, account: self.account, priority: self.priority, deadline: earliest,
            timeouts: timeouts)
    }

    /// Sends a request and returns any response, errors included. For callers that judge a status themselves.
    ///
    /// - Throws: `RingError` when there is no response; `CancellationError` when the task is cancelled.
    package func exchange(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        do {
            return try await self.transport.send(request, context: context)
        } catch let error as RingError {
            throw error.during(context.operation)
        }
    }

    /// Sends a request and returns its response when the status is 2xx.
    ///
    /// - Parameters:
    ///   - request: A request under the API's origin.
    ///   - operation: What it is for.
    /// - Throws: `RingError` for any other status, or when there is no response; `CancellationError` when the task is
    ///   cancelled.
    public func send(_ request: RingHTTPRequest, for operation: RingOperation) async throws -> RingHTTPResponse {
        let response = try await self.exchange(request, context: self.context(for: operation))
        guard (200..<300).contains(response.status) else { throw await self.error(for: response, to: operation) }
        return response
    }

    /// Sends a request and reads the response's JSON. An empty body gives `nil`.
    ///
    /// - Parameters:
    ///   - request: A request under the API's origin.
    ///   - operation: What it is for.
    /// - Throws: As ``send(_:for:)``; `RingError` with ``RingError/Code/malformedResponse`` when the body is not JSON, and
    ///   ``RingError/Code/responseTooLarge`` when it is larger than the limit.
    public func json(_ request: RingHTTPRequest, for operation: RingOperation) async throws -> JSONAPIValue? {
        try await self.parsed(request, for: operation).root
    }

    private func parsed(
        _ request: RingHTTPRequest, for operation: RingOperation
    ) async throws -> (root: JSONAPIValue?, response: RingHTTPResponse) {
        let response = try await self.send(request, for: operation)
        do {
            let bytes = try await response.body.bytes(upTo: self.environment.documentLimit)
            guard !bytes.isEmpty else { return (nil, response) }
            let limits = JSONAPILimits(bytes: self.environment.documentLimit)
            return (try JSONAPIValue(parsing: bytes, limits: limits), response)
        } catch let error as JSONAPIReadError {
            throw RingError.malformed("the response is not JSON (\(error))", operation, response, cause: error)
        } catch let error as RingError {
            throw error.during(operation)
        }
    }

    /// Sends a request and reads the response as a JSON:API document.
    ///
    /// - Parameters:
    ///   - request: A request under the API's origin.
    ///   - operation: What it is for.
    /// - Throws: As ``json(_:for:)``; `RingError` with ``RingError/Code/malformedResponse`` when there is no document.
    public func document(_ request: RingHTTPRequest, for operation: RingOperation) async throws -> JSONAPIDocument {
        try await self.documentReply(request, for: operation).document
    }

    /// As ``document(_:for:)``, with the response that the document is from.
    ///
    /// - Throws: As ``document(_:for:)``.
    package func documentReply(
        _ request: RingHTTPRequest, for operation: RingOperation
    ) async throws -> (document: JSONAPIDocument, response: RingHTTPResponse) {
        let (root, response) = try await self.parsed(request, for: operation)
        guard let root, root.kind == .object else {
            throw RingError.malformed(
                "the response is not a JSON object; a JSON:API document was expected", operation, response)
        }
        let document = JSONAPIDocument(root)
        for problem in document.problems {
            self.environment.observer.observe(
                RingDocumentProblem(
                    operation: operation, kind: "unreadable", path: RingPlainName.pointer(problem.path)))
        }
        for path in document.duplicateNames {
            self.environment.observer.observe(
                RingDocumentProblem(operation: operation, kind: "repeated_member", path: RingPlainName.pointer(path)))
        }
        if !document.resources.isEmpty, !document.errors.isEmpty {
            self.environment.observer.observe(
                RingDocumentProblem(operation: operation, kind: "errors_beside_data", path: "/errors"))
        }
        return (document, response)
    }

    /// The error of a response. The one place where a response becomes an error.
    package func error(for response: RingHTTPResponse, to operation: RingOperation) async -> RingError {
        await RingError.from(response, operation: operation, clock: self.environment.clock)
    }
}

extension RingError {
    /// The response has not the promised form.
    package static func malformed(
        _ message: String, _ operation: RingOperation, _ response: RingHTTPResponse,
        errors: [JSONAPIErrorObject] = [], cause: (any Error)? = nil
    ) -> RingError {
        RingError(
            code: .malformedResponse, message: message, operation: operation, status: response.status,
            requestID: response.requestID, errors: errors, delivery: .responded, cause: cause)
    }
}
