internal import CRingCurlLoop
internal import Synchronization

/// The commands on their way to a loop that is busy, and what wakes its thread.
final class CurlMailbox: Sendable {
    let loop: CurlLoopPointer
    private let state = Mutex(State())

    private struct State {
        var commands: [CurlEngine.Command] = []
        /// The thread sleeps, or is about to, and nobody has woken it yet.
        var isAsleep = false
    }

    init(loop: CurlLoopPointer) { self.loop = loop }

    /// Whether a command that is queued now has to wake the thread.
    var isAsleep: Bool { self.state.withLock { $0.isAsleep } }

    /// Queues a command. The caller holds the engine, so the thread is there to be woken.
    func submit(_ command: CurlEngine.Command) {
        let wakes = self.state.withLock { state in
            state.commands.append(command)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wakes { self.wake() }
    }

    /// Queues the last command. Under the lock: once the thread has seen it, the loop is freed.
    func stop() {
        self.state.withLock { state in
            state.commands.append(.stop)
            self.wake()
        }
    }

    /// Ends the thread's sleep.
    func wake() { unsafe ring_curl_loop_wake(self.loop.pointer) }

    // MARK: For the thread

    /// Sleeps until a connection is ready, until a command comes, or until the time is up.
    func sleep(milliseconds: Int32) {
        let isIdle = self.state.withLock { state in
            state.isAsleep = state.commands.isEmpty
            return state.isAsleep
        }
        unsafe ring_curl_loop_wait(self.loop.pointer, isIdle ? milliseconds : 0)
    }

    /// Takes everything that waits, and leaves an empty list's memory for what comes next.
    func drain(into commands: inout [CurlEngine.Command]) {
        self.state.withLock { state in
            state.isAsleep = false
            swap(&state.commands, &commands)
        }
    }
}

/// The C part of a loop.
///
/// `@unchecked Sendable`: a pointer to memory without a lock of its own. ``CurlDriver``'s lock protects it, except for waiting,
/// which only the loop's thread does, and waking, which any thread may do.
@safe struct CurlLoopPointer: @unchecked Sendable {
    let pointer: OpaquePointer
}
