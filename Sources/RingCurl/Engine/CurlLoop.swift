internal import CRingLibcurl
internal import RingCore

/// The event loop. Made, used and ended on its own thread; nothing here is shared.
@safe final class CurlLoop {
    private let mailbox: CurlMailbox
    private let multi: UnsafeMutableRawPointer
    private let round = CurlRound()
    private var live: [ObjectIdentifier: CurlTransfer] = [:]
    private var idleHandles: [IdleHandle] = []
    private var commands: [CurlEngine.Command] = []
    private static let idleHandleLimit = 64
    private static let longestSleep: Int64 = 600_000

    /// A handle for the next request. All requests of a loop share one configuration.
    @safe private struct IdleHandle {
        let easy: UnsafeMutableRawPointer
        /// What it is still set up for; `nil` when it is as good as new.
        let shape: CurlPlan.Shape?
    }

    init(mailbox: CurlMailbox) {
        self.mailbox = mailbox
        unsafe self.multi = mailbox.multi.pointer
    }

    func run() {
        var running: Int32 = 0
        while self.obey() {
            unsafe curl_multi_perform(self.multi, &running)
            self.reap()
            self.endOverdue()
            self.settle()
            self.mailbox.sleep(milliseconds: Int32(clamping: self.timeToSleep()))
            self.round.now = CurlThread.uptime()
        }
        self.idleHandles.forEach { unsafe curl_easy_cleanup($0.easy) }
        unsafe curl_multi_cleanup(self.multi)
    }

    /// Carries out the commands that wait; says whether to go on.
    private func obey() -> Bool {
        self.mailbox.drain(into: &self.commands)
        defer { self.commands.removeAll(keepingCapacity: true) }
        for command in self.commands {
            switch command {
            case .add(let exchange): self.add(exchange)
            case .cancel(let exchange):
                if let transfer = self.live[ObjectIdentifier(exchange)] { self.finish(transfer, with: nil) }
            case .resume(let exchange): self.live[ObjectIdentifier(exchange)]?.resume()
            case .stop: return false
            }
        }
        return true
    }

    private func add(_ exchange: CurlExchange) {
        // The cancellation may have overtaken the start.
        guard !exchange.isEnded else { return }
        let idle = self.idleHandles.popLast()
        let shape = exchange.plan.shape
        let isFurnished = shape != nil && idle?.shape == shape
        if let idle, idle.shape != nil, !isFurnished { unsafe curl_easy_reset(idle.easy) }
        guard let handle = unsafe idle?.easy ?? curl_easy_init() else {
            return exchange.refuse(CurlFailure.outOfMemory(exchange.plan))
        }
        let transfer = unsafe CurlTransfer(exchange, easy: handle, round: self.round)
        self.live[ObjectIdentifier(exchange)] = transfer
        transfer.prepare(isFurnished: isFurnished)
        guard unsafe curl_multi_add_handle(self.multi, handle) == CURLM_OK else {
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
            self.finish(transfer, with: transfer.failure(result), isInOrder: result == CURLE_OK)
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
        let handle = unsafe transfer.easy
        unsafe curl_multi_remove_handle(self.multi, handle)
        transfer.release()
        guard self.idleHandles.count < Self.idleHandleLimit else { return unsafe curl_easy_cleanup(handle) }
        // libcurl counts how often it sent a request again over the life of a handle, and gives up at five: only a reset
        // makes it forget.
        let shape = isInOrder && transfer.sendings == 1 ? transfer.plan.shape : nil
        if shape == nil { unsafe curl_easy_reset(handle) }
        unsafe self.idleHandles.append(IdleHandle(easy: handle, shape: shape))
    }

    /// Tells the tasks what this round brought: once, when it is over, so that a small answer arrives whole.
    private func settle() {
        guard !self.round.touched.isEmpty else { return }
        let touched = self.round.touched
        self.round.touched.removeAll(keepingCapacity: true)
        for transfer in touched { transfer.settle() }
    }

    /// How long nothing needs to happen unless the network or a command says so, in milliseconds.
    private func timeToSleep() -> Int64 {
        guard self.round.nextExpiry != .max else { return Self.longestSleep }
        let left = self.round.nextExpiry - CurlThread.uptime()
        return min(Self.longestSleep, max(0, left / 1_000_000 + 1))
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
