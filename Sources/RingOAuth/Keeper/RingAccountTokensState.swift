internal import RingCore

/// What this process knows of the tokens of one account.
///
/// Transitions without I/O: ``RingAccountTokens`` holds this value in its lock and does what a transition returns.
struct RingAccountTokensState: Sendable {
    private var known: RingKnownToken?
    /// Ring refused the known token, and no other can be obtained.
    private(set) var isRefused = false
    /// A pair that was obtained and is not stored yet: the only copy. It is dropped only when it was stored, or when the
    /// record has a younger pair.
    private(set) var unsaved: RingUnsavedPair?
    /// The process is about to end: a refresh that only waits for another process stops waiting.
    var isSettling = false
    /// Failed refreshes in a row, and the uptime at which the next background refresh may start.
    private var failures = 0
    private var nextBackgroundRefresh = Duration.zero
    /// Refreshes because of refused tokens in the present period, and its start.
    private var refusals = 0
    private var refusalsSince: Duration?

    // MARK: The known token

    /// What a caller gets without waiting.
    enum Ready: Sendable {
        case token(RingAccessToken)
        /// The token is valid, and a background refresh is due.
        case tokenToRefresh(RingAccessToken)
        case nothing
    }

    @inline(__always)
    func ready(advisory: Duration, mandatory: Duration, at now: Duration) -> Ready {
        guard !self.isRefused, let known = self.known else { return .nothing }
        let left = known.remaining(at: now)
        if left > known.margin(advisory) { return .token(known.token) }
        return left > known.margin(mandatory) ? .tokenToRefresh(known.token) : .nothing
    }

    /// The known token, unless Ring has refused it.
    var usable: RingKnownToken? { self.isRefused ? nil : self.known }

    /// The known token when it meets a need, even if Ring has refused it.
    func known(meeting need: RingTokenNeed, _ clock: any RingClock) -> RingKnownToken? {
        self.known.flatMap { need.isMet(by: $0, clock) ? $0 : nil }
    }

    /// Takes the access token of a stored record.
    ///
    /// - Parameter new: The token; `nil` when the record has none.
    /// - Returns: The token that is known now.
    mutating func learn(_ new: RingKnownToken?) -> RingKnownToken? {
        if let known, let new, known.token.isSame(as: new.token) {
            // The same token: its end was measured when it was first seen.
            self.known?.generation = new.generation
            return self.known
        }
        self.known = new
        self.isRefused = false
        return new
    }

    /// The token that was last learned from a record.
    var last: RingKnownToken? { self.known }

    /// Forgets the access token, such as after the account was removed. A pair that is not stored yet stays.
    mutating func forget() {
        self.known = nil
        self.isRefused = false
    }

    /// Notes that Ring refused a token and that no other can be obtained. A report about an older token is ignored.
    mutating func refuse(_ token: RingAccessToken) { self.isRefused = self.known?.token.isSame(as: token) ?? true }

    /// Counts a refresh because of a refused token, so that a service which responds 401 to everything does not turn every
    /// call into a refresh.
    ///
    /// - Parameter isShared: A refresh is under way, which this caller shares: it does not count.
    /// - Returns: `false` when there were more than eight within a minute.
    mutating func countRefusal(at now: Duration, isShared: Bool) -> Bool {
        if self.refusalsSince.map({ now - $0 > .seconds(60) }) ?? true {
            (self.refusals, self.refusalsSince) = (0, now)
        }
        if !isShared { self.refusals += 1 }
        return self.refusals <= 8
    }

    // MARK: The pair that is not stored yet

    mutating func keep(_ pair: RingUnsavedPair) { self.unsaved = pair }

    /// Drops a pair that was stored or superseded. Another refresh may have obtained another pair meanwhile, which stays.
    mutating func drop(_ pair: RingUnsavedPair) {
        if self.unsaved === pair { self.unsaved = nil }
    }

    // MARK: The refresh

    /// Whether the store should be looked at first, because nothing is known of the account yet.
    var isNew: Bool { self.known == nil && !self.isRefused && self.unsaved == nil }

    /// Whether a refresh that no caller waits for may start: not a moment after one that failed.
    func mayRefreshInBackground(at now: Duration) -> Bool { now >= self.nextBackgroundRefresh }

    /// Takes note of the end of a refresh. A failure is not kept; it only delays refreshes that no caller waits for.
    ///
    /// - Parameter pause: The delay after a number of failures in a row.
    mutating func endRefresh(succeeded: Bool, at now: Duration, pause: (Int) -> Duration) {
        if succeeded {
            self.failures = 0
        } else {
            self.failures += 1
            self.nextBackgroundRefresh = now + pause(self.failures)
        }
    }
}
