import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into the cancellation of the running command, so that it ends cleanly: a live session is
/// closed, no half-written file stays behind. A second signal, or ten seconds, end the process at once.
enum Signals {
    private static let state = Mutex<(received: Int32, cancel: (@Sendable () -> Void)?)>((0, nil))

    /// The signal that came, or 0.
    static var received: Int32 { self.state.withLock { $0.received } }

    /// Starts listening. Must be called before any other thread exists, because the signals are blocked in all of them.
    static func install() {
        signal(SIGPIPE, SIG_IGN)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        var thread = pthread_t()
        unsafe pthread_create(
            &thread, nil,
            { _ in
                Signals.wait()
                return nil
            }, nil)
        pthread_detach(thread)
    }

    /// Says what to do when a signal comes.
    static func onSignal(_ cancel: @escaping @Sendable () -> Void) {
        let isLate = self.state.withLock { state in
            state.cancel = cancel
            return state.received != 0
        }
        if isLate { cancel() }
    }

    private static func wait() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        var number: Int32 = 0
        unsafe sigwait(&set, &number)
        let cancel = self.state.withLock { state in
            state.received = number
            return state.cancel
        }
        cancel?()
        var grace = timespec(tv_sec: 10, tv_nsec: 0)
        _ = unsafe sigtimedwait(&set, nil, &grace)
        _exit(128 + number)
    }
}
