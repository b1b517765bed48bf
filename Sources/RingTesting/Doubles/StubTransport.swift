public import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A transport that responds from a script and keeps every request.
///
/// For tests of the requests that code sends and of how it reads responses. The HTTP exchange that it replaces is tested on
/// real sockets.
public final class StubTransport: RingTransport {
    /// Makes the response to one request.
    public typealias Handler = @Sendable (RingHTTPRequest, RingRequestContext) async throws -> RingHTTPResponse

    private let handler: Handler
    private let seen = Mutex<[(request: RingHTTPRequest, context: RingRequestContext)]>([])

    /// Responds to every request by a function.
    public init(_ handler: @escaping Handler) { self.handler = handler }

    /// Responds to every request by a function that needs no context.
    public convenience init(_ handler: @escaping @Sendable (RingHTTPRequest) async throws -> RingHTTPResponse) {
        self.init { request, _ in try await handler(request) }
    }

    /// Responds with these in order; the last one repeats.
    public convenience init(_ responses: RingHTTPResponse...) {
        let index = Mutex(0)
        self.init { _, context in
            guard !responses.isEmpty else {
                throw RingError(
                    code: .misconfigured, message: "the stub has no response", operation: context.operation)
            }
            return responses[
                index.withLock { index in
                    defer { index += 1 }
                    return min(index, responses.count - 1)
                }]
        }
    }

    /// Every request so far, in order.
    public var requests: [RingHTTPRequest] { self.seen.withLock { $0.map(\.request) } }

    /// The context of every request so far, in order.
    package var contexts: [RingRequestContext] { self.seen.withLock { $0.map(\.context) } }

    /// The path and query of every request so far, as they would stand in the request line.
    public var targets: [String] {
        self.requests.map { request in
            let text = request.url.absoluteString
            let rest = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
            return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
        }
    }

    /// Keeps the request and responds.
    ///
    /// - Throws: What the script throws.
    public func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        self.seen.withLock { $0.append((request, context)) }
        return try await self.handler(request, context)
    }
}

extension RingHTTPResponse {
    /// A response with a JSON body.
    public static func json(_ text: String, status: Int = 200, headerFields: RingHTTPFields = [:]) -> RingHTTPResponse {
        var fields = headerFields
        if fields[.contentType] == nil { fields[.contentType] = "application/json" }
        return RingHTTPResponse(status: status, headerFields: fields, body: RingHTTPBody(text))
    }
}
