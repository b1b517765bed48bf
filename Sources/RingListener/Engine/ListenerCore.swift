internal import CRingMicrohttpd
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Owns the engine and its thread, and knows every request under way.
final class ListenerCore: Sendable {
    typealias Handler = @Sendable (RingListenerRequest) async -> RingListenerResponse

    private struct State {
        var engine: EngineThread?
        var exchanges: [ObjectIdentifier: ListenerExchange] = [:]
        var isStopping = false
        var isCuttingOff = false
        var isStopped = false
        var idleWaiters: [CheckedContinuation<Void, Never>] = []
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
    }

    let handler: Handler
    let limits: RingListenerLimits
    let clock: any Clock<Duration>
    let watch = DisconnectWatch()
    let connections: ConnectionTable
    /// Wakes the engine's thread.
    let wakeUp = cring_wake_create()
    private let state = Mutex(State())

    init(handler: @escaping Handler, limits: RingListenerLimits, clock: any Clock<Duration>) {
        self.handler = handler
        self.limits = limits
        self.clock = clock
        self.connections = ConnectionTable(limits, clock: clock)
    }

    deinit { close(self.wakeUp) }

    // MARK: Start

    func start(socket: ListeningSocket, tls: RingListenerTLS?) throws(RingListenerError) {
        // On failure the engine closes the socket it was given in some cases and not in others. It gets a duplicate, so
        // that nobody closes a number twice, which would be somebody else's by then.
        let duplicate = fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 0)
        defer { close(socket.descriptor) }
        var flags = MHD_USE_EPOLL.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        // The engine's callbacks borrow this object until the daemon is stopped; `ended` gives it back.
        let this = unsafe Unmanaged.passRetained(self).toOpaque()
        var options = unsafe [
            cring_mhd_on_target(targetArrived, this),
            cring_mhd_on_completed(requestCompleted, this),
            cring_mhd_on_connection(connectionChanged, this),
            option(.LISTEN_SOCKET, Int(duplicate)),
            option(.SIGPIPE_HANDLED_BY_APP, 1),
            option(
                .CONNECTION_LIMIT,
                self.connections.maximumCount(self.limits.maximumConnections)),
            option(.CONNECTION_TIMEOUT, self.limits.engineTimeout),
            // The pool holds the head and the output buffer.
            option(.CONNECTION_MEMORY_LIMIT, max(0, self.limits.maximumHeaderBytes) + (48 << 10)),
        ]
        var texts: [UnsafeMutablePointer<CChar>] = unsafe []
        if let tls {
            flags |= MHD_USE_TLS.rawValue
            for (name, text) in [
                (MHD_OPTION.HTTPS_MEM_CERT, tls.certificate), (.HTTPS_MEM_KEY, tls.privateKey),
            ] {
                guard let copy = unsafe strdup(text) else { continue }
                unsafe texts.append(copy)
                unsafe options.append(option(name, 0, copy))
            }
        }
        unsafe options.append(option(.END, 0))
        let daemon = unsafe cring_mhd_start(flags, 0, nil, nil, requestProgressed, this, &options)
        unsafe texts.forEach { copy in unsafe free(copy) }
        guard let daemon = unsafe daemon else {
            unsafe Unmanaged<ListenerCore>.fromOpaque(this).release()
            let hint = tls == nil ? "out of threads or files?" : "check the PEM of certificate and key"
            throw RingListenerError(code: .engine, message: "the HTTP engine did not start: \(hint)")
        }
        let engine = unsafe EngineThread(EngineDaemon(daemon), core: self)
        guard engine.start() else {
            unsafe MHD_stop_daemon(daemon)
            unsafe Unmanaged<ListenerCore>.fromOpaque(this).release()
            throw RingListenerError(code: .engine, message: "the HTTP engine did not start: out of threads or files?")
        }
        self.state.withLock { $0.engine = engine }
    }

    // MARK: Requests under way

    var isCuttingOff: Bool { self.state.withLock { $0.isCuttingOff } }

    /// Notes a request under way; `false` when the listener is stopping and takes no more.
    ///
    /// One step on purpose: the engine aborts the process when it is stopped while a connection is suspended.
    func add(_ exchange: ListenerExchange) -> Bool {
        self.state.withLock { state in
            guard !state.isStopping else { return false }
            state.exchanges[ObjectIdentifier(exchange)] = exchange
            return true
        }
    }

    func remove(_ exchange: ListenerExchange) {
        let waiters = self.state.withLock { state in
            state.exchanges[ObjectIdentifier(exchange)] = nil
            guard state.exchanges.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.idleWaiters = [] }
            return state.idleWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func idle() async {
        await withCheckedContinuation { continuation in
            let isIdle = self.state.withLock { state in
                if !state.exchanges.isEmpty { state.idleWaiters.append(continuation) }
                return state.exchanges.isEmpty
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Gives every request under way its end, and resumes its connection.
    func cutOff() {
        let (exchanges, waiters) = self.state.withLock { state in
            state.isCuttingOff = true
            defer { state.idleWaiters = [] }
            return (Array(state.exchanges.values), state.idleWaiters)
        }
        for exchange in exchanges { exchange.cutOff() }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Stop

    /// Stops accepting, lets requests under way finish for a while, cuts the rest off, ends the engine's thread.
    func stop() async {
        let (engine, isFirst) = self.state.withLock { state in
            defer { if state.engine != nil { state.isStopping = true } }
            return (state.engine, !state.isStopping)
        }
        guard let engine else { return }
        if isFirst {
            engine.acceptNoMore()
            let timer = Task { [clock = self.clock, grace = self.limits.grace] in
                try? await clock.sleep(for: grace)
                if !Task.isCancelled { self.cutOff() }
            }
            await self.idle()
            timer.cancel()
            engine.end()
        }
        await self.stopped()
    }

    /// Stops at once, without waiting for anybody; for a listener that was dropped without ``stop()``.
    func abandon() {
        let engine = self.state.withLock { state in
            defer { state.isStopping = true }
            return state.isStopping ? nil : state.engine
        }
        self.cutOff()
        engine?.end()
    }

    /// The engine is stopped. Called on its thread.
    func ended() {
        let waiters = self.state.withLock { state in
            state.isStopped = true
            state.engine = nil
            defer { state.stopWaiters = [] }
            return state.stopWaiters
        }
        for waiter in waiters { waiter.resume() }
        // The borrow taken in `start`.
        unsafe Unmanaged.passUnretained(self).release()
    }

    private func stopped() async {
        await withCheckedContinuation { continuation in
            let isStopped = self.state.withLock { state in
                if !state.isStopped { state.stopWaiters.append(continuation) }
                return state.isStopped
            }
            if isStopped { continuation.resume() }
        }
    }
}

private func option(
    _ name: MHD_OPTION, _ value: Int, _ pointer: UnsafeMutableRawPointer? = nil
) -> MHD_OptionItem {
    unsafe MHD_OptionItem(option: name, value: value, ptr_value: pointer)
}
