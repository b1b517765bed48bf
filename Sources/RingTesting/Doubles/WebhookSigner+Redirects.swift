public import RingAccounts
public import RingCore
internal import RingCrypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension WebhookSigner {
    /// The parameters with which Ring sends the browser of an account's user to the Account Link URL.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - time: When Ring makes it. A link accepts it for ten minutes.
    public func redirect(for account: RingAccountID, at time: Date) -> RingLinkRedirect {
        let milliseconds = String(Int64((time.timeIntervalSince1970 * 1_000).rounded(.down)))
        let nonce = RingLinkNonce.compute(time: milliseconds, accountID: account.rawValue, key: self.key)
        return RingLinkRedirect(nonce: nonce, time: milliseconds)
    }

    /// The URL that Ring sends the browser of an account's user to.
    ///
    /// - Parameters:
    ///   - accountLinkURL: The Account Link URL of the developer portal, with or without a query of its own.
    ///   - account: The account.
    ///   - time: When Ring makes it.
    /// - Throws: `RingError` with code `invalidArgument` when the result is no URL.
    public func redirectURL(to accountLinkURL: URL, for account: RingAccountID, at time: Date) throws -> URL {
        let redirect = self.redirect(for: account, at: time)
        let text = accountLinkURL.absoluteString
        let base = text.prefix { $0 != "#" }
        let mark = base.contains("?") ? "&" : "?"
        guard
            let url = URL(
                string: "\(base)\(mark)nonce=\(redirect.nonce)&time=\(redirect.time)\(text.dropFirst(base.count))")
        else { throw RingError(code: .invalidArgument, message: "the Account Link URL cannot take a query") }
        return url
    }
}
