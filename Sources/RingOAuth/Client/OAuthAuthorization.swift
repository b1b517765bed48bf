internal import RingCore
internal import RingCrypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The start of a partner-initiated link: the page to send the user's browser to, and what to keep until the callback.
///
/// OAuth 2.0 with PKCE; only for apps that Ring has invited. Keep ``state`` and ``verifier`` with the user's session.
public struct OAuthAuthorization: Sendable {
    /// Ties the callback to this session. Wire: `state`.
    public let state: String
    /// Proves that the callback's code is exchanged by the app that started the link. Wire: `code_verifier`.
    public let verifier: OAuthCodeVerifier
    /// Where to send the browser. It contains the state, so do not log it.
    public let url: URL
    /// Wire: `code_challenge`.
    package let challenge: String

    /// Starts a link.
    ///
    /// - Parameters:
    ///   - clientID: The app's public identifier.
    ///   - redirectURI: Where Ring sends the browser back; must be exactly the registered one.
    ///   - scope: The requested permissions; Ring grants `ava.v1:read` only.
    ///   - endpoint: Ring's authorize page; another one only in tests.
    /// - Throws: `RingError` with code `misconfigured` when the client id or the redirect URI is empty, or the endpoint is not
    ///   an https URL; `RingCryptoError` when the random generator fails.
    public init(
        clientID: String, redirectURI: String, scope: String = "ava.v1:read",
        endpoint: String = "https://account.ring.com/account/integrations/partner-link/authorize"
    ) throws {
        guard !clientID.isEmpty, !redirectURI.isEmpty, let page = URL(string: endpoint), RingURL.isSecure(page) else {
            throw RingError(
                code: .misconfigured,
                message: "the link was not started: a client id, a redirect URI and an https authorize page are needed")
        }
        let pair = try RingPKCE.generate()
        self.state = RingBase64URL.encode(try RingSecureRandom.bytes(count: 32))
        self.verifier = OAuthCodeVerifier(pair.verifier)
        self.challenge = pair.challenge
        self.url = try RingURL.url(
            page, path: [],
            query: [
                ("client_id", clientID), ("redirect_uri", redirectURI), ("response_type", "code"), ("scope", scope),
                ("state", self.state), ("code_challenge", pair.challenge), ("code_challenge_method", RingPKCE.method),
            ])
    }
}

extension OAuthAuthorization: CustomStringConvertible, CustomReflectable {
    /// The challenge; neither the state nor the verifier.
    public var description: String { "OAuthAuthorization(challenge: \(self.challenge))" }
    /// A mirror with the challenge only.
    public var customMirror: Mirror { Mirror(self, children: ["challenge": self.challenge]) }
}
