public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One request that reached the simulator, without its secrets.
public struct RingSimulatorRequest: Hashable, Sendable {
    /// One of the simulator's servers.
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

    /// The server that received it.
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
    package var grantType: String?
    /// The account of the token or code in the request, used or not; `nil` without one and for an unknown one.
    public var account: RingAccountID?
    /// The status of the response; 0 when the connection was closed instead.
    public var status: Int
    /// The simulated time of the response.
    public var time: Date
}
