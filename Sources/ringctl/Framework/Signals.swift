import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into the cancellation of the running command, so that it ends cleanly: a live session is
/// closed, no half-written file stays behind, a token request under way is seen through and its tokens are stored. A second
/// signal, or 45 seconds, end the process at once: a token request may last 30.
enum Signals {
    private static let state = Mutex<(received: Int32, cancel: (@Sendable () -> Void)?)>((0, nil))

    /// The signal that came, or 0.
    static var received: Int32 { self.state.withLock { $0.received } }

    /// Where the handler writes the signal's number, and the waiting thread reads it. A handler may run on any thread, the
    /// first one included, which is not the one that runs `main`; blocking the signals here would not reach it.
    private static let pipeEnds: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        // Sockets and not a pipe, because they are made with the flag: a child process must not inherit them.
        _ = unsafe socketpair(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
        return (ends[0], ends[1])
    }()

    /// Starts listening.
    static func install() {
        signal(SIGPIPE, SIG_IGN)
        _ = Self.pipeEnds
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                // Only what POSIX allows in a handler: one write.
                var byte = UInt8(truncatingIfNeeded: number)
                _ = unsafe write(Signals.pipeEnds.write, &byte, 1)
            }
        }
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
        let number = Self.next(within: -1)
        let cancel = self.state.withLock { state in
            state.received = number
            return state.cancel
        }
        cancel?()
        _ = Self.next(within: 45_000)
        _exit(128 + number)
    }

    /// Waits for a signal, at most that many milliseconds; 0 when none came.
    private static func next(within limit: Int32) -> Int32 {
        var descriptor = pollfd(fd: Self.pipeEnds.read, events: Int16(POLLIN), revents: 0)
        var ready: Int32 = 0
        repeat { ready = unsafe poll(&descriptor, 1, limit) } while ready < 0 && errno == EINTR
        var byte: UInt8 = 0
        guard ready > 0, unsafe read(Self.pipeEnds.read, &byte, 1) == 1 else { return 0 }
        return Int32(byte)
    }
}
