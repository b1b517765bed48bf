/// What URLSession said about a task that failed: the `cause` of this transport's `RingError`s.
///
/// The number alone: a `URLError` carries the URL it failed on.
public struct RingURLSessionFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number of the `URLError`: -1001 is `timedOut`.
    public var code: Int

    /// Creates a fault.
    public init(code: Int) { self.code = code }

    /// The number.
    public var description: String { "URLError \(self.code)" }
}
