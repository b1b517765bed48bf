/// The hash of a DTLS certificate.
///
/// Wire: `a=fingerprint`, RFC 8122 section 5. A section may carry several.
public struct SDPFingerprint: Hashable, Sendable {
    /// The hash function in lower case: `sha-256`.
    public var algorithm: String
    /// The hash as written: pairs of hex digits between colons.
    public var hash: String

    /// Creates a fingerprint.
    public init(algorithm: String, hash: String) {
        self.algorithm = algorithm
        self.hash = hash
    }

    /// Reads what follows `a=fingerprint:`; `nil` when a part is missing.
    public init?(attributeValue: String) {
        let parts = attributeValue.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        self.init(algorithm: parts[0].lowercased(), hash: String(parts[1]))
    }

    /// Whether the hash function is SHA-256 or better, as RFC 8122 demands of new implementations.
    public var isStrong: Bool { ["sha-256", "sha-384", "sha-512"].contains(self.algorithm) }
}
