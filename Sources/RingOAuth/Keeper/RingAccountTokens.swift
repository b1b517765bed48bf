public import RingCore
internal import Synchronization

/// The access tokens of one account: a valid one at once, a new one by a refresh that all callers share.
///
/// ``RingTokenKeeper/tokens(for:)`` gives one value for each account; a pipeline's authorization uses it.
public final class RingAccountTokens: RingTokenProvider {
    let account: RingAccountID
    private let context: RingKeeperContext
    private let state = Mutex(RingAccountTokensState())
    /// The refresh under way, with the callers that wait for it.
    private let refresh = RingSingleFlight<RingKnownToken>()

    init(account: RingAccountID, context: RingKeeperContext) {
        self.account = account
        self.context = context
    }

    // MARK: Tokens for callers

    /// A token that is valid for the next request.
    ///
    /// It is returned at once while more than the mandatory margin is left; from the advisory margin on, a refresh runs in the
    /// background. Later the caller waits, and after a failed refresh it gets the old token while that is valid.
    ///
    /// - Throws: `RingError` with code `relinkRequired`, `accountUnknown`, `accountRemoved`, `storageFailed`, or why no token
    ///   can be obtained now; `CancellationError`.
    public func accessToken() async throws -> RingAccessToken {
        if let token = self.readyToken() { return token }
        return try await self.awaitedToken()
    }

    /// The token when this process knows a valid one. A background refresh is started when it is due.
    public func readyToken() -> RingAccessToken? {
        // Read piece by piece: a copy of the policy or of the clock would cost more than everything else here.
        let (advisory, mandatory) = (self.context.policy.advisoryMargin, self.context.policy.mandatoryMargin)
        let now = self.context.environment.clock.uptime()
        switch self.state.withLock({ $0.ready(advisory: advisory, mandatory: mandatory, at: now) }) {
        case .token(let token): return token
        case .tokenToRefresh(let token):
            self.startBackgroundRefresh()
            return token
        case .nothing: return nil
        }
    }

    private func awaitedToken() async throws -> RingAccessToken {
        let clock = self.context.environment.clock
        do {
            let need = RingTokenNeed.lasting(self.context.policy.mandatoryMargin)
            let known =
                switch await self.look(need) {
                case .found(let known): known
                case .refreshNeeded: try await self.refreshed(need, isClaimed: true)
                case .notStarted: try await self.refreshed(need)
                }
            if known.remaining(clock) <= known.margin(self.context.policy.advisoryMargin) {
                self.startBackgroundRefresh()
            }
            return known.token
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // A failed refresh does not fail a call while the old token is valid.
            guard let old = self.state.withLock({ $0.usable }), old.remaining(clock) > .zero else { throw error }
            return old.token
        }
    }

    /// Another token, after Ring refused one.
    ///
    /// - Throws: As ``accessToken()``; `RingError` with code `unauthorized` when Ring refuses new tokens as well.
    public func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken {
        let clock = self.context.environment.clock
        let need = RingTokenNeed.other(than: refused)
        // A refresh that was started for another reason may return the refused token; then this caller starts the next one.
        for _ in 0..<4 {
            if let known = self.state.withLock({ $0.known(meeting: need, clock) }) { return known.token }
            let (now, isShared) = (clock.uptime(), self.refresh.isUnderWay)
            let generation = self.state.withLock { $0.last?.generation }
            guard self.state.withLock({ $0.countRefusal(at: now, isShared: isShared) }) else {
                throw Self.newTokensRefused
            }
            do {
                let known = try await self.refreshed(need)
                if need.isMet(by: known, clock) { return known.token }
                // A new pair with the refused access token: another refresh would only use up another refresh token.
                if !isShared, let generation, known.generation > generation { throw Self.newTokensRefused }
            } catch let error as RingError where error.code == .relinkRequired || error.code == .accountRemoved {
                self.state.withLock { $0.refuse(refused) }
                throw error
            }
        }
        throw Self.newTokensRefused
    }

    private static var newTokensRefused: RingError {
        RingError(
            code: .unauthorized,
            message: "Ring refuses access tokens that it has just issued, so a refresh does not help; try again later")
    }

    /// A new pair, even if the present one is valid.
    ///
    /// - Parameter isForced: Refresh even an account that must be linked again.
    func renewed(isForced: Bool) async throws -> RingKnownToken {
        guard let record = try await self.context.header(for: self.account) else {
            throw RingError.accountUnknown(self.account)
        }
        let need = RingTokenNeed.newer(than: record.generation, isForced: isForced)
        for _ in 0..<4 {
            let known = try await self.refreshed(need)
            if need.isMet(by: known, self.context.environment.clock) { return known }
        }
        throw RingError(code: .timedOut, message: "account \(self.account) is busy with other refreshes; try again")
    }

    // MARK: The shared refresh

