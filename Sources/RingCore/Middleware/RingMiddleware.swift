/// A stage around a transport: it may change the request, send it any number of times, and read the response.
///
/// ```swift
/// struct Stamp: RingMiddleware {
///     func intercept(
///         _ request: RingHTTPRequest, context: RingRequestContext, next: Next
///     ) async throws -> RingHTTPResponse {
///         var request = request
///         request.headerFields["X-Trace"] = "…"
///         return try await next(request, context)
///     }
/// }
/// ```
public protocol RingMiddleware: Sendable {
    /// The remaining middleware and the transport. Written as `Next` it fits whatever settings your module is built with.
    typealias Next =
        nonisolated(nonsending) @Sendable (RingHTTPRequest, RingRequestContext) async throws ->
        RingHTTPResponse

    /// Handles one request.
    ///
    /// - Parameters:
    ///   - request: The request as the middleware before this one passed it on.
    ///   - context: What the request is for, and its limits.
    ///   - next: The remaining middleware and the transport.
    /// - Throws: `RingError`; `CancellationError` when the task is cancelled; what `next` throws.
    func intercept(_ request: RingHTTPRequest, context: RingRequestContext, next: Next) async throws
        -> RingHTTPResponse
}

/// A transport with middleware around it. An error response never repeats the request's own secrets.
package struct RingPipeline: RingTransport {
    private let middlewares: [any RingMiddleware]
    private let transport: any RingTransport

    /// Creates a pipeline.
    ///
    /// - Parameters:
    ///   - transport: Sends in the end.
    ///   - middlewares: Outermost first.
    package init(_ transport: any RingTransport, middlewares: [any RingMiddleware]) {
        self.transport = transport
        self.middlewares = middlewares
    }

    /// Sends a request through all middleware.
    ///
    /// - Throws: What a middleware or the transport throws.
    package func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        try await self.send(request, context, from: 0)
    }

    private func send(
        _ request: RingHTTPRequest, _ context: RingRequestContext, from index: Int
    ) async throws -> RingHTTPResponse {
        guard index < self.middlewares.count else {
            return try await self.transport.send(request, context: context).withoutEcho(of: request, context.operation)
        }
        return try await self.middlewares[index].intercept(request, context: context) {
            try await self.send($0, $1, from: index + 1)
        }
    }
}
