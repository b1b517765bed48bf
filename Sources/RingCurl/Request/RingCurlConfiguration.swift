public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How ``RingCurlTransport`` connects, and how large a response may be.
public struct RingCurlConfiguration: Sendable {
    /// The limits of a request that has none of its own.
    public var timeouts: RingTimeouts
    /// Whose certificates are trusted. Certificates and host names are always checked.
    public var certificateAuthorities: RingCurlCertificateAuthorities
    /// The proxy to use, such as `http://proxy.example:3128`; `nil` connects directly. Loopback is always reached
    /// directly, and the environment's proxy variables are never read.
    public var proxy: URL? {
        get { self.proxyAddress?.url }
        set { self.proxyAddress = newValue.map { ProxyAddress(url: $0) } }
    }
    /// Whether HTTP/2 is offered over TLS. Media always uses HTTP/1.1, where a paused download delays no other.
    public var allowsHTTP2: Bool
    /// The most bytes of a body, counted after decompression, of any call except a media download.
    public var maximumDocumentBytes: Int64
    /// The most bytes of a media response; `nil` for any number. Media streams: a large one takes no memory.
    public var maximumMediaBytes: Int64?
    /// The most connections to one host for each of the two lanes, documents and media; `nil` for any number.
    public var maximumConnectionsPerHost: Int?
    /// The most connections kept open for the next request, in each of the two lanes.
    public var maximumIdleConnections: Int
    /// The most bytes of header fields in one response, interim responses included.
    package var maximumHeaderBytes = 256 * 1024
    /// The most header fields in one response, interim responses included.
    package var maximumHeaderFieldCount = 512
    /// How many bytes of one body wait to be read at most before its sender is made to wait. Media stops sooner, after about
    /// 128 KB, until its reader wants more.
    package var maximumBufferedBytes = 1024 * 1024
    /// The clock that deadlines are read on.
    package var clock: any RingClock = RingSystemClock()
    private var proxyAddress: ProxyAddress?

    /// An address that may have a password in it, so it is not printed.
    private struct ProxyAddress: CustomStringConvertible, CustomReflectable {
        var url: URL
        var description: String { "configured" }
        var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
    }

    /// Creates a configuration. Every default is meant for production.
    public init(
        timeouts: RingTimeouts = RingTimeouts(), certificateAuthorities: RingCurlCertificateAuthorities = .system,
        proxy: URL? = nil, allowsHTTP2: Bool = true, maximumDocumentBytes: Int64 = 32 * 1024 * 1024,
        maximumMediaBytes: Int64? = nil, maximumConnectionsPerHost: Int? = nil, maximumIdleConnections: Int = 256
    ) {
        self.timeouts = timeouts
        self.certificateAuthorities = certificateAuthorities
        self.allowsHTTP2 = allowsHTTP2
        self.maximumDocumentBytes = maximumDocumentBytes
        self.maximumMediaBytes = maximumMediaBytes
        self.maximumConnectionsPerHost = maximumConnectionsPerHost
        self.maximumIdleConnections = maximumIdleConnections
        self.proxy = proxy
    }
}

/// Whose signature on a server's certificate is trusted.
public enum RingCurlCertificateAuthorities: Hashable, Sendable {
    /// The authorities that the operating system trusts. The default.
    case system
    /// The authorities in a file of PEM certificates, and no others.
    case file(String)
    /// The authorities in a text of PEM certificates, and no others.
    case pem(String)
}
