public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One account's way to the Ring Partner API: builds requests under the API's origin, sends them through the pipeline,
/// and turns answers into documents or errors. Features stand on it.
///
/// A value: copy it freely, use it from any task.
public struct RingAPIClient: Sendable {
    /// The origin of the API, `https://api.amazonvision.com` unless a test says otherwise.
    public let baseURL: URL
    /// The account on whose behalf requests go out; `nil` for a fixed token.
    public let account: RingAccountID?
    /// The clock, the observer and the caps.
    public let environment: RingEnvironment
    /// Who goes first when the rate budget is short.
    public var priority: RingPriority
    private let transport: any RingTransport

    /// Creates a client of the API.
    ///
    /// - Parameters:
    ///   - baseURL: The API's origin.
    ///   - account: The account whose credentials the pipeline adds.
    ///   - transport: The whole pipeline, down to the wire.
    ///   - environment: The clock, the observer and the caps.
    ///   - priority: Who goes first when the rate budget is short.
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
    public func with(priority: RingPriority) -> Self {
        var copy = self
        copy.priority = priority
        return copy
    }

    /// Builds a request under the API's origin.
    ///
    /// - Parameters:
    ///   - operation: What it is for.
    ///   - method: The method.
    ///   - path: The segments, each encoded as exactly one segment: an identifier never becomes a path.
    ///   - query: Names and values, encoded; items whose value is `nil` are left out.
    ///   - json: The body, as `application/json`.
    /// - Throws: `RingError` with ``RingError/Code/invalidArgument`` when a segment is empty, `.` or `..`.
    public func request(
        _ operation: RingOperation, _ method: RingHTTPMethod = .get, path: [String],
        query: [(name: String, value: String?)] = [], json: JSONAPILiteral? = nil
    ) throws -> RingHTTPRequest {
        let url = try RingURL.url(baseURL, path: path, query: query)
        var request = RingHTTPRequest(
            method: method, url: url, headerFields: [.accept: "application/json"], operation: operation,
            account: self.account, priority: self.priority)
        if let json {
            request.headerFields[.contentType] = "application/json"
            request.body = RingHTTPBody(json.bytes)
        }
        return request
    }

    /// Builds the request for a link from an answer, such as `links.next`.
    ///
    /// - Throws: `RingError` with ``RingError/Code/redirectRefused`` when the link leaves the API's origin.
    public func request(_ operation: RingOperation, following link: String) throws -> RingHTTPRequest {
        let url = try RingURL.url(link, against: self.baseURL, operation: operation)
        return RingHTTPRequest(
            url: url, headerFields: [.accept: "application/json"], operation: operation, account: self.account,
            priority: self.priority)
    }

    /// Sends a request and gives any answer, errors included. For callers with an opinion of their own on a status.
    ///
    /// - Throws: `RingError` when no answer came; `CancellationError` when the task is cancelled.
    public func exchange(_ request: RingHTTPRequest) async throws -> RingHTTPResponse {
        do {
            return try await self.transport.send(request)
        } catch let error as RingError {
            throw error.during(request.operation)
        }
    }

    /// Sends a request and gives its answer when the status is 2xx.
    ///
    /// - Throws: `RingError` for any other status, or when no answer came; `CancellationError` when the task is cancelled.
    public func send(_ request: RingHTTPRequest) async throws -> RingHTTPResponse {
        let response = try await self.exchange(request)
        guard (200..<300).contains(response.status) else { throw await self.error(for: response, to: request) }
        return response
    }

    /// Sends a request and reads the answer's JSON. An empty body gives `nil`.
    ///
    /// - Throws: As ``send(_:)``; `RingError` with ``RingError/Code/malformedResponse`` when the body is no JSON, and
    ///   ``RingError/Code/responseTooLarge`` when it is larger than the cap.
    public func json(_ request: RingHTTPRequest) async throws -> JSONAPIValue? {
        let response = try await self.send(request)
        do {
            let bytes = try await response.body.bytes(upTo: self.environment.documentLimit)
            guard !bytes.isEmpty else { return nil }
            return try JSONAPIValue(parsing: bytes, limits: JSONAPILimits(bytes: self.environment.documentLimit))
        } catch let error as JSONAPIReadError {
            throw RingError.malformed(
                "the answer is no JSON document (\(error))", request.operation, response, cause: error)
        } catch let error as RingError {
            throw error.during(request.operation)
        }
    }

    /// Sends a request and reads the answer as a JSON:API document.
    ///
    /// - Throws: As ``json(_:)``; `RingError` with ``RingError/Code/malformedResponse`` when there is no document.
    public func document(_ request: RingHTTPRequest) async throws -> JSONAPIDocument {
        guard let root = try await self.json(request), root.kind == .object else {
            throw RingError(
                code: .malformedResponse,
                message: "the answer is no JSON object where a JSON:API document was promised",
                operation: request.operation, delivery: .answered)
        }
        let document = JSONAPIDocument(root)
        for problem in document.problems {
            self.environment.observer.observe(
                RingDocumentProblem(operation: request.operation, kind: "unreadable", path: problem.path))
        }
        for path in document.duplicateNames {
            self.environment.observer.observe(
                RingDocumentProblem(
                    operation: request.operation, kind: "repeated_member", path: RingPlainName.pointer(path)))
        }
        return document
    }

    /// Makes the error of an answer. The one place where an answer becomes an error.
    public func error(for response: RingHTTPResponse, to request: RingHTTPRequest) async -> RingError {
        await RingError.from(response, operation: request.operation, clock: self.environment.clock)
    }
}

extension RingError {
    /// Ring answered, but not in the promised form.
    package static func malformed(
        _ message: String, _ operation: RingOperation, _ response: RingHTTPResponse, cause: (any Error)? = nil
    ) -> RingError {
        RingError(
            code: .malformedResponse, message: message, operation: operation, status: response.status,
            requestID: response.requestID, delivery: .answered, cause: cause)
    }
}
