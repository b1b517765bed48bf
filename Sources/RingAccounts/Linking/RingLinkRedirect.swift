internal import RingCore

/// What Ring's redirect to the Account Link URL brings: `?nonce=…&time=…`.
///
/// Keep both exactly as received until the user has signed in. The nonce works once, so it does not print.
public struct RingLinkRedirect: Hashable, Sendable {
    /// Proves for ten minutes which account the browser comes from. Wire: `nonce`, 43 characters.
    public var nonce: String
    /// When Ring made it: epoch milliseconds, as the decimal string that was received. Wire: `time`.
    public var time: String

    /// Creates a redirect from its two parameters, percent-decoded.
    public init(nonce: String, time: String) {
        self.nonce = nonce
        self.time = time
    }

    /// Reads a query string.
    ///
    /// - Parameter query: What follows the question mark.
    /// - Returns: `nil` when either parameter is missing or there twice.
    public init?(query: String) {
        let form = RingHTTPForm(parsing: query.utf8)
        guard let nonce = form.only("nonce"), let time = form.only("time") else { return nil }
        self.init(nonce: nonce, time: time)
    }
}

extension RingLinkRedirect: CustomStringConvertible, CustomReflectable {
    /// The time; not the nonce.
    public var description: String { "RingLinkRedirect(time: \(self.time))" }
    /// A mirror without the nonce.
    public var customMirror: Mirror { Mirror(self, children: ["time": self.time]) }
}