    /// The result of a look at the store.
    private enum Look {
        case found(RingKnownToken)
        /// The stored token does not meet the need. The caller has claimed the refresh and must start it.
        case refreshNeeded
        /// Something is known or under way already.
        case notStarted
    }

    /// Looks at the store for an account of which nothing is known yet, in the caller's own task: most accounts have a valid
    /// token there, and a task for it would cost two thread switches. Other callers wait as for a refresh.
    private func look(_ need: RingTokenNeed) async -> Look {
        guard self.state.withLock({ $0.isNew }), self.refresh.claim() else { return .notStarted }
        // The refresh will meet the same error and report it.
        guard let record = try? await self.context.record(for: self.account), let known = self.learn(record),
            need.isMet(by: known, self.context.environment.clock)
        else { return .refreshNeeded }
        // No refresh ends here: nothing but the callers that wait has to know.
        self.refresh.finish(.success(known))
        self.context.refreshEnded.signal()
        return .found(known)
    }

    /// Waits for the refresh under way, or starts one. A caller that is cancelled leaves; the refresh continues.
    ///
    /// - Throws: The error of the refresh; `CancellationError` when the caller is cancelled.
    private func refreshed(_ need: RingTokenNeed, isClaimed: Bool = false) async throws -> RingKnownToken {
        try await self.refresh.value(isClaimed: isClaimed) { self.startRefresh(need) }
    }

    private func startBackgroundRefresh() {
        let now = self.context.environment.clock.uptime()
        guard self.state.withLock({ $0.mayRefreshInBackground(at: now) }), self.refresh.claim() else { return }
        self.startRefresh(.lasting(self.context.policy.advisoryMargin))
    }

    /// Runs the refresh in a task of its own, which no caller cancels.
    private func startRefresh(_ need: RingTokenNeed) {
        self.context.begin(self)
        self.context.environment.detach {
            do {
                self.endRefresh(.success(try await RingTokenRefresh(of: self, self.context).run(need)))
            } catch {
                if !(error is CancellationError) {
                    let code = (error as? RingError)?.code ?? .closed
                    self.context.environment.observer.observe(RingTokenRefreshFailed(account: self.account, code: code))
                }
                self.endRefresh(.failure(error))
            }
        }
    }

    private func endRefresh(_ outcome: Result<RingKnownToken, any Error>) {
        let (context, now) = (self.context, self.context.environment.clock.uptime())
        let succeeded = if case .success = outcome { true } else { false }
        self.state.withLock { state in
            state.endRefresh(succeeded: succeeded, at: now) {
                context.policy.advisoryPause(failures: $0, context.environment)
            }
        }
        self.refresh.finish(outcome)
        context.end(self)
        context.refreshEnded.signal()
    }

    /// Returns when no refresh is under way. A refresh that only waits for another process ends early.
    func settle() async {
        self.state.withLock { $0.isSettling = true }
        let environment = self.context.environment
        // A task of its own, so that a cancelled caller waits as well.
        await environment.detach {
            _ = await self.context.refreshEnded.wait(until: { !self.refresh.isUnderWay })
        }.value
        self.state.withLock { $0.isSettling = false }
    }

    /// Stores a pair that could not be stored before, with one attempt. What is left afterwards is ``unsaved``.
    func saveUnsaved() async {
        guard let unsaved else { return }
        _ = try? await RingTokenRefresh(of: self, self.context).save(unsaved, attempts: 1)
    }

    // MARK: For the refresh and the keeper

    /// Takes note of the access token in a record.
    ///
    /// - Returns: The token that is known now.
    func learn(_ record: RingTokenRecord) -> RingKnownToken? {
        guard record.sealed == nil || record.hasNewTokens else { return self.state.withLock { $0.last } }
        let known = RingKnownToken(record, clock: self.context.environment.clock)
        return self.state.withLock { $0.learn(known) }
    }

    /// Forgets the access token. A pair that is not stored yet stays.
    func forget() { self.state.withLock { $0.forget() } }

    /// Whether Ring has refused the known token, and no other can be obtained.
    var isRefused: Bool { self.state.withLock { $0.isRefused } }

    /// The pair that is not stored yet.
    var unsaved: RingUnsavedPair? { self.state.withLock { $0.unsaved } }

    /// Keeps a pair until it is stored.
    func keep(_ pair: RingUnsavedPair) { self.state.withLock { $0.keep(pair) } }

    /// Drops a pair that was stored or superseded.
    func drop(_ pair: RingUnsavedPair) {
        self.state.withLock { $0.drop(pair) }
        self.context.end(self)
    }

    /// Whether a refresh that only waits for another process may end: every caller has left, or the process ends.
    var mayStopWaiting: Bool { self.state.withLock { $0.isSettling } || !self.refresh.hasCallers }

    /// Whether a refresh is under way.
    var isRefreshing: Bool { self.refresh.isUnderWay }

    /// Whether nothing is lost when this value is released.
    var isIdle: Bool { !self.isRefreshing && self.unsaved == nil }
}
