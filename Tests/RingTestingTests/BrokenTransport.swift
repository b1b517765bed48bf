import Foundation
import RingCore
import RingCurl
import RingTesting
import Synchronization

/// What one transport does wrong, which check has to show it, and what the failure has to say.
enum TransportFault: String, CaseIterable, Sendable {
    case dropsCredentials = "sends no Authorization"
    case namesItself = "adds a User-Agent"
    case repairsFields = "removes control characters from header fields"
    case addsCredentials = "sends credentials that nobody gave"
    case dropsQueries = "sends no query"
    case lowersPaths = "sends paths in lower case"
    case addsBodies = "sends a body with GET"
    case lowersStatuses = "turns every status from 400 into 400"
    case hidesRetryAfter = "drops Retry-After"
    case repeatsFailures = "repeats a request after status 5xx"
    case visitsRedirects = "sends the request to the target of a redirect, and returns the redirect"
    case leaksCredentials = "follows redirects to another origin with the credentials"
    case invents304Bodies = "gives a response without a body one"
    case showsTrailers = "reports a trailer as a header field"
    case cutsLargeBodies = "ends bodies after 64 KiB"
    case hidesLengths = "reports no length of a body"
    case hidesParts = "drops what arrived of a cut body"
    case mixesResponses = "gives the first response to later calls"
    case misnamesInsecureURLs = "takes an insecure URL for a failed connection"
    case losesOperations = "throws errors without their operation"
    case claimsDelivery = "says that a request without a connection may have been sent"
    case ignoresDeadlinesOfBodies = "keeps no deadline over the body"

    /// The name of the check.
    var check: String {
        switch self {
        case .dropsCredentials, .namesItself, .repairsFields: "sends header fields"
        case .addsCredentials: "keeps no cookies and sends no credentials"
        case .dropsQueries, .lowersPaths: "sends path and query as they are"
        case .addsBodies: "says that a POST without a body has none"
        case .lowersStatuses, .hidesRetryAfter, .repeatsFailures: "gives any status as a response"
        case .visitsRedirects, .leaksCredentials: "follows no redirect"
        case .invents304Bodies: "reads responses without a body"
        case .showsTrailers: "reads chunked bodies and keeps trailers out of the header"
        case .cutsLargeBodies, .hidesLengths: "reads bodies of many sizes"
        case .hidesParts: "gives what arrived of a cut body, then an error"
        case .mixesResponses: "carries 64 calls at once, each with its own response"
        case .misnamesInsecureURLs: "refuses insecure URLs"
        case .losesOperations: "tells that a connection was closed without a response"
        case .claimsDelivery: "tells that no connection could be made"
        case .ignoresDeadlinesOfBodies: "keeps the deadline over the body"
        }
    }

    /// A part of the failure's text.
    var words: String {
        switch self {
        case .dropsCredentials: "the credentials given arrive"
        case .namesItself: "nobody asked for user-agent"
        case .repairsFields: "a control character: expected an error"
        case .addsCredentials: "requests with a cookie or credentials nobody gave: expected 0, found 3"
        case .dropsQueries, .lowersPaths: "the request line: expected GET /"
        case .addsBodies: "GET has no body to describe"
        case .lowersStatuses: "the status: expected 401, found 400"
        case .hidesRetryAfter: "a field beside status 200"
        case .repeatsFailures: "connections for status 500: expected 1, found 2"
        case .visitsRedirects: "connections to the redirect's target: expected 0"
        case .leaksCredentials: "the status: expected 301, found 200"
        case .invents304Bodies: "the body of 200"
        case .showsTrailers: "a trailer among the header fields"
        case .cutsLargeBodies: "65537 bytes arrive as sent; 65536 came"
        case .hidesLengths: "the length: expected Optional(0), found nil"
        case .hidesParts: "what arrived of response 0"
        case .mixesResponses: "got its own response"
        case .misnamesInsecureURLs: "the code for http://example.com/"
        case .losesOperations: "the operation of the error"
        case .claimsDelivery: "the delivery where there was no connection"
        case .ignoresDeadlinesOfBodies: "has not ended after 5 seconds"
        }
    }
}

/// A transport with one fault over one that works.
final class BrokenTransport: RingTransport {
    private let base = RingCurlTransport()
    private let fault: TransportFault?
    private let first = Mutex<RingHTTPResponse?>(nil)

    init(_ fault: TransportFault?) { self.fault = fault }

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        let request = self.changed(request)
        var context = context
        if self.fault == .ignoresDeadlinesOfBodies { context.deadline = nil }
        do {
            let response = try await self.base.send(request, context: context)
            return try await self.changed(response, request, context)
        } catch var error as RingError {
            switch self.fault {
            case .misnamesInsecureURLs where error.code == .insecureURL: error.code = .connectionFailed
            case .losesOperations: error.operation = nil
            case .claimsDelivery: error.delivery = .unknown
            default: break
            }
            throw error
        }
    }

    private func changed(_ request: RingHTTPRequest) -> RingHTTPRequest {
        var request = request
        switch self.fault {
        case .dropsCredentials: request.headerFields[.authorization] = nil
        case .namesItself: request.headerFields["User-Agent"] = "broken"
        case .repairsFields:
            let fields = request.headerFields.map { field in
                RingHTTPField(name: field.name, value: field.value.filter { $0.isASCII && !$0.isNewline && $0 != "\0" })
            }
            request.headerFields = RingHTTPFields(fields)
        case .addsCredentials: request.headerFields[.authorization] = "Bearer extra"
        case .dropsQueries:
            let text = request.url.absoluteString.prefix { $0 != "?" }
            request.url = URL(string: String(text)) ?? request.url
        case .lowersPaths: request.url = URL(string: request.url.absoluteString.lowercased()) ?? request.url
        case .addsBodies where request.method == .get: request.body = RingHTTPBody("x")
        default: break
        }
        return request
    }

    private func changed(
        _ response: RingHTTPResponse, _ request: RingHTTPRequest, _ context: RingRequestContext
    ) async throws -> RingHTTPResponse {
        var response = response
        switch self.fault {
        case .lowersStatuses: response.status = min(response.status, 400)
        case .hidesRetryAfter: response.headerFields[.retryAfter] = nil
        case .repeatsFailures where response.status >= 500:
            return try await self.base.send(request, context: context)
        case .visitsRedirects, .leaksCredentials:
            guard let target = response.headerFields[.location].flatMap(URL.init(string:)) else { break }
            var next = request
            next.url = target
            let other = try await self.base.send(next, context: context)
            if self.fault == .leaksCredentials { return other }
        case .invents304Bodies: response.body = RingHTTPBody("invented")
        case .showsTrailers: response.headerFields["X-T"] = "t"
        case .cutsLargeBodies:
            let bytes = try await response.body.collect(upTo: 1 << 30)
            response.body = RingHTTPBody(Array(bytes.prefix(65_536)))
        case .hidesLengths: response.body = RingHTTPBody(streaming: response.body)
        case .hidesParts:
            let body = response.body
            response.body = RingHTTPBody(
                streaming: AsyncThrowingStream<[UInt8], any Error> { try await body.collect(upTo: 1 << 20) })
        case .mixesResponses:
            response.body = RingHTTPBody(try await response.body.collect(upTo: 1 << 20))
            let own = response
            return self.first.withLock { first in
                let kept = first ?? own
                first = kept
                return kept
            }
        default: break
        }
        return response
    }
}
