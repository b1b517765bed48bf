public import RingCore

extension RingError.Code {
    /// The store knows no such account.
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
            code: .accountRemoved, message: "the user removed the app from account \(account); it can be linked anew")
    }

    static func relinkRequired(_ account: RingAccountID) -> RingError {
        RingError(
            code: .relinkRequired,
            message: """
                Ring accepts the refresh token of account \(account) no more: the user must remove the app in Ring and \
                connect it again
                """)
    }

    static func noRefreshToken(_ account: RingAccountID) -> RingError {
        RingError(
            code: .unauthorized,
            message: "account \(account) has no refresh token, and its access token is no good; link it again")
    }

    /// Wraps whatever a store threw, so that callers meet one kind of error.
    static func storage(_ error: any Error, _ what: String) -> RingError {
        if let error = error as? RingError { return error }
        return RingError(
            code: .storageFailed, message: "the token store failed while \(what); mend the store and try again",
            cause: error)
    }
}
