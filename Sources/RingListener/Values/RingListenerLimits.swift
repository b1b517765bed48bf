/// How much a listener takes from its clients.
public struct RingListenerLimits: Hashable, Sendable {
    /// The longest request body, in bytes; a longer one gets the response 413.
    public var maximumBodyBytes: Int
    /// The longest head, in bytes over all header names and values; a longer one gets the response 431.
    public var maximumHeaderBytes: Int
    /// The number of connections open at one time; further ones wait in the system's queue or are closed.
    public var maximumConnections: Int
    /// How long a connection may be silent before it is closed, in whole seconds; 0 is for ever.
    public var idleSeconds: Int
    /// How long ``RingListener/stop()`` lets requests under way finish before it cuts them off.
    public var grace: Duration

    /// Creates limits; the defaults suit a server on loopback that takes webhooks or plays a service.
    public init(
        maximumBodyBytes: Int = 1 << 20, maximumHeaderBytes: Int = 32 << 10, maximumConnections: Int = 2000,
        idleSeconds: Int = 60, grace: Duration = .seconds(2)
    ) {
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumConnections = maximumConnections
        self.idleSeconds = idleSeconds
        self.grace = grace
    }
}

/// The certificate that a listener shows, both parts in PEM.
public struct RingListenerTLS: Hashable, Sendable, CustomStringConvertible {
    /// The certificate, followed by its intermediates.
    public var certificate: String
    /// The private key of the certificate, unencrypted.
    public var privateKey: String

    /// Creates a pair from two PEM texts.
    public init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }

    /// Names the type only: a private key does not print.
    public var description: String { "RingListenerTLS" }
}
