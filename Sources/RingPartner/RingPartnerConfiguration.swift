public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
#if os(Linux)
internal import RingCurl
#else
internal import RingURLSession
#endif

/// The settings of a partner's app.
///
/// An application chooses the credentials, the storage and its keys; all other settings have defaults for production.
/// ``fromEnvironment(_:storage:)`` reads them from environment variables.
public struct RingPartnerConfiguration: Sendable {
    /// The app's id and secret from the developer portal.
    public var credentials: OAuthCredentials
    /// The app's HMAC keys for link nonces and webhook signatures, the present one first. Two during a key change.
    public var hmacKeys: [RingHMACKey]
    /// The one database of tokens, webhooks and open live sessions. `RingMemoryStorage` is for tests: a refresh token works
    /// once, so one that is only in memory is lost with the process.
    public var storage: any RingStorage
    /// The keys that encrypt secrets in the storage: tokens, webhook bodies, session URLs. `nil` stores them as they are.
    public var sealing: RingSealingKeyRing?
    /// The API's origin.
    public var apiURL: URL
    /// The token endpoint's origin.
    public var oauthURL: URL
    /// The transport; `nil` for the platform's own, ``RingPlatformTransport/shared``.
    public var transport: (any RingTransport)?
    /// When tokens are refreshed, and how failures are repeated.
    public var tokenPolicy: RingTokenPolicy
    /// The maximum age of a link's redirect, ten minutes by default, and how far Ring's clock may be ahead of this machine's,
    /// 30 seconds by default.
    public var linkWindow: RingLinkNonceWindow
    /// How often requests are repeated, and the waits between the attempts.
    public var retryPolicy: RingRetryPolicy
    /// The limits and timeouts of live video.
    public var live: WHEPConfiguration
    /// The maximum number of live sessions at a time, and the budget of a battery.
    public var liveLimits: WHEPGovernorLimits
    /// How media is fetched.
    public var media: RingMediaOptions
    /// How long the directory keeps what it has read.
    public var directory: RingDirectoryOptions
    /// Requests a second for the client id, over all accounts; `nil` for the storage's own budget, or Ring's 100 in this
    /// process when it has none.
    public var rateBudget: (any RingRateBudget)?
    /// The time limit of a call without a deadline of its own.
    public var callLimit: Duration?
    /// Middleware of the application, outside of all others.
    public var middlewares: [any RingMiddleware]
    /// The clock, the observer and the size limits.
    public var environment: RingEnvironment

    /// Creates a configuration.
    ///
    /// - Throws: `RingError` with code `misconfigured` when an origin is not a usable URL.
    public init(
        credentials: OAuthCredentials, hmacKeys: [RingHMACKey] = [], storage: any RingStorage,
        sealing: RingSealingKeyRing?, apiURL: String = RingURL.api, oauthURL: String = RingURL.oauth,
        transport: (any RingTransport)? = nil,
        environment: RingEnvironment = RingEnvironment()
    ) throws {
        self.credentials = credentials
        self.hmacKeys = hmacKeys
        self.storage = storage
        self.sealing = sealing
        self.apiURL = try Self.origin(apiURL, "apiURL")
        self.oauthURL = try Self.origin(oauthURL, "oauthURL")
        self.transport = transport
        self.tokenPolicy = RingTokenPolicy()
        self.linkWindow = RingLinkNonceWindow(futureTolerance: .seconds(30))
        self.retryPolicy = RingRetryPolicy()
        self.live = WHEPConfiguration()
        self.liveLimits = WHEPGovernorLimits()
        self.media = RingMediaOptions()
        self.directory = RingDirectoryOptions()
        self.callLimit = .seconds(60)
        self.middlewares = []
        self.environment = environment
    }

    static func origin(_ text: String, _ name: String) throws -> URL {
        guard let url = URL(string: text, encodingInvalidCharacters: false), RingURL.isSecure(url), url.user() == nil,
            url.password() == nil
        else {
            throw RingError(
                code: .misconfigured, message: "\(name) must be an https origin, or http on loopback")
        }
        guard ["", "/"].contains(url.path()), url.query() == nil, url.fragment() == nil else {
            throw RingError(
                code: .misconfigured,
                message: "\(name) must be an origin: remove the path, the query and the fragment")
        }
        return url
    }
}

/// The transport of this platform: libcurl on Linux, URLSession on Apple systems. One for the process.
public enum RingPlatformTransport: Sendable {
    /// The process's transport.
    public static var shared: any RingTransport {
        #if os(Linux)
        RingCurlTransport.shared
        #else
        RingURLSessionTransport.shared
        #endif
    }
}
