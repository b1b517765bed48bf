internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Why a caller needs a token: decides whether the stored pair is sufficient, and the priority of a refresh.
enum RingTokenNeed: Sendable {
    /// A token that is valid for longer than this.
    case lasting(Duration)
    /// A valid token other than the one Ring refused.
    case other(than: RingAccessToken)
    /// A pair younger than a generation: demanded by a caller, or due because the account is idle.
    case newer(than: Int64, isForced: Bool)

    func isMet(by token: RingKnownToken, _ clock: any RingClock) -> Bool {
        switch self {
        case .lasting(let margin): token.remaining(clock) > token.margin(margin)
        case .other(let refused): !token.token.isSame(as: refused) && token.remaining(clock) > .zero
        case .newer(let generation, _): token.generation > generation
        }
    }

    /// Whether a refresh token that Ring has refused is sent again: by a call when it is due, and never for an idle account.
    var refusedToken: RingTokenRecord.RefusedToken {
        switch self {
        case .lasting, .other: .afterPause
        case .newer(_, let isForced): isForced ? .always : .never
        }
    }

    var priority: RingPriority {
        if case .newer(_, false) = self { .background } else { .interactive }
    }

    /// The reason that observers get.
    var reason: String {
        switch self {
        case .lasting: "expiry"
        case .other: "refused"
        case .newer(_, let isForced): isForced ? "forced" : "idle"
        }
    }
}

/// The access token that this process knows of an account. The refresh token stays in the store.
///
/// Its remaining time is measured by the monotonic clock from the moment the process learned of it, so that a step of the wall
/// clock does not change it.
struct RingKnownToken: Sendable {
    var token: RingAccessToken
    var generation: Int64
    /// The reading of the monotonic clock at which it expires.
    private var endsAt: Duration
    /// Half of its lifetime.
    private var halfLife: Duration

    /// How far in the future a stored moment may be, in seconds, before one of the clocks counts as wrong.
    private static let tolerance = 600.0

    init?(_ record: RingTokenRecord, clock: any RingClock) {
        guard let tokens = record.tokens, let token = tokens.accessToken else { return nil }
        self.token = token
        self.generation = record.generation
        let lifetime = max(0, tokens.accessExpiresAt.timeIntervalSince(tokens.issuedAt))
        self.halfLife = .seconds(lifetime / 2)
        let age = clock.now().timeIntervalSince(tokens.issuedAt)
        // A token from the future: its age is not known. It is used, and a refresh is due.
        let left = age < -Self.tolerance ? min(lifetime / 2, 120) : min(lifetime - age, lifetime)
        self.endsAt = clock.uptime() + .seconds(left)
    }

    /// The time until it expires.
    func remaining(_ clock: any RingClock) -> Duration { self.remaining(at: clock.uptime()) }

    /// The time until it expires, at a reading of the monotonic clock.
    func remaining(at now: Duration) -> Duration { self.endsAt - now }

    /// A margin before the token expires, at most half of its lifetime: a token with a lifetime shorter than the margin would
    /// otherwise be refreshed at every call.
    func margin(_ margin: Duration) -> Duration { min(margin, self.halfLife) }
}
