/// Whose signature on a server's certificate is trusted.
public struct RingCurlCertificateAuthorities: Hashable, Sendable {
    enum Source: Hashable, Sendable {
        case system
        case file(String)
        case pem([UInt8])
    }

    let source: Source

    /// The authorities the operating system trusts. The default.
    public static let system = Self(source: .system)

    /// The authorities in a file of PEM certificates, and no others.
    public static func file(_ path: String) -> Self { Self(source: .file(path)) }

    /// The authorities in a text of PEM certificates, and no others.
    public static func pem(_ text: String) -> Self { Self(source: .pem(Array(text.utf8))) }
}
