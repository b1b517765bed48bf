/// What libcurl said about a transfer that failed: the `cause` of this transport's `RingError`s.
public struct RingCurlFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// libcurl's error number: 28 is `CURLE_OPERATION_TIMEDOUT`.
    public var code: Int
    /// libcurl's fixed text for that number. Holds nothing of the request.
    public var text: String

    /// Creates a fault.
    public init(code: Int, text: String) {
        self.code = code
        self.text = text
    }

    /// Number and text.
    public var description: String { "curl \(self.code): \(self.text)" }
}
