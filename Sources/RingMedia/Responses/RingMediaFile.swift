/// A clip or still that is complete, checked, and has its final name.
public struct RingMediaFile: Hashable, Sendable {
    /// The path of the file, as requested.
    public let path: String
    /// The number of bytes.
    public let bytes: Int64
    /// The digest in lower-case hexadecimal, when one was requested.
    public let digest: String?
    /// The description of the media in the response.
    public let info: RingMediaInfo
}

/// A clip or still that is complete, checked, and in memory.
public struct RingMediaData: Hashable, Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// The description of the media in the response.
    public let info: RingMediaInfo
}
