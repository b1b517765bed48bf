public import RingCore

extension RingError.Code {
    /// The store has no such account.
    public static let accountUnknown = Self("account_unknown")
    /// The user removed the app; its tokens are erased.
    public static let accountRemoved = Self("account_removed")
}

extension RingError {
    package static func accountUnknown(_ account: RingAccountID) -> RingError {
        RingError(
            code: .accountUnknown,
            message: "the token store has no account \(account); link it, or check which store is used")
    }

    static func accountRemoved(_ account: RingAccountID) -> RingError {
        RingError(
            code: .accountRemoved, message: "the user removed the app from account \(account); it can be linked again")
    }

    static func relinkRequired(_ account: RingAccountID) -> RingError {
        RingError(
            code: .relinkRequired,
            message: """
                Ring no longer accepts the refresh token of account \(account): the user must remove the app in the Ring app \
                and connect it again
                """)
    }

    static func noRefreshToken(_ account: RingAccountID) -> RingError {
        RingError(
            code: .unauthorized,
            message: "account \(account) has no refresh token, and its access token is not valid; link it again")
    }

    /// Wraps the error of a storage engine, unless it is a `RingError` already.
    static func storage(_ error: any Error, _ what: String) -> RingError {
        if let error = error as? RingError { return error }
        return RingError(
            code: .storageFailed, message: "the token store failed while \(what); repair the store and try again",
            cause: error)
    }

    /// The token endpoint does not know this client, or the request can never succeed.
    package static func misconfigured(_ refusal: OAuthRefusal, _ operation: RingOperation = .tokenRefresh) -> RingError
    {
        let isClient = refusal.error.contains("client")
        return RingError(
            code: isClient ? .invalidClient : .badRequest,
            message: isClient
                ? "Ring does not know this client (\(refusal.error)): check the client id and the client secret"
                : "the token endpoint refused the request (\(refusal.error)): check the app's configuration at Ring",
            operation: operation, status: refusal.status, requestID: refusal.requestID, delivery: .responded)
    }
}
