/// Provides access tokens: a token keeper that refreshes them, or a fixed token.
///
/// Its functions have to end soon when their task is cancelled. The deadline of a call is kept by a cancellation, and the call
/// does not return before them.
public protocol RingTokenProvider: Sendable {
    /// The access token for the next request if no wait is necessary; `nil` otherwise.
    func readyToken() -> RingAccessToken?

    /// An access token that is valid for the next request.
    ///
    /// - Throws: `RingError` with ``RingError/Code/relinkRequired`` when the user has to link the account again; other codes
    ///   when no access token is available now; `CancellationError` when this caller is cancelled.
    func accessToken() async throws -> RingAccessToken

    /// Another access token, after Ring refused one.
    ///
    /// - Parameter refused: The access token that was refused with 401 (or 403 by `users/me`). When it is no longer the
    ///   current one, the current one is returned and nothing is refreshed.
    /// - Throws: As ``accessToken()``; `RingError` with ``RingError/Code/unauthorized`` when there is no other.
    func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken
}

extension RingTokenProvider {
    /// No access token is available without a wait.
    public func readyToken() -> RingAccessToken? { nil }
}

/// An access token that is never refreshed: a Developer Playground token, or a test's.
public struct RingFixedToken: RingTokenProvider {
    private let token: RingAccessToken

    /// Wraps an access token.
    public init(_ token: RingAccessToken) { self.token = token }

    /// The access token.
    public func readyToken() -> RingAccessToken? { self.token }

    /// The access token.
    ///
    /// - Throws: Nothing; the protocol lets other providers throw.
    public func accessToken() async throws -> RingAccessToken { self.token }

    /// There is no other access token.
    ///
    /// - Throws: `RingError` with ``RingError/Code/unauthorized``, always.
    public func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken {
        throw RingError(
            code: .unauthorized,
            message: "Ring refused the fixed access token; get a new one, or link the account for tokens that refresh")
    }
}
