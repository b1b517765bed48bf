public import RingCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The transport on Linux: libcurl, with one thread for documents and one for media, and connections that are kept and shared.
///
/// One for the whole process is enough whatever the number of linked accounts: ``shared`` is that one. It follows no
/// redirect, repeats nothing that may have had an effect, adds no credentials, reads no environment and keeps no cookies.
///
/// Nothing needs shutting down. Threads start with the first request, and end when the last reference to the transport
/// and to the bodies of its responses is gone.
///
/// It is a task executor as well: a task that prefers it runs where its responses arrive.
///
/// A forked process may use it, too: it gets a thread and connections of its own. But Swift's own threads do not survive
/// a fork, so the tasks of a child must prefer the transport, or another executor of their own; see <doc:RingCurl>.
public final class RingCurlTransport: RingTransport {
    /// The transport of this process, with the defaults of ``RingCurlConfiguration``.
    public static let shared = RingCurlTransport()

    private let configuration: RingCurlConfiguration
    private let engines = Mutex(Engines())
    private let limits: CurlPlan.Limits

    private struct Engines {
        var documents: CurlEngine?
        var media: CurlEngine?
    }

    /// Creates a transport with connections of its own.
    public init(configuration: RingCurlConfiguration = RingCurlConfiguration()) {
        self.configuration = configuration
        self.limits = CurlPlan.Limits(configuration.timeouts)
    }

    /// Every stage of a transfer ends by the request's deadline.
    public var keepsDeadlines: Bool { true }

    /// Sends one request and returns when the response's header fields have arrived.
    ///
    /// - Throws: `RingError` when there is no response, or when the request cannot be sent as it is; `CancellationError` when
    ///   the task is cancelled.
    public func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        try Task.checkCancellation()
        let plan = try CurlPlan(request, context, self.configuration, self.limits)
        let exchange = CurlExchange(plan: plan, engine: try self.engine(plan.lane))
        return try await exchange.response(isolation: #isolation)
    }

    /// The loop of a lane, started when it is first needed.
    private func engine(_ lane: CurlLane) throws -> CurlEngine {
        try self.engines.withLock { engines in
            if let engine = lane == .media ? engines.media : engines.documents {
                if engine.process == getpid() { return engine }
                // This process was forked from the one that has the thread. The copy of the engine here is of no use, and
                // must not be deinitialised either.
                _ = unsafe Unmanaged.passRetained(engine)
            }
            let engine = try CurlEngine(self.configuration, lane: lane)
            if lane == .media { engines.media = engine } else { engines.documents = engine }
            return engine
        }
    }
}

/// Runs tasks on the thread that receives the responses to their calls.
///
/// A task that prefers the transport as its executor sends, waits, receives and decodes on one thread, and no second one is
/// woken for its responses: where processors sleep, that is a quarter to a third of a device list's processor time.
///
/// <!-- given: sweep: @escaping @Sendable () async throws -> Void -->
/// ```swift
/// Task(executorPreference: RingCurlTransport.shared) { try await sweep() }
/// ```
///
/// It is meant for work that is mostly calls, such as a sweep over many accounts. All tasks on it share one thread, with
/// the transport's documents and tokens: while one of them computes or blocks, every call of the process waits.
extension RingCurlTransport: TaskExecutor {
    /// Runs `job` on the thread of the documents. Swift calls this.
    public func enqueue(_ job: consuming ExecutorJob) {
        // Without a thread of its own the task continues elsewhere, and its first call throws the reason.
        guard let engine = try? self.engine(.documents) else { return globalConcurrentExecutor.enqueue(job) }
        unsafe engine.submit(.run(CurlJob(job, for: self.asUnownedTaskExecutor())))
    }
}
