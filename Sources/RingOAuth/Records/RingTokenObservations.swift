public import RingCore

/// A new pair of tokens of an account was stored.
package struct RingTokensRefreshed: RingObservation {
    /// `tokens.refreshed`.
    package static let name = "tokens.refreshed"
    /// The account.
    package var account: RingAccountID
    /// Why: `expiry`, `refused`, `idle`, `forced`.
    package var reason: String

    /// The account and the reason.
    package var attributes: [(key: String, value: String)] {
        [("account", self.account.rawValue), ("reason", self.reason)]
    }
}

/// A refresh obtained no pair. Calls continue while the old access token is valid.
package struct RingTokenRefreshFailed: RingObservation {
    /// `tokens.refresh_failed`.
    package static let name = "tokens.refresh_failed"
    /// The account.
    package var account: RingAccountID
    /// The error's code.
    package var code: RingError.Code

    /// Worth a warning.
    package var level: RingObservationLevel { .warning }
    /// The account and the code.
    package var attributes: [(key: String, value: String)] {
        [("account", self.account.rawValue), ("code", self.code.rawValue)]
    }
}

/// An account's state changed.
public struct RingAccountStateChanged: RingObservation {
    /// `tokens.state_changed`.
    public static let name = "tokens.state_changed"
    /// The account.
    public var account: RingAccountID
    /// The state before; `nil` for a new account.
    public var from: RingAccountState?
    /// The state now.
    public var to: RingAccountState

    /// Creates the event.
    package init(account: RingAccountID, from: RingAccountState?, to: RingAccountState) {
        self.account = account
        self.from = from
        self.to = to
    }

    /// A warning for `uncertain`, an error for `relinkRequired`, information for the rest.
    public var level: RingObservationLevel {
        switch self.to {
        case .uncertain: .warning
        case .relinkRequired: .error
        default: .info
        }
    }
    /// The account and both states.
    public var attributes: [(key: String, value: String)] {
        [("account", self.account.rawValue), ("from", self.from?.rawValue ?? ""), ("to", self.to.rawValue)]
    }
}

/// A refresh token expires soon because its refreshes keep failing.
public struct RingRefreshTokenEnding: RingObservation {
    /// `tokens.refresh_token_ending`.
    public static let name = "tokens.refresh_token_ending"
    /// The account.
    public var account: RingAccountID
    /// The number of full days until it expires.
    public var daysLeft: Int

    /// Two days or fewer are an error.
    public var level: RingObservationLevel { self.daysLeft <= 2 ? .error : .warning }
    /// The account and the days.
    public var attributes: [(key: String, value: String)] {
        [("account", self.account.rawValue), ("days_left", String(self.daysLeft))]
    }
}

/// Tokens are stored unencrypted, because no sealing key is configured. Reported once for each store that is opened.
package struct RingTokensUnsealed: RingObservation {
    /// `tokens.unsealed`.
    package static let name = "tokens.unsealed"
    /// The store.
    package var store: String

    /// Worth a warning.
    package var level: RingObservationLevel { .warning }
    /// The store, and what to do.
    package var attributes: [(key: String, value: String)] {
        [("store", self.store), ("advice", "set RING_SEALING_KEYS; make a key with: openssl rand -base64 32")]
    }
}
