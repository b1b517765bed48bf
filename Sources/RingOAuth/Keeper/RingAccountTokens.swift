public import RingCore
internal import Synchronization

/// The access tokens of one account: fresh ones at once, new ones by one refresh that everybody shares.
///
/// Get it from ``RingTokenKeeper/tokens(for:)``; it is what the authorize middleware asks.
public final class RingAccountTokens: RingTokenProvider {
    /// The account.
    public let account: RingAccountID
    let parts: RingKeeperParts
    let state = Mutex(State())

    struct State: Sendable {
        var known: RingKnownToken?
        /// Ring refused the known token, and no other can be had.
        var isRefused = false
        /// A pair that was obtained and could not be stored yet: the only copy there is. Nothing but a commit, or a record
        /// that has a younger pair, clears it.
        var unsaved: RingUnsavedPair?
        /// The refresh under way, with the callers that wait for it.
        var isFlying = false
        /// The refresh only waits for another process; nothing is lost when it ends.
        var isWaiting = false
        var waiters = RingWaiters()
        /// Those who wait for the refresh to be over, whatever it brings.
        var settling: [CheckedContinuation<Void, Never>] = []
        /// The process is about to end: whoever only waits stops waiting.
        var isSettling = false
        /// Failed refreshes that nobody waited for, in a row, and the uptime at which the next may start.
        var advisoryFailures = 0
        var nextAdvisory = Duration.zero
        /// Refreshes because of refusals, lately.
        var refusals = 0
        var refusalsSince: Duration?
    }

    init(account: RingAccountID, parts: RingKeeperParts) {
        self.account = account
        self.parts = parts
    }

    private enum Decision {
        case use(RingAccessToken)
        case useAndRefresh(RingAccessToken)
        case wait
    }

    /// A bearer that is good for the next request.
    ///
    /// At once while more than the mandatory margin is left; a refresh then runs behind the caller's back from the
    /// advisory margin on. Later the caller waits, and a failed refresh still gives the old token while it lives.
    ///
    /// - Throws: `RingError` with code `relinkRequired` when only the user can mend it, `accountUnknown`,
    ///   `accountRemoved`, `storageFailed`, or why no token can be had now; `CancellationError`.
    public func accessToken() async throws -> RingAccessToken {
        if let token = self.readyToken() { return token }
        return try await self.awaitedToken()
    }

    /// The bearer when this process knows one that is good; late in its life it is refreshed behind the caller.
    public func readyToken() -> RingAccessToken? {
        switch self.decide() {
        case .use(let token): return token
        case .useAndRefresh(let token):
            self.startAdvisory()
            return token
        case .wait: return nil
        }
    }

    private func decide() -> Decision {
        let (policy, clock) = (self.parts.policy, self.parts.environment.clock)
        return self.state.withLock { state in
            guard let known = state.known, !state.isRefused else { return .wait }
            let left = known.remaining(clock)
            if left > known.margin(policy.advisoryMargin) { return .use(known.token) }
            return left > known.margin(policy.mandatoryMargin) ? .useAndRefresh(known.token) : .wait
        }
    }

    private func awaitedToken() async throws -> RingAccessToken {
        let clock = self.parts.environment.clock
        do {
            let need = RingTokenNeed.lasting(self.parts.policy.mandatoryMargin)
            let known =
                switch await self.look(need) {
                case .found(let known): known
                case .flightNeeded: try await self.join(need, isOurs: true)
                case .notOurs: try await self.join(need)
                }
            if known.remaining(clock) <= known.margin(self.parts.policy.advisoryMargin) { self.startAdvisory() }
            return known.token
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // A failed refresh never fails a call while the old token still lives.
            let living = self.state.withLock { $0.isRefused ? nil : $0.known }
            guard let living, living.remaining(clock) > .zero else { throw error }
            return living.token
        }
    }

    /// Another bearer, after Ring refused one.
    ///
    /// - Throws: As ``accessToken()``; `RingError` with code `unauthorized` when Ring refuses new tokens as well.
    public func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken {
        // A flight that began for another reason may bring the refused token; the next one is then ours.
        let clock = self.parts.environment.clock
        for _ in 0..<4 {
            let need = RingTokenNeed.other(than: refused)
            if let known = self.state.withLock({ $0.known }), need.isMet(by: known, clock) { return known.token }
            try self.countRefusal()
            do {
                let known = try await self.join(need)
                if need.isMet(by: known, clock) { return known.token }
            } catch let error as RingError where error.code == .relinkRequired || error.code == .accountRemoved {
                self.state.withLock { $0.isRefused = $0.known?.token.isSame(as: refused) ?? true }
                throw error
            }
        }
        throw Self.refusedAnew
    }

    /// Keeps a service that answers 401 to everything from making every call a refresh.
    private func countRefusal() throws {
        let now = self.parts.environment.clock.uptime()
        let isTooMany = self.state.withLock { state in
            if state.refusalsSince.map({ now - $0 > .seconds(60) }) ?? true {
                (state.refusals, state.refusalsSince) = (0, now)
            }
            // Those who will share a flight count as one.
            if !state.isFlying { state.refusals += 1 }
            return state.refusals > 8
        }
        if isTooMany { throw Self.refusedAnew }
    }

    private static var refusedAnew: RingError {
        RingError(
            code: .unauthorized,
            message: "Ring refuses access tokens that it has just issued; it is not the token that is wrong")
    }

    /// A new pair although the present one may be good.
    ///
    /// - Parameter isForced: Somebody asked for it, so an account that needs a new link is tried as well.
    func renewed(isForced: Bool) async throws -> RingKnownToken {
        guard let record = try await self.parts.header(for: self.account) else {
            throw RingError.accountUnknown(self.account)
        }
        let need = RingTokenNeed.newer(than: record.generation, isForced: isForced)
        for _ in 0..<4 {
            let known = try await self.join(need)
            if need.isMet(by: known, self.parts.environment.clock) { return known }
        }
        throw RingError(code: .timedOut, message: "account \(self.account) is busy with other refreshes; try again")
    }

    /// Forgets the access token this process knows, as after the account was removed. A pair that is not stored yet stays.
    func forget() {
        self.state.withLock { state in
            state.known = nil
            state.isRefused = false
        }
    }
}
