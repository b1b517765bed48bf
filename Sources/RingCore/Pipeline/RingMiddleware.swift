/// A layer around a transport: it may change the request, send it any number of times, and look at the answer.
///
/// ```swift
/// struct Stamp: RingMiddleware {
///     func intercept(_ request: RingHTTPRequest, next: Next) async throws -> RingHTTPResponse {
///         var request = request
///         request.headerFields[.init("X-Trace")] = "…"
///         return try await next(request)
///     }
/// }
/// ```
public protocol RingMiddleware: Sendable {
    /// The layers below, down to the transport. Written as `Next` it fits whatever settings your module is built with.
    typealias Next = nonisolated(nonsending) @Sendable (RingHTTPRequest) async throws -> RingHTTPResponse

    /// Handles one request.
    ///
    /// - Parameters:
    ///   - request: The request as the layer above sent it.
    ///   - next: The layers below, down to the transport.
    /// - Throws: `RingError`; `CancellationError` when the task is cancelled; what `next` throws.
    func intercept(_ request: RingHTTPRequest, next: Next) async throws -> RingHTTPResponse
}

/// A transport with layers around it. What its transport refuses never repeats the request's own secrets.
public struct RingPipeline: RingTransport {
    private let layers: [any RingMiddleware]
    private let transport: any RingTransport

    /// Creates a pipeline.
    ///
    /// - Parameters:
    ///   - transport: What sends in the end.
    ///   - layers: Outermost first.
    public init(_ transport: any RingTransport, layers: [any RingMiddleware]) {
        self.transport = transport
        self.layers = layers
    }

    /// Sends a request through every layer.
    ///
    /// - Throws: What a layer or the transport throws.
    public func send(_ request: RingHTTPRequest) async throws -> RingHTTPResponse {
        try await self.send(request, from: 0)
    }

    private func send(_ request: RingHTTPRequest, from index: Int) async throws -> RingHTTPResponse {
        guard index < self.layers.count else {
            return try await self.transport.send(request).withoutEcho(of: request)
        }
        return try await self.layers[index].intercept(request) { try await self.send($0, from: index + 1) }
    }
}
