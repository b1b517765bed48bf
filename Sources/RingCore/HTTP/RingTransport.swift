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
}
