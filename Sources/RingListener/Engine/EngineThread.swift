internal import CRingMicrohttpd
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Runs libmicrohttpd on a thread of this package.
///
/// The engine could run on a thread of its own. While that is being stopped, it still reads requests, and version 0.9.75
/// crashes when one of them is damaged: its error response is not queued, and it reads it nevertheless. Here the thread that
/// runs the engine also stops it, so nothing is read any more.
final class EngineThread: Sendable {
    private struct Orders {
        var acceptsNoMore = false
        var ends = false
    }

    private let daemon: EngineDaemon
    private let core: ListenerCore
    private let orders = Mutex(Orders())

    init(_ daemon: EngineDaemon, core: ListenerCore) {
        self.daemon = daemon
        self.core = core
    }

    /// Begins to serve.
    ///
    /// - Returns: `false` when there is no thread.
    func start() -> Bool {
        guard self.core.wakeUp >= 0, self.core.watch.descriptor >= 0, self.core.connections.leaveWatch >= 0 else {
            return false
        }
        let this = unsafe Unmanaged.passRetained(self)
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        guard unsafe pthread_create(&thread, nil, runEngine, this.toOpaque()) == 0 else {
            unsafe this.release()
            return false
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
        return true
    }

    /// Closes the listening socket; the connections stay.
    func acceptNoMore() { self.order { $0.acceptsNoMore = true } }

    /// Closes everything, calls ``ListenerCore/ended()`` and ends the thread.
    func end() { self.order { $0.ends = true } }

    private func order(_ change: (inout Orders) -> Void) {
        self.orders.withLock { change(&$0) }
        cring_wake(self.core.wakeUp)
    }

    // MARK: On the thread

    fileprivate func run() {
        cring_block_sigpipe()
        let (watch, connections) = (self.core.watch, self.core.connections)
        let sources = unsafe [
            cring_mhd_epoll(self.daemon.pointer), watch.descriptor, self.core.wakeUp, connections.leaveWatch,
        ]
        var descriptors = sources.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var isListening = true
        var closedCount = 0
        while true {
            let orders = self.orders.withLock { $0 }
            if isListening, orders.acceptsNoMore || orders.ends {
                let socket = unsafe MHD_quiesce_daemon(self.daemon.pointer)
                if socket >= 0 { close(socket) }
                isListening = false
            }
            if orders.ends { break }
            // At its limit the engine accepts nothing, and looks at that again only when it runs.
            let mustRun = connections.closedCount != closedCount
            closedCount = connections.closedCount
            let waits = unsafe [cring_mhd_timeout(self.daemon.pointer), connections.wait].filter { $0 >= 0 }
            _ = unsafe poll(&descriptors, nfds_t(descriptors.count), mustRun ? 0 : waits.min() ?? -1)
            if descriptors[2].revents != 0 { cring_wake_clear(self.core.wakeUp) }
            if descriptors[1].revents != 0 { watch.runActions() }
            if descriptors[3].revents != 0 { connections.noteLeavers() }
            _ = unsafe MHD_run(self.daemon.pointer)
            connections.cutLeavers()
            connections.cutExpired()
        }
        // The engine aborts the process when it is stopped while a connection is suspended.
        self.core.cutOff()
        unsafe MHD_stop_daemon(self.daemon.pointer)
        self.core.ended()
    }
}

private func runEngine(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument = unsafe argument {
        unsafe Unmanaged<EngineThread>.fromOpaque(argument).takeRetainedValue().run()
    }
    return nil
}
