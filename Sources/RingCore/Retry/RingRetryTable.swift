/// What to do about a failure, for each kind of call: the retry matrix of the Ring Partner API, row by row.
///
/// "Ambiguous" is a request that was sent and got no whole answer. What needs more than repeating the same request – a
/// new offer, a fresh pre-signed URL, a check by PATCH – is left to the feature, so those rows say ``Answer/no`` here.
public enum RingRetryTable: Sendable {
    /// Whether the same request may be sent again.
    public enum Answer: Hashable, Sendable {
        /// As often as the attempts allow.
        case yes
        /// One more time.
        case once
        /// Never by itself.
        case no
    }

    /// One row of the matrix.
    public struct Row: Hashable, Sendable {
        /// 401 (and 403 of `users/me`): refresh the token once and repeat.
        public var refreshesToken: Bool
        /// 429.
        public var rateLimited: Answer
        /// 500, 502, 503, 504.
        public var serverFailure: Answer
        /// The request surely did not reach the server.
        public var notSent: Answer
        /// Sent, no whole answer.
        public var ambiguous: Answer
    }

    /// The row of a kind of call.
    public static func row(_ kind: RingOperation.Kind) -> Row {
        switch kind {
        //                          401    429   5xx    not sent  ambiguous
        case .get: return row(true, .yes, .yes, .yes, .yes)
        case .mediaRequest: return row(true, .yes, .yes, .yes, .yes)
        case .presignedGet: return row(false, .yes, .yes, .yes, .no)  // the feature restarts at step one
        case .confirmLink: return row(true, .yes, .yes, .yes, .yes)  // the feature checks "Invalid Nonce" by PATCH
        case .updateLink: return row(true, .yes, .yes, .yes, .yes)
        case .removeLink: return row(true, .yes, .yes, .yes, .yes)  // 404 afterwards is done
        case .startLive: return row(true, .yes, .no, .no, .no)  // at most once, with a new offer: the feature's
        case .updateLive: return row(true, .yes, .no, .no, .no)
        case .endLive: return row(true, .no, .once, .once, .no)  // ambiguous is ignored
        case .playChime: return row(true, .yes, .no, .no, .no)  // audible
        case .tokenRefresh: return row(false, .yes, .no, .yes, .no)
        case .codeExchange: return row(false, .no, .no, .no, .no)
        }
    }

    private static func row(
        _ refreshesToken: Bool, _ rateLimited: Answer, _ serverFailure: Answer, _ notSent: Answer, _ ambiguous: Answer
    ) -> Row {
        Row(
            refreshesToken: refreshesToken, rateLimited: rateLimited, serverFailure: serverFailure, notSent: notSent,
            ambiguous: ambiguous)
    }
}
