internal import RingCore
internal import RingCrypto
internal import Synchronization

/// The codes of the last minutes, as digests: a code that Ring posts twice is exchanged once.
///
/// Anybody can post invented codes. What is kept of them is limited in number and in time, and each costs the same however many
/// there are.
final class RingCodeExchanges: Sendable {
    /// The result of an exchange.
    enum Outcome: Sendable {
        case finished(RingTokenExchangeResponse)
        /// The tokens were obtained and could not be stored: they are in the keeper's memory, under this provisional id.
        case unsaved(RingAccountID)
    }

    private let environment: RingEnvironment
    private let state = Mutex(RingCodeExchangesState())
    /// Signalled when no exchange is under way any more.
    private let ended = RingSignal()

    init(_ environment: RingEnvironment) { self.environment = environment }

    /// Whether a link may identify tokens now: ten times in ten seconds.
    func mayIdentify(at now: Duration) -> Bool { self.state.withLock { $0.mayIdentify(at: now) } }

    /// How many codes are remembered.
    var count: Int { self.state.withLock { $0.count } }

    /// The response for a code, from the exchange that is under way or done, or from a new one.
    ///
    /// - Parameters:
    ///   - save: Stores tokens that were obtained before and could not be stored; returns whether they are stored now.
    ///   - exchange: Exchanges the code.
    func response(
        for code: String, save: @Sendable (RingAccountID) async -> Bool,
        exchange: @escaping @Sendable () async -> Outcome
    ) async -> RingTokenExchangeResponse {
        let digest = RingSHA256.digest(of: Array(code.utf8))
        let step = self.state.withLock { state in
            state.step(for: digest, at: self.environment.clock.uptime()) {
                // Not the caller's child: a broken connection must not interrupt an exchange.
                self.environment.detach { await self.run(digest, exchange) }
            }
        }
        switch step {
        case .wait(let task): return await task.value
        case .respond(let response): return response
        case .save(let account):
            guard await save(account) else { return Self.storeFailed }
            let response = RingTokenExchangeResponse(200, "stored")
            self.state.withLock { $0.saved(digest, response) }
            return response
        }
    }

    private static var storeFailed: RingTokenExchangeResponse { RingTokenExchangeResponse(500, "store_failed") }

    private func run(
        _ digest: RingSHA256Digest, _ exchange: @Sendable () async -> Outcome
    ) async -> RingTokenExchangeResponse {
        defer { self.end() }
        let outcome = await exchange()
        self.state.withLock { $0.finish(digest, outcome, at: self.environment.clock.uptime()) }
        return switch outcome {
        case .finished(let response): response
        case .unsaved: Self.storeFailed
        }
    }

    /// Counts an exchange that is not started here.
    ///
    /// - Returns: `false` when no exchange may begin any more.
    func begin() -> Bool { self.state.withLock { $0.begin() } }

    /// Ends one exchange.
    func end() {
        if self.state.withLock({ $0.end() }) { self.ended.signal() }
    }

    /// Begins no further exchanges, and returns when those under way have ended.
    func stop() async {
        self.state.withLock { $0.isStopped = true }
        // A task of its own, so that a cancelled caller waits as well.
        await self.environment.detach {
            _ = await self.ended.wait(until: { self.state.withLock { $0.isIdle } })
        }.value
    }
}

/// The state of the code exchanges: which codes are under way, and what is remembered of the others.
struct RingCodeExchangesState {
    /// The maximum number of codes that are exchanged at once.
    static let maximumUnderWay = 256
    /// The maximum number of codes that are remembered.
    static let maximumRemembered = 4_096
    /// How long a code is remembered. It is valid for 60 seconds.
    static let memory = Duration.seconds(120)

    private enum Entry {
        case underWay(Task<RingTokenExchangeResponse, Never>)
        case done(RingTokenExchangeResponse)
        case unsaved(RingAccountID)
    }

    /// What to do about a code.
    enum Step {
        case wait(Task<RingTokenExchangeResponse, Never>)
        case respond(RingTokenExchangeResponse)
        /// Store the tokens that were obtained for it.
        case save(RingAccountID)
    }

    private var entries: [RingSHA256Digest: Entry] = [:]
    /// The codes that are remembered, oldest first, from `first` on.
    private var ended: [(digest: RingSHA256Digest, at: Duration)] = []
    private var first = 0
    private var underWay = 0
    /// When links last identified tokens.
    private var identifiedAt: [Duration] = []
    /// Whether no exchange may begin any more.
    var isStopped = false

    var count: Int { self.entries.count }
    var isIdle: Bool { self.underWay == 0 }

    /// - Parameter start: Starts the exchange of a code that is not known.
    mutating func step(
        for digest: RingSHA256Digest, at now: Duration, start: () -> Task<RingTokenExchangeResponse, Never>
    ) -> Step {
        self.forgetOld(now)
        switch self.entries[digest] {
        case .underWay(let task): return .wait(task)
        case .done(let response): return .respond(response)
        case .unsaved(let account): return .save(account)
        case nil: break
        }
        guard self.underWay < Self.maximumUnderWay, self.begin() else {
            return .respond(RingTokenExchangeResponse(503, "busy"))
        }
        let task = start()
        self.entries[digest] = .underWay(task)
        return .wait(task)
    }

    mutating func begin() -> Bool {
        if !self.isStopped { self.underWay += 1 }
        return !self.isStopped
    }

    /// - Returns: Whether no exchange is under way any more.
    mutating func end() -> Bool {
        self.underWay -= 1
        return self.underWay == 0
    }

    mutating func finish(_ digest: RingSHA256Digest, _ outcome: RingCodeExchanges.Outcome, at now: Duration) {
        switch outcome {
        case .unsaved(let account): self.entries[digest] = .unsaved(account)
        case .finished(let response) where response.status == 503:
            // The code was not used: Ring may post it again, and then it is tried.
            self.entries[digest] = nil
            return
        case .finished(let response): self.entries[digest] = .done(response)
        }
        self.ended.append((digest, now))
    }

    /// The tokens that could not be stored are stored now.
    mutating func saved(_ digest: RingSHA256Digest, _ response: RingTokenExchangeResponse) {
        if case .unsaved = self.entries[digest] { self.entries[digest] = .done(response) }
    }

    mutating func mayIdentify(at now: Duration) -> Bool {
        self.identifiedAt.removeAll { now - $0 > .seconds(10) }
        guard self.identifiedAt.count < 10 else { return false }
        self.identifiedAt.append(now)
        return true
    }

    private mutating func forgetOld(_ now: Duration) {
        while self.first < self.ended.count,
            self.ended.count - self.first > Self.maximumRemembered || now - self.ended[self.first].at > Self.memory
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
