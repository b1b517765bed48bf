public import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A transport that answers from a script and keeps every request it saw.
///
/// For tests of what is asked and of how answers are understood. What it replaces, the wire, is tested on real sockets.
public final class StubTransport: RingTransport {
    /// Decides the answer to one request.
    public typealias Handler = @Sendable (RingHTTPRequest) async throws -> RingHTTPResponse

    private let handler: Handler
    private let seen = Mutex<[RingHTTPRequest]>([])

    /// Answers every request by a function.
    public init(_ handler: @escaping Handler) { self.handler = handler }

    /// Answers with these in order; the last one repeats.
    public convenience init(_ responses: RingHTTPResponse...) {
        let index = Mutex(0)
        self.init { request in
            guard !responses.isEmpty else {
                throw RingError(
                    code: .misconfigured, message: "the stub has no answer", operation: request.operation)
            }
            return responses[
                index.withLock { index in
                    defer { index += 1 }
                    return min(index, responses.count - 1)
                }]
        }
    }

    /// Every request so far, in order.
    public var requests: [RingHTTPRequest] { self.seen.withLock { $0 } }

    /// The path and query of every request so far, as they would stand in the request line.
    public var targets: [String] {
        self.requests.map { request in
            let text = request.url.absoluteString
            let rest = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
            return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
        }
    }

    /// Notes the request and answers.
    ///
    /// - Throws: What the script throws.
    public func send(_ request: RingHTTPRequest) async throws -> RingHTTPResponse {
        self.seen.withLock { $0.append(request) }
        return try await self.handler(request)
    }
}

extension RingHTTPResponse {
    /// An answer with a JSON body.
    public static func json(_ text: String, status: Int = 200, headerFields: RingHTTPFields = [:]) -> RingHTTPResponse {
        var fields = headerFields
        if fields[.contentType] == nil { fields[.contentType] = "application/json" }
        return RingHTTPResponse(status: status, headerFields: fields, body: RingHTTPBody(text))
    }
}
