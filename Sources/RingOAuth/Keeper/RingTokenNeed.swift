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

    func isMet(by token: RingKnownToken, _ clock: any RingClock) -> Bool {
        switch self {
        case .lasting(let margin): token.remaining(clock) > token.margin(margin)
        case .other(let refused): !token.token.isSame(as: refused) && token.remaining(clock) > .zero
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
///
/// How long it lasts is measured by the monotonic clock from the moment the process learned of it, so that no step of the
/// wall clock shortens or lengthens its life.
struct RingKnownToken: Sendable {
    var token: RingAccessToken
    var generation: Int64
    /// The reading of the monotonic clock at which it ends.
    private var endsAt: Duration
    /// Half of the time it was issued for.
    private var halfLife: Duration

    /// How far a stored moment may lie ahead before the clock that wrote it, or the present one, counts as wrong.
    private static let tolerance = 600.0

    init?(_ record: RingTokenRecord, clock: any RingClock) {
        guard let tokens = record.tokens, let token = tokens.accessToken else { return nil }
        self.token = token
        self.generation = record.generation
        let lifetime = max(0, tokens.accessExpiresAt.timeIntervalSince(tokens.issuedAt))
        self.halfLife = .seconds(lifetime / 2)
        let age = clock.now().timeIntervalSince(tokens.issuedAt)
        // A token from the future: nobody can tell how old it is. It is used, and a refresh is due.
        let left = age < -Self.tolerance ? min(lifetime / 2, 120) : min(lifetime - age, lifetime)
        self.endsAt = clock.uptime() + .seconds(left)
    }

    /// The time left.
    func remaining(_ clock: any RingClock) -> Duration { self.endsAt - clock.uptime() }

    /// A margin before the token's end, at most half of its life: a token that was issued for less than the margin would
    /// otherwise be refreshed at every call.
    func margin(_ margin: Duration) -> Duration { min(margin, self.halfLife) }
}
