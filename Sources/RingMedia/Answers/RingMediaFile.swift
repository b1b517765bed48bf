/// A clip or still that is whole, checked, and under its final name.
public struct RingMediaFile: Hashable, Sendable {
    /// Where it is, as it was asked for.
    public var path: String
    /// The number of bytes.
    public var bytes: Int64
    /// The digest in lower-case hexadecimal, when one was asked for.
    public var digest: String?
    /// What the answer said of it.
    public var info: RingMediaInfo

    /// Creates a value by hand, for tests and previews.
    public init(path: String, bytes: Int64, digest: String? = nil, info: RingMediaInfo) {
        self.path = path
        self.bytes = bytes
        self.digest = digest
        self.info = info
    }
}
