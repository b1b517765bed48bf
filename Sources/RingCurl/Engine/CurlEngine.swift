internal import CRingCurlLoop
internal import CRingLibcurl
internal import RingCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A running event loop, as everybody else sees it: something to send commands to.
///
/// Whoever has an exchange under way keeps the engine alive. When the last reference is gone, the loop ends.
final class CurlEngine: Sendable {
    /// What the loop has to do.
    enum Command: Sendable {
        /// Start a transfer.
        case add(CurlExchange)
        /// End a transfer; nobody waits for it any more.
        case cancel(CurlExchange)
        /// Continue: there is space for a response's body, or more of a request's.
        case resume(CurlExchange)
        /// Run a task's job, on the loop's thread alone and after the loop's own work.
        case run(CurlJob)
        /// End the loop.
        case stop
    }

    /// The process whose thread runs the loop.
    let process: pid_t
    private let mailbox: CurlMailbox
    private let driver: CurlDriver

    init(_ configuration: RingCurlConfiguration, lane: CurlLane) throws {
        guard CurlGlobal.isReady, let loop = unsafe ring_curl_loop_make() else {
            throw RingError(
                code: .misconfigured,
                message: "libcurl could not be initialised; check its installation, memory and free file descriptors")
        }
        let multi = unsafe ring_curl_loop_multi(loop)
        unsafe ring_curl_multi_set_long(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX)
        unsafe ring_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(1, configuration.maximumIdleConnections))
        if let limit = configuration.maximumConnectionsPerHost {
            unsafe ring_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, max(1, limit))
        }
        self.mailbox = unsafe CurlMailbox(loop: CurlLoopPointer(pointer: loop))
        self.driver = CurlDriver(mailbox: self.mailbox)
        self.process = getpid()
        guard CurlThread.start({ [driver] in driver.run() }) else {
            unsafe ring_curl_loop_free(loop)
            throw RingError(
                code: .misconfigured, message: "the transport's thread could not be started; check the process's limits"
            )
        }
    }

    deinit { self.mailbox.stop() }

    /// Has `command` carried out, at once if possible.
    func perform(_ command: Command) { self.driver.perform(command) }

    /// Has `command` carried out by the loop's thread: for callers that may be at work for the loop themselves.
    func submit(_ command: Command) { self.mailbox.submit(command) }
}

/// libcurl's initialisation, once in a process.
enum CurlGlobal {
    /// Whether libcurl can be used.
    static let isReady: Bool = {
        ring_curl_no_exit_handler()
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()

    /// Whether any thread may work for a loop, and not only the loops' own.
    static let servesAnyThread = ring_curl_serves_any_thread()
}

/// A task's job that waits for the loop's thread. It is run once.
///
/// Neither part is reference-counted: a job lives until it has run, and its task keeps the executor until then.
@safe struct CurlJob: Sendable {
    private let job: UnownedJob
    private let executor: UnownedTaskExecutor

    init(_ job: consuming ExecutorJob, for executor: UnownedTaskExecutor) {
        self.job = UnownedJob(job)
        unsafe self.executor = executor
    }

    func run() { unsafe self.job.runSynchronously(on: self.executor) }
}
