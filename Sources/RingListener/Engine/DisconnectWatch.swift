internal import CRingMicrohttpd
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Notices clients that hang up while their connection is suspended, when the engine does not look at the socket.
///
/// One thread that sleeps in epoll. Elsewhere than on Linux it watches nothing, and a handler whose client left
/// runs to its end.
final class DisconnectWatch: Sendable {
    private struct State {
        var next: UInt64 = 1
        var actions: [UInt64: @Sendable () -> Void] = [:]
        var ids: [Int32: UInt64] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let epoll: Int32
    private let stopReader: Int32
    private let stopWriter: Int32

    init() {
        #if os(Linux)
        var ends: [Int32] = [-1, -1]
        // Sockets and not a pipe, because they are made with the flag: a child process started between pipe() and fcntl()
        // would inherit them.
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
        let kind = SOCK_STREAM | SOCK_CLOEXEC
        #endif
        let hasPipe = unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0
        self.epoll = cring_watch_create()
        self.stopReader = hasPipe ? ends[0] : -1
        self.stopWriter = hasPipe ? ends[1] : -1
        _ = cring_watch_add(self.epoll, self.stopReader, 0)
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(self)
        if unsafe pthread_create(&thread, nil, watchThread, argument.toOpaque()) == 0 {
            pthread_detach(thread)
        } else {
            unsafe argument.release()
        }
        #else
        self.epoll = -1
        self.stopReader = -1
        self.stopWriter = -1
        #endif
    }

    /// Calls `action` once if the peer of a socket hangs up before ``remove(_:)``.
    func add(_ descriptor: Int32, action: @escaping @Sendable () -> Void) {
        #if os(Linux)
        self.state.withLock { state in
            guard !state.isClosed else { return }
            let id = state.next
            state.next += 1
            if cring_watch_add(self.epoll, descriptor, id) == 0 {
                state.actions[id] = action
                state.ids[descriptor] = id
            }
        }
        #endif
    }

    func remove(_ descriptor: Int32) {
        #if os(Linux)
        self.state.withLock { state in
            guard let id = state.ids.removeValue(forKey: descriptor) else { return }
            state.actions[id] = nil
            if !state.isClosed { _ = cring_watch_remove(self.epoll, descriptor) }
        }
        #endif
    }

    /// Ends the thread.
    func close() {
        #if os(Linux)
        let isFirst = self.state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if isFirst && self.stopWriter >= 0 { _ = Glibc.close(self.stopWriter) }
        #endif
    }

    #if os(Linux)
    fileprivate func run() {
        while true {
            var id: UInt64 = 0
            let count = unsafe cring_watch_next(self.epoll, &id)
            if count < 0 && errno != EINTR { break }
            guard count == 1 else { continue }
            if id == 0 { break }
            self.state.withLock { $0.actions.removeValue(forKey: id) }?()
        }
        self.close()
        _ = Glibc.close(self.epoll)
        _ = Glibc.close(self.stopReader)
    }
    #endif
}

#if os(Linux)
private func watchThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument = unsafe argument {
        unsafe Unmanaged<DisconnectWatch>.fromOpaque(argument).takeRetainedValue().run()
    }
    return nil
}
#endif
