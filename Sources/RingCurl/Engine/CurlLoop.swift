internal import CRingCurlLoop
internal import CRingLibcurl
internal import RingCore

/// The event loop: libcurl's multi handle and the transfers under way. Whoever works for it holds ``CurlDriver``'s lock.
@safe final class CurlLoop {
    private let loop: OpaquePointer
    private let multi: UnsafeMutableRawPointer
    private let turn = CurlTurn()
    private var live: [ObjectIdentifier: CurlTransfer] = [:]
    private var handles = CurlHandles()
    private var wakeUps: [CurlWakeUp] = []
    /// When libcurl has to be called if nothing happens before.
    private var libcurlExpiry = Int64.max
    /// Until when the loop's thread sleeps, unless it is woken.
    private var sleepsUntil = Int64.min
    private static let longestSleep: Int64 = 600_000_000_000
    private static let retryInterval: Int64 = 1_000_000
    private static let maximumTimersPerTurn = 64

    init(_ loop: CurlLoopPointer) {
        unsafe self.loop = loop.pointer
        unsafe self.multi = ring_curl_loop_multi(loop.pointer)
    }

    /// Carries out a command, and what follows from it at once.
    ///
    /// - Returns: Whether to continue.
    func runTurn(_ command: CurlEngine.Command) -> Bool {
        self.turn.now = CurlThread.uptime()
        let continues = self.carryOut(command)
        self.finishTurn()
        return continues
    }

    /// Carries out the commands that waited, serves the connections that are ready, and ends what took too long.
    ///
    /// - Returns: Whether to continue.
    func runTurn(_ commands: [CurlEngine.Command]) -> Bool {
        self.turn.now = CurlThread.uptime()
        for command in commands where !self.carryOut(command) { return false }
        unsafe ring_curl_loop_serve_ready(self.loop)
        self.finishTurn()
        return true
    }

    /// Frees everything. Nothing is done for the loop after it.
    func end() {
        self.handles.removeAll()
        unsafe ring_curl_loop_free(self.loop)
    }

    /// The tasks to wake, once the lock is free.
    func takeWakeUps() -> [CurlWakeUp] { exchange(&self.wakeUps, with: []) }

    /// How long nothing has to happen unless the network or a command requires it, in milliseconds.
    func timeToSleep() -> Int32 {
        let now = CurlThread.uptime()
        self.sleepsUntil = min(self.nextTurn, now + Self.longestSleep)
        return Int32(clamping: max(0, (self.sleepsUntil - now + 999_999) / 1_000_000))
    }

    /// Whether the loop's thread would sleep too long. Returns it once.
    func expectsEarlierTurn() -> Bool {
        guard self.nextTurn < self.sleepsUntil else { return false }
        self.sleepsUntil = .min
        return true
    }

    private var nextTurn: Int64 { min(self.libcurlExpiry, self.turn.nextExpiry) }

    /// - Returns: Whether to continue.
    private func carryOut(_ command: CurlEngine.Command) -> Bool {
        switch command {
        case .add(let exchange): self.add(exchange)
        case .cancel(let exchange):
            if let transfer = self.live[ObjectIdentifier(exchange)] { self.finish(transfer, with: nil) }
        case .resume(let exchange):
            if let transfer = self.live[ObjectIdentifier(exchange)], let error = transfer.resume() {
                self.finish(transfer, with: error)
            }
        case .run: break
        case .stop: return false
        }
        return true
    }

    /// What every turn ends with.
    private func finishTurn() {
        self.serveTimeouts()
        self.finishCompleted()
        self.finishOverdue()
        // Each task is told what this turn brought only now, once, so that a small response arrives whole.
        while let transfer = self.turn.touched.popLast() {
            if let wakeUp = transfer.report() { self.wakeUps.append(wakeUp) }
        }
        self.noteTimeout()
        unsafe ring_curl_loop_apply_watches(self.loop)
    }

    /// Calls libcurl when its time has come.
    private func serveTimeouts() {
        for _ in 0..<Self.maximumTimersPerTurn {
            self.noteTimeout()
            guard self.libcurlExpiry <= self.turn.now else { return }
            // libcurl does not repeat a time that has not changed: by its own clock it may be a little too early.
            self.libcurlExpiry = self.turn.now + Self.retryInterval
            unsafe ring_curl_loop_serve_timeout(self.loop)
        }
    }

    private func noteTimeout() {
        var timeout = 0
        guard unsafe ring_curl_loop_take_timeout(self.loop, &timeout) else { return }
        self.libcurlExpiry = timeout < 0 ? .max : self.turn.now + Int64(timeout) * 1_000_000
    }

    private func add(_ exchange: CurlExchange) {
        // The cancellation may have overtaken the start.
        guard !exchange.isCancelled else { return }
        guard let handle = self.handles.take(for: exchange.plan.shape) else {
            if let wakeUp = exchange.refuse(CurlFailure.outOfMemory(exchange.plan)) { self.wakeUps.append(wakeUp) }
            return
        }
        let transfer = CurlTransfer(exchange, handle: handle, turn: self.turn)
        self.live[ObjectIdentifier(exchange)] = transfer
        if !handle.adapt(to: exchange.plan.shape) {
            transfer.setUp()
            self.handles.learn(from: handle, for: exchange.plan.shape)
        }
        transfer.address()
        guard unsafe curl_multi_add_handle(self.multi, handle.easy) == CURLM_OK else {
            return self.finish(transfer, with: CurlFailure.outOfMemory(exchange.plan))
        }
        self.turn.expect(transfer.nextExpiry)
    }

    /// Ends the transfers that libcurl has completed.
    private func finishCompleted() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(self.multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else {
                continue
            }
            let result = unsafe ring_curl_message_result(message)
            var pointer: UnsafeMutableRawPointer?
            unsafe ring_curl_get_pointer(easy, CURLINFO_PRIVATE, &pointer)
            guard let pointer = unsafe pointer else { continue }
            let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
            let error = transfer.failure(result)
            self.finish(transfer, with: error, isInOrder: error == nil)
        }
    }

    /// Ends the transfers for which a limit has passed.
    private func finishOverdue() {
        guard self.turn.now >= self.turn.nextExpiry else { return }
        self.turn.nextExpiry = .max
        for transfer in self.live.values {
            if let error = transfer.overdue() {
                self.finish(transfer, with: error)
            } else {
                self.turn.expect(transfer.nextExpiry)
            }
        }
    }

    /// - Parameter isInOrder: Whether the transfer ran to its end, so that its handle may stay as it is.
    private func finish(_ transfer: CurlTransfer, with error: RingError?, isInOrder: Bool = false) {
        guard self.live.removeValue(forKey: ObjectIdentifier(transfer.exchange)) != nil else { return }
        transfer.finish(with: error)
        unsafe curl_multi_remove_handle(self.multi, transfer.easy)
        transfer.release()
        // libcurl counts how often it sent a request again over the life of a handle, and gives up at five: only a reset
        // clears the count.
        self.handles.giveBack(transfer.handle, as: isInOrder && !transfer.isRepeated ? transfer.plan.shape : nil)
    }
}

/// What one turn of the loop shares with the callbacks that run inside it.
final class CurlTurn {
    /// When this turn began.
    var now = CurlThread.uptime()
    /// The transfers that have something to report.
    fileprivate var touched: [CurlTransfer] = []
    /// When to look for transfers that took too long. May be too early, never too late.
    fileprivate var nextExpiry = Int64.max

    func append(_ transfer: CurlTransfer) { self.touched.append(transfer) }

    func expect(_ expiry: Int64) { if expiry < self.nextExpiry { self.nextExpiry = expiry } }
}
