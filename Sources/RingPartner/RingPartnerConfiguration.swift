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

/// What a partner's app is, where its state survives, and how it talks to Ring.
///
/// Only the credentials, the storage and its keys are the application's to choose; every other default is meant for
/// production.
public struct RingPartnerConfiguration: Sendable {
    /// The app's id and secret from the developer console.
    public var credentials: OAuthCredentials
    /// The app's HMAC keys, the present one first: for link nonces and webhook signatures. Two during a key change.
    public var hmacKeys: [RingHMACKey]
    /// The one database of tokens, webhooks and open live sessions. `RingMemoryStorage` is for tests: a rotated token that is
    /// only in memory is lost.
    public var storage: any RingStorage
    /// The keys that encrypt secrets in the storage: tokens, webhook bodies, session URLs. `nil` stores them as they are.
    public var sealing: RingSealingKeyRing?
    /// The API's origin.
    public var apiURL: URL
    /// The token endpoint's origin.
    public var oauthURL: URL
    /// What sends in the end; `nil` for the platform's own.
    public var transport: (any RingTransport)?
    /// When tokens are refreshed, and how patiently.
    public var tokenPolicy: RingTokenPolicy
    /// How old a link's redirect may be, and how far Ring's clock may be ahead of this machine's: ten minutes, and 30
    /// seconds.
    public var linkWindow: RingLinkNonceWindow
    /// How often and how patiently requests are repeated.
    public var retryPolicy: RingRetryPolicy
    /// Limits and times of live video.
    public var live: WHEPConfiguration
    /// How many live sessions at once, and how much a battery has to give.
    public var liveLimits: WHEPGovernorLimits
    /// How media is fetched.
    public var media: RingMediaOptions
    /// How long the directory believes what it has read.
    public var directory: RingDirectoryOptions
    /// Requests a second for the client id, over all accounts; `nil` for the storage's own budget, or Ring's 100 in this
    /// process when it has none.
    public var rateBudget: (any RingRateBudget)?
    /// The time for one call that brings no deadline of its own.
    public var callLimit: Duration?
    /// Middleware of the application's own, outside all others.
    public var middlewares: [any RingMiddleware]
    /// The clock, the observer and the caps.
    public var environment: RingEnvironment

    /// Creates a configuration.
    ///
    /// - Throws: `RingError` with code `misconfigured` when an origin is no usable URL.
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

    private static func origin(_ text: String, _ name: String) throws -> URL {
        guard let url = URL(string: text, encodingInvalidCharacters: false), RingURL.isSecure(url), url.user() == nil
        else {
            throw RingError(
                code: .misconfigured, message: "\(name) must be an https origin, or http on loopback")
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
