/// A digest that is fed piece by piece. RingCrypto's incremental SHA-256 fits with a few lines of adapter.
public protocol RingMediaDigest: Sendable {
    /// Adds bytes at the end.
    mutating func update(_ bytes: [UInt8])

    /// The digest of everything added so far, in lower-case hexadecimal.
    func hexadecimal() -> String
}
