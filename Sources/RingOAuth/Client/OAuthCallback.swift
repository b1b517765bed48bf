public import RingCore
internal import RingCrypto

/// The result of Ring's authorize page, from the query of the redirect URI.
public enum OAuthCallback: Sendable {
    /// The user agreed. Exchange the code within ten minutes.
    case granted(OAuthAuthorizationCode)
    /// The user, or Ring, refused, with OAuth's error code: `access_denied`. Wire: `error`.
    case refused(error: String)

    /// Checks that a callback belongs to a session.
    ///
    /// - Parameters:
    ///   - parameters: The query's names and values, percent-decoded.
    ///   - state: The ``OAuthAuthorization/state`` that was kept with the user's session.
    /// - Throws: `RingError` with code `invalidState` when the state is missing or differs: the callback belongs to another
    ///   session and must be dropped; `malformedResponse` when there is neither a code nor an error.
    public init(_ parameters: [(name: String, value: String)], state: String) throws {
        func only(_ name: String) -> String? {
            let values = parameters.filter { $0.name == name && !$0.value.isEmpty }
            return values.count == 1 ? values.first?.value : nil
        }
        guard !state.isEmpty, let sent = only("state"), RingConstantTime.areEqual(sent, state) else {
            throw RingError(
                code: .invalidState, message: "the callback's state is not the one of this session; drop it")
        }
        if let code = only("code") {
            self = .granted(OAuthAuthorizationCode(code))
        } else if let error = only("error") {
            self = .refused(error: String(error.prefix(100)))
        } else {
            throw RingError(code: .malformedResponse, message: "the callback has neither a code nor an error")
        }
    }
}

extension RingError.Code {
    /// The callback does not belong to the session that received it.
    public static let invalidState = Self("invalid_state")
}
