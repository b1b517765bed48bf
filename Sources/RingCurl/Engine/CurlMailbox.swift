internal import CRingLibcurl
internal import Synchronization

/// The commands on their way to a loop that is busy, and what wakes its thread.
final class CurlMailbox: Sendable {
    /// What libcurl and the bell live in.
    ///
    /// `@unchecked Sendable`: it is a pointer to what has no lock of its own. All of it is used under the lock of ``CurlDriver``,
    /// but for two parts: the list of ready connections, which the loop's thread alone writes and reads, and the bell, a
    /// descriptor that never changes and that any thread may write to.
    @safe struct Hub: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<ring_curl_hub>
    }

    let hub: Hub
    private let state = Mutex(State())

    private struct State {
        var commands: [CurlEngine.Command] = []
        /// The thread sleeps, or is about to, and nobody has woken it yet.
        var isAsleep = false
    }

    init(hub: Hub) { self.hub = hub }

    /// Whether a command that is queued now has to wake the thread.
    var isAsleep: Bool { self.state.withLock { $0.isAsleep } }

    /// Queues a command. The caller holds the engine, so the thread is there to be woken.
    func submit(_ command: CurlEngine.Command) {
        let wakes = self.state.withLock { state in
            state.commands.append(command)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wakes { self.ring() }
    }

    /// Queues the last command. Under the lock: once the thread has seen it, the bell is gone.
    func stop() {
        self.state.withLock { state in
            state.commands.append(.stop)
            self.ring()
        }
    }

    /// Ends the thread's sleep.
    func ring() { unsafe ring_curl_bell_ring(self.hub.pointer) }

    // MARK: For the thread

    /// Sleeps until a connection is ready, until a command comes, or until the time is up.
    func sleep(milliseconds: Int32) {
        let isIdle = self.state.withLock { state in
            state.isAsleep = state.commands.isEmpty
            return state.isAsleep
        }
        unsafe ring_curl_wait(self.hub.pointer, isIdle ? milliseconds : 0)
    }

    /// Takes everything that waits, and leaves an empty list's memory for what comes next.
    func drain(into commands: inout [CurlEngine.Command]) {
        self.state.withLock { state in
            state.isAsleep = false
            swap(&state.commands, &commands)
        }
    }
}
