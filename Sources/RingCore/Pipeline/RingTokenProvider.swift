/// Where bearers come from: a token keeper with refresh, or a fixed token.
public protocol RingTokenProvider: Sendable {
    /// The bearer for the next request when it is there already; `nil` when it has to be waited for.
    func readyToken() -> RingAccessToken?

    /// A bearer that is good for the next request.
    ///
    /// - Throws: `RingError` with ``RingError/Code/relinkRequired`` when only the user can mend it; other codes when
    ///   no bearer can be had now; `CancellationError` when this caller is cancelled.
    func accessToken() async throws -> RingAccessToken

    /// Another bearer, after Ring refused one.
    ///
    /// - Parameter refused: The access token that was refused with 401 (or 403 by `users/me`). When it is not the present
    ///   one any more, the present one is the answer and nothing is refreshed.
    /// - Throws: As ``accessToken()``; `RingError` with ``RingError/Code/unauthorized`` when there is no other.
    func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken
}

extension RingTokenProvider {
    /// Always to be waited for.
    public func readyToken() -> RingAccessToken? { nil }
}

/// A bearer that is used as it is and never refreshed: a Developer Playground token, or a test's.
public struct RingFixedToken: RingTokenProvider {
    private let token: RingAccessToken

    /// Wraps a bearer.
    public init(_ token: RingAccessToken) { self.token = token }

    /// The bearer.
    public func readyToken() -> RingAccessToken? { self.token }

    /// The bearer.
    ///
    /// - Throws: Nothing; the protocol lets other providers throw.
    public func accessToken() async throws -> RingAccessToken { self.token }

    /// There is no other bearer.
    ///
    /// - Throws: `RingError` with ``RingError/Code/unauthorized``, always.
    public func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken {
        throw RingError(
            code: .unauthorized,
            message: "Ring refused the fixed access token; get a new one, or link the account for tokens that refresh")
    }
}
