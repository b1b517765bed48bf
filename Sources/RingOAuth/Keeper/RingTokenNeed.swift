internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a caller wants of a refresh: decides whether the stored pair will do, and how urgent another one is.
enum RingTokenNeed: Sendable {
    /// A token with more than this left.
    case lasting(Duration)
    /// Another token than the one Ring refused.
    case other(than: RingAccessToken)
    /// A pair younger than a generation: forced by somebody, or due because the account is idle.
    case newer(than: Int64, isForced: Bool)

    func isMet(by token: RingKnownToken, now: Date) -> Bool {
        switch self {
        case .lasting(let margin): token.expiresAt > now + token.margin(margin)
        case .other(let refused): !token.token.isSame(as: refused) && token.expiresAt > now
        case .newer(let generation, _): token.generation > generation
        }
    }

    /// Also for an account that needs a new link.
    var isForced: Bool {
        if case .newer(_, true) = self { true } else { false }
    }

    var priority: RingPriority {
        if case .newer(_, false) = self { .background } else { .interactive }
    }

    /// The word observers get.
    var reason: String {
        switch self {
        case .lasting: "expiry"
        case .other: "refused"
        case .newer(_, let isForced): isForced ? "forced" : "idle"
        }
    }
}

/// The access token a process knows of an account. The refresh token stays in the store.
struct RingKnownToken: Sendable {
    var token: RingAccessToken
    var expiresAt: Date
    var generation: Int64
    /// Half of the time it was issued for.
    private var halfLife: TimeInterval

    init?(_ record: RingTokenRecord) {
        guard let tokens = record.tokens, let token = tokens.accessToken else { return nil }
        self.token = token
        self.expiresAt = tokens.accessExpiresAt
        self.generation = record.generation
        self.halfLife = max(0, tokens.accessExpiresAt.timeIntervalSince(tokens.issuedAt) / 2)
    }

    /// A margin before the token's end, at most half of its life: a token that was issued for less than the margin would
    /// otherwise be refreshed at every call.
    func margin(_ margin: Duration) -> TimeInterval { min(margin.seconds, self.halfLife) }
}
