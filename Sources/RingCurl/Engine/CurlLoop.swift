internal import CRingCurlLoop
internal import CRingLibcurl
internal import RingCore

/// The event loop: libcurl's multi handle and the transfers under way. Whoever works for it holds ``CurlDriver``'s lock.
@safe final class CurlLoop {
    private let loop: OpaquePointer
    private let multi: UnsafeMutableRawPointer
    private let round = CurlRound()
    private var live: [ObjectIdentifier: CurlTransfer] = [:]
    private var handles = CurlHandles()
    private var news: [CurlNews] = []
    /// When libcurl wants to be called if nothing happens before.
    private var libcurlExpiry = Int64.max
    /// Until when the loop's thread sleeps, unless it is woken.
    private var sleepsUntil = Int64.min
    private static let longestSleep: Int64 = 600_000_000_000
    private static let retry: Int64 = 1_000_000
    private static let timersATurn = 64

    init(_ loop: CurlLoopPointer) {
        unsafe self.loop = loop.pointer
        unsafe self.multi = ring_curl_loop_multi(loop.pointer)
    }

    /// Carries out a command, and what follows from it at once.
    ///
    /// - Returns: Whether to go on.
    func turn(_ command: CurlEngine.Command) -> Bool {
        self.round.now = CurlThread.uptime()
        let goesOn = self.obey(command)
        self.settle()
        return goesOn
    }

    /// Carries out the commands that waited, serves the connections that are ready, and ends what took too long.
    ///
    /// - Returns: Whether to go on.
    func turn(_ commands: [CurlEngine.Command]) -> Bool {
        self.round.now = CurlThread.uptime()
        for command in commands where !self.obey(command) { return false }
        unsafe ring_curl_loop_serve_ready(self.loop)
        self.settle()
        return true
    }

    /// Frees everything. Nothing is done for the loop after it.
    func end() {
        self.handles.removeAll()
        unsafe ring_curl_loop_free(self.loop)
    }

    /// Whom to tell what, once the lock is free.
    func takeNews() -> [CurlNews] { exchange(&self.news, with: []) }

    /// How long nothing needs to happen unless the network or a command says so, in milliseconds.
    func timeToSleep() -> Int32 {
        let now = CurlThread.uptime()
        self.sleepsUntil = min(self.nextTurn, now + Self.longestSleep)
        return Int32(clamping: max(0, (self.sleepsUntil - now + 999_999) / 1_000_000))
    }

    /// Whether the loop's thread would sleep too long. Says so once.
    func expectsEarlierTurn() -> Bool {
        guard self.nextTurn < self.sleepsUntil else { return false }
        self.sleepsUntil = .min
        return true
    }

    private var nextTurn: Int64 { min(self.libcurlExpiry, self.round.nextExpiry) }

    /// Says whether to go on.
    private func obey(_ command: CurlEngine.Command) -> Bool {
        switch command {
        case .add(let exchange): self.add(exchange)
        case .cancel(let exchange):
            if let transfer = self.live[ObjectIdentifier(exchange)] { self.finish(transfer, with: nil) }
        case .resume(let exchange): self.live[ObjectIdentifier(exchange)]?.resume()
        case .run: break
        case .stop: return false
        }
        return true
    }

    /// What every turn ends with.
    private func settle() {
        self.keepTime()
        self.reap()
        self.endOverdue()
        // Tells the tasks what this turn brought: once, when it is over, so that a small answer arrives whole.
        while let transfer = self.round.touched.popLast() {
            if let news = transfer.settle() { self.news.append(news) }
        }
        self.noteTimeout()
        unsafe ring_curl_loop_apply_watches(self.loop)
    }

    /// Calls libcurl when it wished to be called.
    private func keepTime() {
        for _ in 0..<Self.timersATurn {
            self.noteTimeout()
            guard self.libcurlExpiry <= self.round.now else { return }
            // libcurl does not repeat a wish that has not changed: by its own clock it may be a little too early.
            self.libcurlExpiry = self.round.now + Self.retry
            unsafe ring_curl_loop_serve_timeout(self.loop)
        }
    }

    private func noteTimeout() {
        var timeout = 0
        guard unsafe ring_curl_loop_take_timeout(self.loop, &timeout) else { return }
        self.libcurlExpiry = timeout < 0 ? .max : self.round.now + Int64(timeout) * 1_000_000
    }

    private func add(_ exchange: CurlExchange) {
        // The cancellation may have overtaken the start.
        guard !exchange.isEnded else { return }
        guard let handle = self.handles.take(for: exchange.plan.shape) else {
            if let news = exchange.refuse(CurlFailure.outOfMemory(exchange.plan)) { self.news.append(news) }
            return
        }
        let transfer = CurlTransfer(exchange, handle: handle, round: self.round)
        self.live[ObjectIdentifier(exchange)] = transfer
        if !handle.adapt(to: exchange.plan.shape) {
            transfer.furnish()
            self.handles.learn(from: handle, for: exchange.plan.shape)
        }
        transfer.address()
        guard unsafe curl_multi_add_handle(self.multi, handle.easy) == CURLM_OK else {
            return self.finish(transfer, with: CurlFailure.outOfMemory(exchange.plan))
        }
        self.round.expect(transfer.expiry)
    }

    /// Ends the transfers that libcurl is done with.
    private func reap() {
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

    /// Ends the transfers whose time is up.
    private func endOverdue() {
        guard self.round.now >= self.round.nextExpiry else { return }
        self.round.nextExpiry = .max
        for transfer in self.live.values {
            if let limit = transfer.overdue(at: self.round.now) {
                self.finish(transfer, with: CurlFailure.overdue(limit, transfer))
            } else {
                self.round.expect(transfer.expiry)
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
        // makes it forget.
        self.handles.giveBack(transfer.handle, as: isInOrder && transfer.sendings == 1 ? transfer.plan.shape : nil)
    }
}

/// What one turn of the loop shares with the callbacks that run inside it.
final class CurlRound {
    /// When this turn began.
    var now = CurlThread.uptime()
    /// The transfers that have something to tell.
    var touched: [CurlTransfer] = []
    /// When to look for transfers that took too long. May be too early, never too late.
    var nextExpiry = Int64.max

    func touch(_ transfer: CurlTransfer) {
        guard !transfer.isTouched else { return }
        transfer.isTouched = true
        self.touched.append(transfer)
    }

    func expect(_ expiry: Int64) { if expiry < self.nextExpiry { self.nextExpiry = expiry } }
}
