/// Sends one request and gives the answer.
///
/// The contract every transport keeps, checked by `TransportConformance` in `RingTesting`:
/// - it returns when status and header fields are there; the body arrives while it is read, with back-pressure;
/// - it follows no redirect, retries nothing, adds no credentials and reads no proxy from the environment;
/// - any status is an answer; only a failure to get one is thrown, as ``RingError`` whose ``RingError/delivery`` tells
///   whether the request may have reached the server;
/// - it ends by the request's deadline and limits, and within 100 ms of a cancellation, at every stage;
/// - letting go of an unread body ends the transfer.
public protocol RingTransport: Sendable {
    /// Sends one request.
    ///
    /// - Throws: `RingError` when no answer came; `CancellationError` when the task is cancelled.
    func send(_ request: RingHTTPRequest) async throws -> RingHTTPResponse

    /// Whether the pipeline may leave a request's deadline to this transport alone. `false` unless a transport says
    /// otherwise: then every call has a timer of its own, which costs more than all other layers together.
    var keepsDeadlines: Bool { get }
}

extension RingTransport {
    /// The pipeline times every call itself.
    public var keepsDeadlines: Bool { false }
}
