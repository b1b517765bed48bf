/// One request that reached the simulator, without its secrets.
public struct RingSimulatorRequest: Hashable, Sendable {
    /// Which of the simulator's servers was asked.
    public enum Origin: String, Hashable, Sendable, CaseIterable {
        /// The Partner API.
        case api
        /// The token endpoint.
        case oauth
        /// Pre-signed media.
        case media
        /// The switches and this journal.
        case control
    }

    /// Which server was asked.
    public var origin: Origin
    /// The method.
    public var method: String
    /// The path as sent.
    public var path: String
    /// The query as sent; on the media origin only the names of its items.
    public var query: String?
    /// Whether the request carried an `Authorization` header of any kind. Its value is never kept.
    public var hasAuthorization: Bool
    /// The content type of the request.
    public var contentType: String?
    /// The `grant_type` of a token request.
    public var grantType: String?
    /// The account whose token or code came with it, spent or not; `nil` for none, and for one that is not known.
    public var account: String?
    /// The status it was answered with; 0 when the connection was closed instead.
    public var status: Int
    /// Simulated epoch milliseconds.
    public var time: Int64
}

/// One webhook and what became of it.
public struct RingSimulatorDelivery: Hashable, Sendable {
    /// Where a delivery stands.
    public enum Outcome: String, Hashable, Sendable {
        /// Waits for the integration to be completed.
        case withheld
        /// Waits for its first or next attempt.
        case pending
        /// Answered with 2xx.
        case delivered
        /// Answered with 4xx: final.
        case refused
        /// All seven attempts failed.
        case deadLetter = "dead_letter"
    }

    /// The webhook's `meta.request_id`.
    public var requestID: String
    /// The webhook's `data.type`.
    public var type: String
    /// The body as it was signed.
    public var body: [UInt8]
    /// The `X-Signature` header.
    public var signature: String
    /// The status of each attempt; 0 for none in time.
    public var statuses: [Int]
    /// Where it stands.
    public var outcome: Outcome

    var account: String
}
