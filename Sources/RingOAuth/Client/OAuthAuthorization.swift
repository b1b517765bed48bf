internal import RingCore
public import RingCrypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The beginning of a link by the partner: where to send the user's browser, and what to remember until it comes back.
///
/// OAuth 2.0 with PKCE; by invitation of Ring only. Keep ``state`` and ``pkce`` with the user's session.
public struct OAuthAuthorization: Sendable {
    /// Where Ring's authorize page is. Wire: `https://account.ring.com/…/partner-link/authorize`.
    public static let endpoint = "https://account.ring.com/account/integrations/partner-link/authorize"

    /// Ties the callback to this beginning. Wire: `state`.
    public let state: String
    /// The PKCE pair; its verifier goes with the code. Wire: `code_challenge`, `code_verifier`.
    public let pkce: RingPKCE
    /// Where to send the browser. It holds the state, so it is not for logs.
    public let url: URL

    /// Begins a link.
    ///
    /// - Parameters:
    ///   - clientID: The app's public identifier.
    ///   - redirectURI: Where Ring sends the browser back; must be the registered one to the letter.
    ///   - scope: What is asked for; Ring grants `ava.v1:read` alone.
    ///   - endpoint: The authorize page, for tests.
    /// - Throws: `RingError` with code `misconfigured` when the client id or the redirect is empty, or the endpoint is no
    ///   URL; `RingCryptoError` when the random generator fails.
    public init(
        clientID: String, redirectURI: String, scope: OAuthScope = "ava.v1:read", endpoint: String = Self.endpoint
    ) throws {
        guard !clientID.isEmpty, !redirectURI.isEmpty, let page = URL(string: endpoint), RingURL.isSecure(page) else {
            throw RingError(
                code: .misconfigured, message: "a client id, a redirect URI and an https authorize page are needed")
        }
        self.state = RingBase64URL.encode(try RingSecureRandom.bytes(count: 32))
        self.pkce = try RingPKCE.generate()
        self.url = try RingURL.url(
            page, path: [],
            query: [
                ("client_id", clientID), ("redirect_uri", redirectURI), ("response_type", "code"),
                ("scope", scope.rawValue), ("state", self.state), ("code_challenge", self.pkce.challenge),
                ("code_challenge_method", RingPKCE.method),
            ])
    }
}

extension OAuthAuthorization: CustomStringConvertible, CustomReflectable {
    /// The challenge; neither the state nor the verifier.
    public var description: String { "OAuthAuthorization(challenge: \(self.pkce.challenge))" }
    /// A mirror with the challenge alone.
    public var customMirror: Mirror { Mirror(self, children: ["challenge": self.pkce.challenge]) }
}
