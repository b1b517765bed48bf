/// How large a JSON text may be; a larger one is refused.
///
/// The standard limits let a list of a thousand devices with everything included pass many times over, and keep a bad
/// server from taking all memory.
public struct JSONAPILimits: Hashable, Sendable {
    /// The longest text, in bytes. Never more than 1 GiB.
    package var bytes: Int
    /// How deep arrays and objects may nest; `1` allows one array of plain values.
    package var depth: Int
    /// How many values and member names a text may hold. The index takes eight bytes for each.
    package var values: Int

    /// The longest text the index can address, in bytes: 1 GiB less one.
    package static let largestText = 1 << 30 - 1

    /// 32 MiB, 128 levels, 8 million values.
    public static let standard = JSONAPILimits()

    /// Creates limits.
    ///
    /// - Parameters:
    ///   - bytes: The longest text, in bytes.
    ///   - depth: How deep arrays and objects may nest.
    ///   - values: How many values and member names a text may hold.
    public init(bytes: Int = 32 << 20, depth: Int = 128, values: Int = 8_000_000) {
        self.bytes = bytes
        self.depth = depth
        self.values = values
    }
}
