/// Sends one request and returns the response.
///
/// The contract of every transport, checked by `TransportConformance` in `RingTesting`:
/// - it returns when status and header fields are there; the body arrives while it is read, with back-pressure;
/// - it follows no redirect, retries nothing, adds no credentials and reads no proxy from the environment; only a GET or HEAD
///   that a closing kept connection has lost may be sent once more over another connection;
/// - any status is a response; only a failure to get one is thrown, as ``RingError`` whose ``RingError/delivery`` tells
///   whether the request may have reached the server;
/// - it ends by the context's deadline and limits, and within 100 ms of a cancellation, at every stage;
/// - releasing an unread body ends the transfer.
public protocol RingTransport: Sendable {
    /// Sends one request.
    ///
    /// - Parameters:
    ///   - request: What goes to the server.
    ///   - context: What the request is for, and its limits.
    /// - Throws: `RingError` when there is no response; `CancellationError` when the task is cancelled.
    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse

    /// Whether the pipeline may leave a request's deadline to this transport alone. `false` unless a transport says
    /// otherwise: then every call has a timer of its own, which costs more than all middleware together.
    var keepsDeadlines: Bool { get }
}

extension RingTransport {
    /// The pipeline times every call itself.
    public var keepsDeadlines: Bool { false }

    /// Sends one request without an account and without limits of its own.
    ///
    /// - Throws: `RingError` when there is no response; `CancellationError` when the task is cancelled.
    public func send(_ request: RingHTTPRequest, for operation: RingOperation) async throws -> RingHTTPResponse {
        try await self.send(request, context: RingRequestContext(operation: operation))
    }
}
