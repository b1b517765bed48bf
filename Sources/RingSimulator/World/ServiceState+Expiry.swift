internal import RingCore

/// Forgets what nobody can use any more, so that a long run does not grow.
extension ServiceState {
    /// When to look next.
    struct Expiry {
        /// How many entries there may be before the next look.
        var threshold = 2000
        /// Events since the history of all devices was last counted.
        var newEvents = 0
    }

    /// How many events all devices have together.
    private static let maximumEventCount = 200_000

    /// How many access tokens and used refresh tokens of one account are kept; fewer with many accounts.
    private static let maximumTokenCount = 3500

    /// Forgets the older half of every device's events, when all of them are too many.
    mutating func boundHistory() {
        self.expiry.newEvents += 1
        guard self.expiry.newEvents >= Self.maximumEventCount / 20 else { return }
        self.expiry.newEvents = 0
        guard self.history.values.reduce(0, { $0 + $1.count }) > Self.maximumEventCount else { return }
        self.history = self.history.mapValues { Array($0.suffix(($0.count + 1) / 2)) }
    }

    /// Forgets codes, tokens, links, sessions and nonces that ended more than an hour ago, and the oldest of many tokens,
    /// when there are many.
    mutating func forgetExpired() {
        let count =
            self.codes.count + self.accessTokens.count + self.refreshTokens.count + self.tickets.count
            + self.sessions.count + self.usedNonces.count
        guard count > self.expiry.threshold else { return }
        let past = self.now - 3_600_000
        self.codes = self.codes.filter { $0.value.expires > past }
        self.accessTokens = self.newest(self.accessTokens, isReplaced: { _ in true }) { $0.expires > past }
        self.refreshTokens = self.newest(self.refreshTokens, isReplaced: { $0.usedAt != nil }) { token in
            self.end(of: token) > past && (token.usedAt ?? self.now) > past
        }
        self.tickets = self.tickets.filter { $0.value.expires > past }
        self.sessions = self.sessions.filter { $0.value.ends > past }
        self.redirects = self.redirects.mapValues { redirects in
            redirects.filter { $0.time > self.now - Int64(self.switches.limit(.nonceSeconds)) * 1000 - 3_600_000 }
        }
        let known = Set(self.redirects.values.joined().map(\.nonce))
        self.usedNonces = self.usedNonces.filter(known.contains)
        let left =
            self.codes.count + self.accessTokens.count + self.refreshTokens.count + self.tickets.count
            + self.sessions.count + self.usedNonces.count
        self.expiry.threshold = max(2000, left * 2)
    }

    /// The tokens that match, without the oldest of an account that has many, so that an hour of refreshes does not grow.
    ///
    /// - Parameter isReplaced: Whether a token is one of those that newer ones push out.
    private func newest(
        _ tokens: BoundedTable<Token>, isReplaced: (Token) -> Bool, where matches: (Token) -> Bool
    ) -> BoundedTable<Token> {
        let share = min(Self.maximumTokenCount, max(20, 20 * Self.maximumTokenCount / max(1, self.accounts.count)))
        var surplus: [RingAccountID: Int] = [:]
        for (_, token) in tokens.ordered where matches(token) && isReplaced(token) {
            surplus[token.account, default: -share] += 1
        }
        return tokens.filter { entry in
            guard matches(entry.value) else { return false }
            guard isReplaced(entry.value), let count = surplus[entry.value.account], count > 0 else { return true }
            surplus[entry.value.account] = count - 1
            return false
        }
    }
}
