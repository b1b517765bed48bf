public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How ``RingCurlTransport`` connects, and how much of an answer it takes.
public struct RingCurlConfiguration: Sendable {
    /// The limits of a request that brings none of its own.
    public var timeouts: RingTimeouts
    /// Whose certificates are trusted. Certificates and host names are always checked.
    public var certificateAuthorities: RingCurlCertificateAuthorities
    /// The proxy to use, such as `http://proxy.example:3128`; `nil` connects directly. Loopback is always reached
    /// directly, and the environment's proxy variables are never read.
    public var proxy: URL?
    /// Whether HTTP/2 is offered over TLS. Media always goes over HTTP/1.1, where a paused download holds nothing up.
    public var allowsHTTP2: Bool
    /// The most bytes of header fields in one answer, interim answers included.
    public var headerByteLimit: Int
    /// The most header fields in one answer, interim answers included.
    public var headerFieldLimit: Int
    /// The most bytes of a body, counted after inflating, of any call but a media download.
    public var documentByteLimit: Int64
    /// The most bytes of a media answer; `nil` for any number. Media streams: a large one takes no memory.
    public var mediaByteLimit: Int64?
    /// How many bytes of one body wait to be read at most before its sender is made to wait. Media stops sooner, after about
    /// 128 KB, until its reader comes for more.
    public var bodyBuffer: Int
    /// The most connections to one host for each of the two lanes, documents and media; `nil` for any number.
    public var connectionsPerHost: Int?
    /// The most connections kept open for the next request, in each of the two lanes.
    public var idleConnections: Int
    /// The clock that `RingDeadline`s are read on.
    public var clock: any RingClock

    /// Creates a configuration. Every default is meant for production.
    public init(
        timeouts: RingTimeouts = RingTimeouts(), certificateAuthorities: RingCurlCertificateAuthorities = .system,
        proxy: URL? = nil, allowsHTTP2: Bool = true, headerByteLimit: Int = 256 * 1024, headerFieldLimit: Int = 512,
        documentByteLimit: Int64 = 32 * 1024 * 1024, mediaByteLimit: Int64? = nil, bodyBuffer: Int = 1024 * 1024,
        connectionsPerHost: Int? = nil, idleConnections: Int = 256, clock: any RingClock = RingSystemClock()
    ) {
        self.timeouts = timeouts
        self.certificateAuthorities = certificateAuthorities
        self.proxy = proxy
        self.allowsHTTP2 = allowsHTTP2
        self.headerByteLimit = headerByteLimit
        self.headerFieldLimit = headerFieldLimit
        self.documentByteLimit = documentByteLimit
        self.mediaByteLimit = mediaByteLimit
        self.bodyBuffer = bodyBuffer
        self.connectionsPerHost = connectionsPerHost
        self.idleConnections = idleConnections
        self.clock = clock
    }
}

extension RingCurlConfiguration: CustomStringConvertible, CustomReflectable {
    /// The settings without the proxy's address, which may hold a password.
    public var description: String {
        "RingCurlConfiguration(proxy: \(self.proxy == nil ? "none" : "configured"), HTTP/2: \(self.allowsHTTP2), "
            + "document limit: \(self.documentByteLimit) bytes)"
    }

    /// A mirror that shows what ``description`` shows.
    public var customMirror: Mirror { Mirror(self, children: ["configuration": self.description]) }
}
