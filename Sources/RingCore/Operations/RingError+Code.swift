extension RingError {
    /// A kind of failure: a stable snake_case word. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The stable word, for logs, metrics and programs.
        public let rawValue: String

        /// Whether failures of this kind pass by themselves; see ``RingError/isTransient``.
        package var isTransient: Bool { self.transience.value }
        /// Kinds with the same word are equal, whoever has created them.
        private let transience: RingUncompared<Bool>

        /// Creates a kind. Public because engines and transports outside this package name failures of their own.
        ///
        /// - Parameters:
        ///   - rawValue: The stable word. Kinds with the same word are equal.
        ///   - isTransient: Whether the same call may succeed later although nobody changes anything.
        public init(_ rawValue: String, isTransient: Bool = false) {
            self.rawValue = rawValue
            self.transience = RingUncompared(isTransient)
        }

        /// The stable word.
        public var description: String { self.rawValue }
    }
}

extension RingError.Code {
    // What the caller asked for.

    /// An argument is out of its documented limits; nothing was sent.
    public static let invalidArgument = Self("invalid_argument")
    /// Ring refused the request as malformed (400, 415).
    public static let badRequest = Self("bad_request")
    /// The configuration cannot work: a missing credential, an insecure URL.
    public static let misconfigured = Self("misconfigured")

    // Who is asking.

    /// The access token is missing, expired or revoked, and one refresh did not help (401).
    public static let unauthorized = Self("unauthorized")
    /// The user must remove and reconnect the app in Ring: no token can be had for this account any more.
    public static let relinkRequired = Self("relink_required")
    /// The client id or secret is wrong (`invalid_client`).
    public static let invalidClient = Self("invalid_client")
    /// Not allowed: scope, plan, or the device is not shared (403).
    public static let forbidden = Self("forbidden")
    /// Ring refused the link nonce: wrong, used or older than ten minutes.
    public static let invalidNonce = Self("invalid_nonce")

    // What is there.

    /// No such thing (404).
    public static let notFound = Self("not_found")
    /// No such device, or it was removed from the app (404).
    public static let deviceNotFound = Self("device_not_found")
    /// The device is offline or busy (503 of a live session).
    public static let deviceUnavailable = Self("device_unavailable", isTransient: true)
    /// It conflicts with what is there (409).
    public static let conflict = Self("conflict")
    /// It is gone for good (410).
    public static let gone = Self("gone")
    /// Ring understood and cannot do it for this user or device (422).
    public static let unprocessable = Self("unprocessable")

    // How the service is.

    /// Too many requests for this client id (429), after the waiting that was allowed.
    public static let rateLimited = Self("rate_limited", isTransient: true)
    /// Ring failed (5xx, 408, 425), after the retries that are safe.
    public static let serverFailure = Self("server_failure", isTransient: true)
    /// Ring's response is not in the documented form; the message says where.
    public static let malformedResponse = Self("malformed_response")
    /// The response is larger than the configured maximum.
    public static let responseTooLarge = Self("response_too_large")
    /// A status that has no kind of its own.
    public static let unexpectedStatus = Self("unexpected_status")
    /// A redirect where none is followed, or to a place that is not allowed.
    public static let redirectRefused = Self("redirect_refused")

    // The network.

    /// The host's name could not be resolved.
    public static let hostNotFound = Self("host_not_found", isTransient: true)
    /// No connection could be made.
    public static let connectionFailed = Self("connection_failed", isTransient: true)
    /// The server's certificate or TLS itself was not acceptable.
    public static let tlsFailed = Self("tls_failed")
    /// The connection broke before the response was complete.
    public static let connectionLost = Self("connection_lost", isTransient: true)
    /// A limit of one phase passed: connecting, waiting for the first byte, silence in a body.
    public static let timedOut = Self("timed_out", isTransient: true)
    /// The time for the whole call is up.
    public static let deadlineExceeded = Self("deadline_exceeded", isTransient: true)
    /// A plain `http` URL that is not loopback, or another scheme.
    public static let insecureURL = Self("insecure_url")
    /// The received bytes are not HTTP.
    public static let protocolViolation = Self("protocol_violation")

    // This machine.

    /// A store or file could not be read or written.
    public static let storageFailed = Self("storage_failed")
    /// Something was already closed.
    public static let closed = Self("closed")
}
