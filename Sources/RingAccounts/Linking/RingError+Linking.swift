public import RingCore
internal import RingJSONAPI
internal import RingOAuth

extension RingError.Code {
    /// Ring no longer accepts the authorization code: it is older than 60 seconds, or was used.
    public static let invalidCode = Self("invalid_code")
    /// The link's time is more than ten minutes ago: the user must start again from Ring.
    public static let linkExpired = Self("link_expired")
    /// The link's time is in the future: a clock is wrong, or the link is forged.
    public static let linkFromFuture = Self("link_from_future")
    /// The nonce matches none of the accounts that can be claimed.
    public static let noMatchingAccount = Self("no_matching_account")
    /// Another user of the partner has claimed the account.
    public static let claimedByAnother = Self("claimed_by_another")
}

extension RingError {
    /// Whether the response is Ring's own: a document with errors. A proxy responds with a page, with nothing, or with JSON of
    /// another form, which decides nothing about a link.
    var isOfRing: Bool { self.errors.contains { $0.code != nil || $0.title != nil } }

    static var invalidCode: RingError {
        RingError(
            code: .invalidCode,
            message: """
                Ring does not accept this authorization code: it is older than 60 seconds or was used; have the user start \
                again from Ring
                """, operation: .codeExchange, delivery: .responded)
    }

    static var nonceRefused: RingError {
        RingError(
            code: .invalidNonce, message: "Ring has refused this nonce; have the user start again from Ring")
    }

    static var linkGone: RingError {
        RingError(
            code: .noMatchingAccount,
            message: "the account was removed in the meantime; have the user start again from Ring")
    }

    static var claimedByAnother: RingError {
        RingError(
            code: .claimedByAnother,
            message: "another user has claimed this Ring account; they must unlink it first")
    }
}
