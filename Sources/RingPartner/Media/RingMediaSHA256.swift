internal import RingCrypto
public import RingMedia

/// The SHA-256 of a file that is being downloaded.
///
/// ```swift
/// media.options.digest = { RingMediaSHA256() }
/// ```
public struct RingMediaSHA256: RingMediaDigest {
    private var hash = RingSHA256()

    /// Starts an empty digest.
    public init() {}

    /// Adds bytes at the end.
    public mutating func update(_ bytes: [UInt8]) { self.hash.update(bytes) }

    /// The digest of everything added so far, in lower-case hexadecimal.
    public func hexadecimal() -> String { self.hash.finish().hex }
}
