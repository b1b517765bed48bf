internal import CRingMicrohttpd
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Notices clients that hang up while their connection is suspended, when the engine does not look at the socket.
///
/// An epoll set that the engine's thread polls beside the engine's own.
final class DisconnectWatch: Sendable {
    private struct State {
        var next: UInt64 = 1
        var actions: [UInt64: @Sendable () -> Void] = [:]
        var ids: [Int32: UInt64] = [:]
    }

    private let state = Mutex(State())
    /// Readable when a client has hung up.
    let descriptor = cring_watch_create()

    deinit { close(self.descriptor) }

    /// Calls `action` once, on the engine's thread, if the peer of a socket hangs up before ``remove(_:)``.
    ///
    /// - Parameter isHalfClosed: Whether the peer has closed its own side and still reads. Then only a broken connection counts.
    func add(_ socket: Int32, isHalfClosed: Bool = false, action: @escaping @Sendable () -> Void) {
        self.state.withLock { state in
            let id = state.next
            state.next += 1
            let result =
                isHalfClosed
                ? cring_watch_add_broken(self.descriptor, socket, id) : cring_watch_add(self.descriptor, socket, id)
            if result == 0 {
                state.actions[id] = action
                state.ids[socket] = id
            }
        }
    }

    func remove(_ socket: Int32) {
        self.state.withLock { state in
            guard let id = state.ids.removeValue(forKey: socket) else { return }
            state.actions[id] = nil
            _ = cring_watch_remove(self.descriptor, socket)
        }
    }

    /// Calls the actions of all clients that have hung up.
    func runActions() {
        var id: UInt64 = 0
        while unsafe cring_watch_next(self.descriptor, &id) == 1 {
            self.state.withLock { $0.actions.removeValue(forKey: id) }?()
        }
    }
}
