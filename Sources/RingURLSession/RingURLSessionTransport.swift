internal import Foundation
public import RingCore

#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif

/// The transport of Apple systems: `URLSession` without redirects, cookies, caches and stored credentials.
///
/// It uses no proxy either. It compiles on Linux, so that changes are seen there; it is never the default there, because
/// URLSession on Linux cannot be paused and may deadlock when tasks are cancelled. Use `RingCurlTransport` on Linux.
public final class RingURLSessionTransport: RingTransport {
    /// The transport of this process, with the defaults of ``RingURLSessionConfiguration``.
    public static let shared = RingURLSessionTransport()

    private let configuration: RingURLSessionConfiguration
    private let delegate: SessionDelegate
    private let session: URLSession

    /// Creates a transport with connections of its own.
    public init(configuration: RingURLSessionConfiguration = RingURLSessionConfiguration()) {
        let settings = URLSessionConfiguration.ephemeral
        settings.httpCookieStorage = nil
        settings.httpShouldSetCookies = false
        settings.httpCookieAcceptPolicy = .never
        settings.urlCache = nil
        settings.urlCredentialStorage = nil
        settings.requestCachePolicy = .reloadIgnoringLocalCacheData
        settings.httpMaximumConnectionsPerHost = configuration.maximumConnectionsPerHost
        // An empty table, not `nil`: `nil` means the system's proxies.
        settings.connectionProxyDictionary = [:]
        // This module applies the limits, phase by phase; URLSession's own would end a paused download.
        settings.timeoutIntervalForRequest = 86_400
        #if canImport(Darwin)
        settings.tlsMinimumSupportedProtocolVersion = .TLSv12
        settings.waitsForConnectivity = false
        #endif
        self.configuration = configuration
        self.delegate = SessionDelegate()
        self.session = URLSession(configuration: settings, delegate: self.delegate, delegateQueue: nil)
    }

    deinit { self.session.finishTasksAndInvalidate() }

    /// Sends one request and returns when the response's header fields have arrived.
    ///
    /// - Throws: `RingError` when there is no response, or when the request cannot be sent as it is; `CancellationError` when
    ///   the task is cancelled.
    public func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        try Task.checkCancellation()
        let failure = RingTransportFailure(context.operation, host: request.url.host() ?? "the server")
        let message = try await SessionRequest.make(request, context.operation, self.configuration, failure)
        let exchange = try SessionExchange(request, context, self.configuration, failure)
        let task = self.session.dataTask(with: message)
        self.delegate.register(exchange, for: task)
        return try await exchange.response(task)
    }
}
