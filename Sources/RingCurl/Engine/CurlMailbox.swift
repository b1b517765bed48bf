internal import CRingLibcurl
internal import Synchronization

/// The commands on their way to a loop, and what wakes it for them.
final class CurlMailbox: Sendable {
    /// libcurl's multi handle. Used by the loop's thread alone, but for `curl_multi_wakeup`, which any thread may call.
    @safe struct Handle: @unchecked Sendable {
        let pointer: UnsafeMutableRawPointer
    }

    let multi: Handle
    private let bell = ring_curl_bell_make()
    private let state = Mutex(State())

    private struct State {
        var commands: [CurlEngine.Command] = []
        /// The loop sleeps, or is about to, and nobody has woken it yet.
        var isAsleep = false
    }

    init(multi: Handle) { self.multi = multi }

    deinit { ring_curl_bell_free(self.bell) }

    /// Queues a command. The caller holds the engine, so the loop is there to be woken.
    func submit(_ command: CurlEngine.Command) {
        let wakes = self.state.withLock { state in
            state.commands.append(command)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wakes { unsafe ring_curl_bell_ring(self.bell, self.multi.pointer) }
    }

    /// Queues the last command. Under the lock: once the loop has seen it, the handle is gone.
    func stop() {
        self.state.withLock { state in
            state.commands.append(.stop)
            unsafe ring_curl_bell_ring(self.bell, self.multi.pointer)
        }
    }

    // MARK: For the loop

    /// Sleeps until there is something to do for libcurl, until a command comes, or until the time is up.
    func sleep(milliseconds: Int32) {
        let isIdle = self.state.withLock { state in
            state.isAsleep = state.commands.isEmpty
            return state.isAsleep
        }
        unsafe ring_curl_wait(self.bell, self.multi.pointer, isIdle ? milliseconds : 0)
    }

    /// Takes everything that waits, and leaves an empty list's memory for what comes next.
    func drain(into commands: inout [CurlEngine.Command]) {
        self.state.withLock { state in
            state.isAsleep = false
            swap(&state.commands, &commands)
        }
    }
}
