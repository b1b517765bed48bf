public import RingCore

extension RingError.Code {
    /// The link's time is more than ten minutes ago: the user must start again from Ring.
    public static let linkExpired = Self("link_expired")
    /// The link's time is in the future: a clock is wrong, or somebody made it up.
    public static let linkFromFuture = Self("link_from_future")
    /// No account that waits to be claimed fits the nonce.
    public static let noMatchingAccount = Self("no_matching_account")
    /// Another user of the partner has claimed the account.
    public static let claimedByAnother = Self("claimed_by_another")
}

extension RingError {
    static func linking(_ code: Code, _ message: String) -> RingError { RingError(code: code, message: message) }
}
