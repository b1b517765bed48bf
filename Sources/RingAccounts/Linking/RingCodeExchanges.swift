internal import RingCore
internal import RingCrypto
internal import RingOAuth
internal import Synchronization

/// The codes of the last minutes, as digests: one that Ring posts twice is exchanged once.
///
/// Anybody can post made-up codes. What is kept of them is bounded in number and in time, and each costs the same however
/// many there are.
final class RingCodeExchanges: Sendable {
    /// The most codes that are exchanged at once.
    private static let maximumUnderWay = 256
    /// The most codes that are remembered.
    private static let maximumRemembered = 4_096
    /// How long a code is remembered: it lives 60 seconds.
    private static let memory = Duration.seconds(120)

    private enum Entry {
        case underWay(Task<RingTokenExchangeAnswer, Never>)
        case done(RingTokenExchangeAnswer)
        /// The tokens were obtained and could not be stored: they are in the keeper's memory.
        case unsaved(RingAccountID)
    }

    private struct State {
        var entries: [RingSHA256Digest: Entry] = [:]
        /// What is remembered, oldest first, from `first` on.
        var ended: [(digest: RingSHA256Digest, at: Duration)] = []
        var first = 0
        var underWay = 0
        /// When links last asked about tokens that have no name.
        var identifiedAt: [Duration] = []
        var isStopped = false

        mutating func forgetOld(_ now: Duration) {
            while self.first < self.ended.count,
                self.ended.count - self.first > RingCodeExchanges.maximumRemembered
                    || now - self.ended[self.first].at > RingCodeExchanges.memory
            {
                let digest = self.ended[self.first].digest
                if case .underWay = self.entries[digest] {} else { self.entries[digest] = nil }
                self.first += 1
            }
            if self.first > 1_024, self.first * 2 > self.ended.count {
                self.ended.removeFirst(self.first)
                self.first = 0
            }
        }
    }

    private let state = Mutex(State())
    private let exchangeEnded = RingSignal()

    /// Whether a link may ask about tokens that have no name: ten times in ten seconds.
    func mayIdentify(at now: Duration) -> Bool {
        self.state.withLock { state in
            state.identifiedAt.removeAll { now - $0 > .seconds(10) }
            guard state.identifiedAt.count < 10 else { return false }
            state.identifiedAt.append(now)
            return true
        }
    }

    /// How many codes are remembered.
    var count: Int { self.state.withLock { $0.entries.count } }

    private enum Step {
        case wait(Task<RingTokenExchangeAnswer, Never>)
        case respond(RingTokenExchangeAnswer)
        case save(RingAccountID)
    }

    /// The response for a code: of the exchange under way or done, or of a new one.
    ///
    /// - Parameters:
    ///   - save: Stores tokens that were obtained before and could not be stored; whether that is done now.
    ///   - exchange: Exchanges the code; with the made-up account when the tokens could not be stored.
    func response(
        for code: String, _ environment: RingEnvironment, save: @Sendable (RingAccountID) async -> Bool,
        _ exchange: @escaping @Sendable () async -> (RingTokenExchangeAnswer, unsaved: RingAccountID?)
    ) async -> RingTokenExchangeAnswer {
        let digest = RingSHA256.digest(of: Array(code.utf8))
        let step: Step = self.state.withLock { state in
            state.forgetOld(environment.clock.uptime())
            switch state.entries[digest] {
            case .underWay(let task): return .wait(task)
            case .done(let response): return .respond(response)
            case .unsaved(let account): return .save(account)
            case nil: break
            }
            guard state.underWay < Self.maximumUnderWay, !state.isStopped else {
                return .respond(RingTokenExchangeAnswer(503, "busy"))
            }
            state.underWay += 1
            // Not the caller's child: a connection that breaks must not cut off an exchange.
            let task = environment.detach {
                let (response, unsaved) = await exchange()
                self.finish(digest, response, unsaved, environment.clock.uptime())
                return response
            }
            state.entries[digest] = .underWay(task)
            return .wait(task)
        }
        switch step {
        case .wait(let task): return await task.value
        case .respond(let response): return response
        case .save(let account):
            guard await save(account) else { return RingTokenExchangeAnswer(500, "store_failed") }
            let response = RingTokenExchangeAnswer(200, "stored")
            self.state.withLock { state in
                if case .unsaved = state.entries[digest] { state.entries[digest] = .done(response) }
            }
            return response
        }
    }

    /// Counts an exchange that does not come through here.
    ///
    /// - Returns: `false` when no exchange may begin any more.
    func begin() -> Bool {
        self.state.withLock { state in
            if !state.isStopped { state.underWay += 1 }
            return !state.isStopped
        }
    }

    /// Ends one exchange.
    func end() {
        self.state.withLock { $0.underWay -= 1 }
        self.exchangeEnded.signal()
    }

    /// Begins no further exchanges, and returns when those under way have ended, also if the caller is cancelled.
    func stop(_ environment: RingEnvironment) async {
        self.state.withLock { $0.isStopped = true }
        _ = await environment.detach {
            await self.exchangeEnded.wait(until: { self.state.withLock { $0.underWay == 0 } })
        }.value
    }

    private func finish(
        _ digest: RingSHA256Digest, _ response: RingTokenExchangeAnswer, _ unsaved: RingAccountID?, _ now: Duration
    ) {
        defer { self.end() }
        self.state.withLock { state in
            if let unsaved {
                state.entries[digest] = .unsaved(unsaved)
            } else if response.status == 503 {
                // Not sent, or surely without effect: Ring may post it again, and then it is tried.
                state.entries[digest] = nil
                return
            } else {
                state.entries[digest] = .done(response)
            }
            state.ended.append((digest, now))
        }
    }
}
