/// What every client shares: the clock, the observer, randomness, and how large a response may be.
public struct RingEnvironment: Sendable {
    /// The source of time.
    public var clock: any RingClock
    /// Receives what happens.
    public var observer: any RingObserver { didSet { self.isObserved = true } }
    /// Whether the application has an observer. Without one, no request is described.
    package private(set) var isObserved: Bool
    /// The largest JSON response that is read, in bytes. A thousand devices with includes are about 3 MB.
    public var documentLimit: Int
    /// Gives 64 random bits. Names of leases, jitter and pauses come from here; keys and nonces never do.
    package var random: @Sendable () -> UInt64
    /// The retry policy and the retry budget of the pipeline, for features that repeat a call as a whole; `nil` without a
    /// shared pipeline.
    package var retryBudget: RingRetryBudget?
    /// Where tasks run that outlive the call which starts them; `nil` for Swift's own threads.
    package var executor: (any TaskExecutor)?

    /// Creates an environment.
    ///
    /// - Parameters:
    ///   - clock: The source of time; `nil` for the machine's own clocks.
    ///   - observer: Receives what happens; `nil` for nobody.
    ///   - documentLimit: The largest JSON response that is read, in bytes.
    public init(
        clock: (any RingClock)? = nil, observer: (any RingObserver)? = nil, documentLimit: Int = 32 * 1024 * 1024
    ) {
        self.clock = clock ?? RingSystemClock()
        self.observer = observer ?? RingSilentObserver()
        self.isObserved = observer != nil
        self.documentLimit = documentLimit
        self.random = { UInt64.random(in: .min ... .max) }
    }

    /// A random number in 0..<1.
    package func randomUnit() -> Double { Double(self.random() >> 11) * 0x1p-53 }

    /// A random token or first version: positive, so that adding one never overflows in practice.
    package func randomToken() -> Int64 { Int64(truncatingIfNeeded: self.random() >> 2) | 1 }

    /// Starts work that goes on when the caller is cancelled or has returned.
    @discardableResult
    package func detach<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Task<Value, Never> {
        if let executor { return Task(executorPreference: executor) { await work() } }
        return Task { await work() }
    }

    /// Starts work that goes on when the caller is cancelled or has returned, and may fail.
    package func detach<Value: Sendable>(
        throwing work: @escaping @Sendable () async throws -> Value
    ) -> Task<Value, any Error> {
        if let executor { return Task(executorPreference: executor) { try await work() } }
        return Task { try await work() }
    }
}
