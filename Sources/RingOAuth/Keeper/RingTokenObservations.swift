public import RingCore

/// An account has a new pair of tokens, on the disk.
public struct RingTokensRefreshed: RingObservation {
    /// `tokens.refreshed`.
    public static let name = "tokens.refreshed"
    /// The account.
    public var account: RingAccountID
    /// Why: `expiry`, `refused`, `idle`, `forced`.
    public var reason: String

    /// The account and the reason.
    public var attributes: [(key: String, value: String)] {
        [("account", self.account.rawValue), ("reason", self.reason)]
    }
}

/// A refresh brought no pair. Calls go on while the old access token lives.
public struct RingTokenRefreshFailed: RingObservation {
    /// `tokens.refresh_failed`.
    public static let name = "tokens.refresh_failed"
    /// The account.
    public var account: RingAccountID
    /// The error's code.
    public var code: RingError.Code

    /// Worth a warning.
    public var level: RingObservationLevel { .warning }
    /// The account and the code.
    public var attributes: [(key: String, value: String)] {
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
    public init(account: RingAccountID, from: RingAccountState?, to: RingAccountState) {
        self.account = account
        self.from = from
        self.to = to
    }

    /// Trouble is worth a warning, a lost account an error, the rest a line.
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

/// A refresh token nears its end because its refreshes keep failing.
public struct RingRefreshTokenEnding: RingObservation {
    /// `tokens.refresh_token_ending`.
    public static let name = "tokens.refresh_token_ending"
    /// The account.
    public var account: RingAccountID
    /// The whole days left.
    public var daysLeft: Int

    /// Two days or fewer are an error.
    public var level: RingObservationLevel { self.daysLeft <= 2 ? .error : .warning }
    /// The account and the days.
    public var attributes: [(key: String, value: String)] {
        [("account", self.account.rawValue), ("days_left", String(self.daysLeft))]
    }
}

/// Tokens are stored as they are, because no sealing key is configured. Reported once for each store that is opened.
public struct RingTokensUnsealed: RingObservation {
    /// `tokens.unsealed`.
    public static let name = "tokens.unsealed"
    /// The store.
    public var store: String

    /// Creates the event.
    public init(store: String) { self.store = store }

    /// Worth a warning.
    public var level: RingObservationLevel { .warning }
    /// The store, and what to do.
    public var attributes: [(key: String, value: String)] {
        [("store", self.store), ("advice", "set RING_SEALING_KEYS; make a key with: openssl rand -base64 32")]
    }
}
