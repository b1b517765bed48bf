public import RingCore

/// The response to a request to the webhook URL, for any web framework.
public struct RingWebhookResponse: Hashable, Sendable {
    /// The status.
    public var status: Int
    /// The header fields.
    public var headers: RingHTTPFields
    /// The body: a small JSON object that names the outcome.
    public var body: [UInt8]
    /// What became of the request.
    public var outcome: RingWebhookOutcome
    /// The event, when the request was one; for printing and counting, since handlers get it by themselves.
    public var event: RingWebhookEvent?
    /// Which key matched; `nil` when none did.
    package var verification: RingWebhookVerification?
    /// Why it was refused or quarantined.
    public var error: RingWebhookError?

    /// Creates a response.
    ///
    /// - Parameters:
    ///   - outcome: What became of the request; gives the status.
    ///   - retryAfter: When Ring may send the webhook once more, for outcomes that are a temporary fault.
    public init(outcome: RingWebhookOutcome, retryAfter: Duration = .seconds(5)) {
        self.outcome = outcome
        self.status = outcome.status
        self.body = Array(#"{"outcome":"\#(outcome.rawValue)"}"#.utf8)
        self.headers = ["Content-Type": "application/json"]
        if outcome == .wrongMethod { self.headers["Allow"] = "POST" }
        if outcome.status == 503 { self.headers[.retryAfter] = String(max(1, retryAfter.components.seconds)) }
    }
}
