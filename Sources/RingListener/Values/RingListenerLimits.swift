/// How much a listener takes from its clients.
///
/// All bodies that are being received or handled together take at most 64 MiB, or four times ``maximumBodyBytes`` if that is more.
/// Beyond that the connection with the largest unfinished body is closed, so that small requests always get through.
public struct RingListenerLimits: Hashable, Sendable {
    /// The longest request body, in bytes; a longer one gets the response 413.
    public var maximumBodyBytes: Int
    /// The longest head, in bytes over all header names and values; a longer one gets the response 431.
    public var maximumHeaderBytes: Int
    /// The number of connections open at one time; further ones wait in the system's queue or are closed. A quarter of the
    /// process's descriptors (`RLIMIT_NOFILE`), 32 to 256, is never used for connections, so there may be fewer.
    public var maximumConnections: Int
    /// How long a connection may be silent before it is closed, in whole seconds; 0 is for ever.
    ///
    /// It is also the time for a head, from the opening of the connection or from the last response, and then for a body,
    /// however steadily their bytes arrive.
    public var idleSeconds: Int
    /// How long ``RingListener/stop()`` lets requests under way finish before it cuts them off.
    public var grace: Duration
    /// The bytes of memory for all bodies that are being received or handled.
    package var maximumBufferedBytes = 64 << 20
    /// ``idleSeconds`` as the engine gets it: a day at most.
    var engineTimeout: Int { max(0, min(self.idleSeconds, 86_400)) }

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
