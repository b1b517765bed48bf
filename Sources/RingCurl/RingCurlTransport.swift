public import RingCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The transport on Linux: libcurl, one thread for documents and one for media, connections kept and shared.
///
/// One for the whole process is enough whatever the number of linked accounts: ``shared`` is that one. It follows no
/// redirect, repeats nothing that may have had an effect, adds no credentials, reads no environment and keeps no cookies.
///
/// Nothing needs shutting down. Threads start with the first request, and end when the last reference to the transport
/// and to the bodies it gave is gone.
///
/// It is a task executor, too: a task that prefers it runs where its answers arrive.
///
/// A forked process may use it as well: it gets a thread and connections of its own. But Swift's own threads do not survive
/// a fork, so the tasks of a child must prefer the transport, or another executor of their own; see <doc:RingCurl>.
public final class RingCurlTransport: RingTransport {
    /// The transport of this process, with the defaults of ``RingCurlConfiguration``.
    public static let shared = RingCurlTransport()

    /// How it connects.
    public let configuration: RingCurlConfiguration
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

    /// Sends one request and returns when the answer's header fields are there.
    ///
    /// - Throws: `RingError` when no answer came, or when the request cannot be sent as it is; `CancellationError` when
    ///   the task is cancelled.
    public func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        try Task.checkCancellation()
        let plan: CurlPlan
        do {
            plan = try CurlPlan(request, context, self.configuration, self.limits)
        } catch let error as RingError {
            throw error.during(context.operation)
        }
        let exchange = CurlExchange(plan: plan, engine: try self.engine(plan.lane))
        return try await exchange.answer(isolation: #isolation)
    }

    /// The loop of a lane, begun when it is first needed.
    func engine(_ lane: CurlLane) throws -> CurlEngine {
        try self.engines.withLock { engines in
            if let engine = lane == .media ? engines.media : engines.documents {
                if engine.process == getpid() { return engine }
                // This process was forked from the one that has the thread. The copy of it here is of no use, and must
                // not be taken apart either.
                _ = unsafe Unmanaged.passRetained(engine)
            }
            let engine = try CurlEngine(self.configuration, lane: lane)
            if lane == .media { engines.media = engine } else { engines.documents = engine }
            return engine
        }
    }
}
