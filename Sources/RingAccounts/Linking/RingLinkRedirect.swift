internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The parameters of Ring's redirect to the Account Link URL: `?nonce=…&time=…`.
///
/// Keep both exactly as received until the user has signed in. The nonce works once, so it is never printed.
public struct RingLinkRedirect: Hashable, Sendable {
    /// Proves for ten minutes which account the browser comes from. Wire: `nonce`, 43 characters.
    public var nonce: String
    /// When Ring created it: epoch milliseconds, as the decimal string that was received. Wire: `time`.
    public var time: String

    /// Creates a redirect from its two parameters, percent-decoded.
    public init(nonce: String, time: String) {
        self.nonce = nonce
        self.time = time
    }

    /// Reads a query string.
    ///
    /// - Parameter query: The part after the question mark.
    /// - Returns: `nil` when either parameter is missing or present twice.
    public init?(query: String) {
        let form = RingHTTPForm(parsing: query.utf8)
        guard let nonce = form.only("nonce"), let time = form.only("time") else { return nil }
        self.init(nonce: nonce, time: time)
    }

    /// ``time`` as a date; `nil` when it is not a number.
    var date: Date? { Int64(self.time).map { Date(timeIntervalSince1970: Double($0) / 1_000) } }
}

extension RingLinkRedirect: CustomStringConvertible, CustomReflectable {
    /// The time; not the nonce.
    public var description: String { "RingLinkRedirect(time: \(self.time))" }
    /// A mirror without the nonce.
    public var customMirror: Mirror { Mirror(self, children: ["time": self.time]) }
}
