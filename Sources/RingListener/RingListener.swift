@_exported public import RingHTTP

/// A small HTTP/1.1 server: one port, one handler.
///
/// Made for loopback: for the simulator, for a receiver of webhooks on a developer's machine, for tests that want real
/// sockets. It is bound to `127.0.0.1` unless a host is named.
///
/// Each request arrives whole at the handler, which runs in a task of its own; a handler that waits costs no thread.
/// When the client hangs up first, that task is cancelled (on Linux).
public final class RingListener: Sendable {
    /// The port the listener is bound to: the one asked for, or the one the system chose for 0.
    public let port: Int
    /// Scheme, host and port, as the beginning of a URL: `http://127.0.0.1:40123`.
    public let origin: String

    private let core: ListenerCore

    private init(core: ListenerCore, port: Int, origin: String) {
        self.core = core
        self.port = port
        self.origin = origin
    }

    deinit {
        self.core.abandon()
    }

    /// Binds a port and begins to serve.
    ///
    /// ```swift
    /// let listener = try await RingListener.start(port: 8080) { _ in RingHTTPResponse(status: 204) }
    /// ```
    ///
    /// A request whose target is no URL gets 400 without a call of the handler.
    ///
    /// - Parameters:
    ///   - host: A numeric address or `localhost`. Anything but loopback opens the machine to its network.
    ///   - port: The port, or 0 for one that the system chooses.
    ///   - tls: Certificate and key, to serve over TLS; `nil` for plain HTTP.
    ///   - limits: What a client may send.
    ///   - clock: Waits for ``RingListenerLimits/grace``.
    ///   - handler: Responds to one request, whose body is complete. It may be called many times at once.
    /// - Throws: ``RingListenerError``.
    public static func start(
        host: String = "127.0.0.1", port: Int = 0, tls: RingListenerTLS? = nil,
        limits: RingListenerLimits = RingListenerLimits(), clock: any Clock<Duration> = ContinuousClock(),
        handler: @escaping @Sendable (RingHTTPRequest) async -> RingHTTPResponse
    ) async throws -> RingListener {
        try await self.start(host: host, port: port, tls: tls, limits: limits, clock: clock) { origin in
            { request in
                guard let request = request.httpRequest(origin: origin) else {
                    return RingListenerResponse(status: 400)
                }
                return RingListenerResponse(await handler(request))
            }
        }
    }

    /// As `start`, for a handler that sees the raw target and may misbehave.
    package static func startRaw(
        host: String = "127.0.0.1", port: Int = 0, tls: RingListenerTLS? = nil,
        limits: RingListenerLimits = RingListenerLimits(), clock: any Clock<Duration> = ContinuousClock(),
        handler: @escaping @Sendable (RingListenerRequest) async -> RingListenerResponse
    ) async throws -> RingListener {
        try await self.start(host: host, port: port, tls: tls, limits: limits, clock: clock) { _ in handler }
    }

    private static func start(
        host: String, port: Int, tls: RingListenerTLS?, limits: RingListenerLimits, clock: any Clock<Duration>,
        makeHandler: (_ origin: String) -> ListenerCore.Handler
    ) async throws -> RingListener {
        let socket = try ListeningSocket(host: host, port: port)
        let origin = "\(tls == nil ? "http" : "https")://\(socket.urlHost):\(socket.port)"
        let core = ListenerCore(handler: makeHandler(origin), limits: limits, clock: clock)
        try core.start(socket: socket, tls: tls)
        return RingListener(core: core, port: Int(socket.port), origin: origin)
    }

    /// Stops accepting, lets requests under way finish for ``RingListenerLimits/grace``, then cuts off what is left.
    ///
    /// Safe to call several times and from several tasks: each call returns when the port is free.
    public func stop() async {
        await self.core.stop()
    }
}
