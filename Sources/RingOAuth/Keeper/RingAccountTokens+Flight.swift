internal import RingCore
internal import Synchronization

/// The one flight of an account: whoever comes while it is in the air shares its outcome.
extension RingAccountTokens {
    /// What the first look at the store gave.
    enum Look {
        case found(RingKnownToken)
        /// The stored token will not do. The flight is the caller's to start: ``join(_:isOurs:)``.
        case flightNeeded
        /// There is something to share, or to be careful with: join it.
        case notOurs
    }

    /// Looks at the store for an account of which nothing is known yet, in the caller's own task: most accounts have a good
    /// token there, and a flight for it would cost two thread switches. Others who come meanwhile wait as for a flight.
    func look(_ need: RingTokenNeed) async -> Look {
        let isOurs = self.state.withLock { state in
            guard state.known == nil, !state.isFlying, !state.isRefused, state.unsaved == nil else { return false }
            state.isFlying = true
            return true
        }
        guard isOurs else { return .notOurs }
        // Whatever goes wrong here, the flight will meet it again and report it.
        guard let record = try? await self.parts.record(for: self.account), let known = self.learn(record),
            need.isMet(by: known, self.parts.environment.clock)
        else { return .flightNeeded }
        self.land(.success(known))
        return .found(known)
    }

    /// Waits for the flight under way, or starts one. A caller that is cancelled leaves; the flight goes on.
    ///
    /// - Parameter isOurs: The flight was left to this caller to start, and others may wait for it: it starts even when the
    ///   caller is cancelled.
    /// - Throws: What the flight throws; `CancellationError` when the caller is cancelled.
    func join(_ need: RingTokenNeed, isOurs: Bool = false) async throws -> RingKnownToken {
        let ticket = self.state.withLock { $0.waiters.ticket() }
        defer { self.state.withLock { $0.waiters.drop(ticket) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (waits, starts) = self.state.withLock { state in
                    let waits = state.waiters.add(ticket, continuation)
                    let starts = isOurs || waits && !state.isFlying
                    if starts { state.isFlying = true }
                    return (waits, starts)
                }
                if starts { self.fly(need) }
                if !waits { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.leave(ticket) }?.resume(throwing: CancellationError())
        }
    }

    /// Refreshes behind the callers' backs, unless a flight is under way or the last one failed a moment ago.
    func startAdvisory() {
        let now = self.parts.environment.clock.uptime()
        let starts = self.state.withLock { state in
            guard !state.isFlying, now >= state.nextAdvisory else { return false }
            state.isFlying = true
            return true
        }
        if starts { self.fly(.lasting(self.parts.policy.advisoryMargin)) }
    }

    /// Unstructured on purpose: a caller that gives up must not cancel what the others wait for.
    private func fly(_ need: RingTokenNeed) {
        self.parts.begins(self)
        self.parts.environment.detach {
            do {
                let known = try await self.renew(need)
                self.land(.success(known))
            } catch {
                if !(error is CancellationError) {
                    let code = (error as? RingError)?.code ?? .closed
                    self.parts.environment.observer.observe(RingTokenRefreshFailed(account: self.account, code: code))
                }
                self.land(.failure(error))
            }
        }
    }

    private func land(_ outcome: Result<RingKnownToken, any Error>) {
        let now = self.parts.environment.clock.uptime()
        let pause = { self.parts.policy.advisoryPause(failures: $0, self.parts.environment) }
        let (waiting, settling) = self.state.withLock { state in
            state.isFlying = false
            state.isWaiting = false
            switch outcome {
            case .success: state.advisoryFailures = 0
            case .failure:
                // The failure itself is not kept, only a pause for refreshes that nobody waits for.
                state.advisoryFailures += 1
                state.nextAdvisory = now + pause(state.advisoryFailures)
            }
            defer { state.settling = [] }
            return (state.waiters.takeAll(), state.settling)
        }
        self.parts.ends(self)
        for continuation in waiting { continuation.resume(with: outcome) }
        for continuation in settling { continuation.resume() }
    }

    /// Notes whether the refresh only waits for another process.
    ///
    /// - Throws: `CancellationError` when nobody needs its outcome any more: every caller has left, or the process is about
    ///   to end.
    func setWaiting(_ isWaiting: Bool) throws {
        let mayEnd = self.state.withLock { state in
            state.isWaiting = isWaiting
            return isWaiting && (state.isSettling || state.waiters.isEmpty)
        }
        if mayEnd { throw CancellationError() }
    }

    /// Returns when no refresh is under way. A refresh that only waits for another process ends then.
    func settle() async {
        await withCheckedContinuation { continuation in
            let isIdle = self.state.withLock { state in
                state.isSettling = true
                if state.isFlying { state.settling.append(continuation) }
                return !state.isFlying
            }
            if isIdle { continuation.resume() }
        }
        self.state.withLock { $0.isSettling = false }
    }
}
