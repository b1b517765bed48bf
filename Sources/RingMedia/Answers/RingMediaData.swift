/// A clip or still that is whole, checked, and in memory.
public struct RingMediaData: Hashable, Sendable {
    /// The bytes.
    public var bytes: [UInt8]
    /// What the answer said of them.
    public var info: RingMediaInfo

    /// Creates a value by hand, for tests and previews.
    public init(bytes: [UInt8], info: RingMediaInfo) {
        self.bytes = bytes
        self.info = info
    }
}
