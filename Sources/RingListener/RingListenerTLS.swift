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
