internal import CRingLibcurl
internal import RingCore

/// One transfer under way: libcurl's handle, and what its callbacks work on. Used under the loop's lock.
@safe final class CurlTransfer {
    let exchange: CurlExchange
    /// The exchange's plan. Kept here, with what every piece of a body needs of it: the reader's thread counts references to
    /// the exchange at the same time, and both would wait for that number.
    let plan: CurlPlan
    let handle: CurlHandle
    let easy: UnsafeMutableRawPointer
    private let turn: CurlTurn
    private let upload: CurlUpload?
    private var progress: RingHTTPExchangeProgress
    private var head: CurlHeadParser
    /// The body's length by its head.
    private var announced: Int64?
    /// What this turn of the loop has received of the body.
    private var chunks = RingHTTPChunks()
    /// How many bytes waited for the reader when that was last known: there may be fewer by now.
    private var waiting = 0
    private var received: Int64 = 0
    /// How often libcurl began to send the request: more than once when a kept connection turned out to be closed.
    private var attempts = 0
    /// Whether the turn's list has this transfer.
    private var isTouched = false
    private let maximumBufferedBytes: Int
    private let maximumBodyBytes: Int64
    /// How much of a body is received in one turn, less the next piece.
    private let enough: Int
    /// The reason for ending the transfer, when it is not libcurl's, which then reports one of its own.
    private var fault: RingError?
    private var fields: UnsafeMutablePointer<curl_slist>?

    init(_ exchange: CurlExchange, handle: CurlHandle, turn: CurlTurn) {
        let plan = exchange.plan
        self.exchange = exchange
        self.plan = plan
        self.handle = handle
        unsafe self.easy = handle.easy
        self.turn = turn
        self.upload = exchange.upload
        self.progress = RingHTTPExchangeProgress(limits: plan.limits, now: CurlThread.uptime())
        self.head = CurlHeadParser(
            maximumBytes: plan.maximumHeaderBytes, maximumFieldCount: plan.maximumHeaderFieldCount)
        self.maximumBufferedBytes = plan.maximumBufferedBytes
        self.maximumBodyBytes = plan.maximumBodyBytes ?? .max
        self.enough = plan.lane == .media ? plan.receiveBuffer - Int(CURL_MAX_WRITE_SIZE) : .max
    }

    private var options: CurlOptions { unsafe CurlOptions(self.easy, self.plan) }
    private var pointer: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    /// Tells the handle what requests of one ``CurlPlan/shape`` have in common, unless it was told before.
    func setUp() { unsafe self.options.setShape(self.pointer) }

    /// Tells the handle what no two requests have in common.
    func address() { unsafe self.fields = self.options.setAddress(self.pointer) }

    /// Frees what libcurl borrowed. After the handle has left the multi handle.
    func release() {
        unsafe curl_slist_free_all(self.fields)
        unsafe self.fields = nil
        self.options.clearFields()
    }

    /// A number that libcurl has kept about the transfer.
    func number(_ info: CURLINFO) -> Int {
        var value = 0
        unsafe ring_curl_get_long(self.easy, info, &value)
        return value
    }

    // MARK: Called by libcurl

    /// Notes that libcurl begins to send the request; returns whether it may.
    func beginRequest() -> Bool {
        self.attempts += 1
        // libcurl repeats a request that met a kept connection which the server had just closed. That is right for a plain
        // read, and for a request of which nothing was sent; anything else may have had its effect.
        if self.isRepeated, !self.plan.isRead, self.number(CURLINFO_REQUEST_SIZE) > 0 {
            self.fault = CurlFailure.lostWhileReusing(self.plan)
            return false
        }
        self.advance(to: self.upload == nil ? .waiting : .sending)
        return true
    }

    /// Fills libcurl's buffer with more of the request's body. Returns how much it is, in libcurl's terms.
    func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let upload else { return Int(CURL_READFUNC_ABORT) }
        switch unsafe upload.take(into: buffer) {
        case .bytes(let count):
            if self.progress.phase == .sending { self.advance(to: .sending) }
            return count
        case .wait:
            self.progress.pauseSending()
            return Int(CURL_READFUNC_PAUSE)
        case .end:
            if self.progress.phase == .sending { self.advance(to: .waiting) }
            return 0
        case .failed(let error):
            self.fault = CurlFailure.upload(error, self.plan, delivery: self.delivery)
            return Int(CURL_READFUNC_ABORT)
        }
    }

    /// Reads a header line. Returns how much of it was accepted.
    func receive(line: UnsafeRawBufferPointer) -> Int {
        // Trailers arrive here as well, after the body has begun. They count for the limits of the head, and are not kept.
        if self.progress.phase != .receivingBody {
            self.advance(to: .receivingHead)
        } else {
            self.progress.noteActivity(now: self.turn.now)
        }
        switch unsafe self.head.append(line) {
        case .more: break
        case .interim: self.advance(to: .waiting)
        case .complete(let fields, let announced):
            self.announced = announced
            self.advance(to: .receivingBody)
            self.exchange.receive(
                RingHTTPResponseHead(
                    status: self.head.status, headerFields: fields, announced: announced,
                    isHead: self.plan.method == "HEAD", inflates: self.plan.inflates))
            self.touch()
        case .refused(let error):
            self.fault = error.during(self.plan.operation)
            return 0
        }
        return line.count
    }

    /// Keeps a piece of the body. Returns how much was taken, in libcurl's terms.
    func receive(_ piece: UnsafeRawBufferPointer) -> Int {
        guard unsafe !piece.isEmpty else { return 0 }
        guard self.received + Int64(piece.count) <= self.maximumBodyBytes else {
            self.fault = self.plan.failure.responseTooLarge(
                maximumBytes: self.maximumBodyBytes, status: self.head.status)
            return 0
        }
        self.progress.noteActivity(now: self.turn.now)
        if self.waiting + self.chunks.byteCount >= self.maximumBufferedBytes,
            self.exchange.isFull(besides: self.chunks.byteCount)
        {
            self.progress.pauseReceiving()
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        self.received += Int64(piece.count)
        unsafe self.chunks.append(piece, announced: self.announced)
        self.touch()
        // libcurl has read a whole buffer of it, and would go on. The reader's own thread receives the rest.
        if self.chunks.byteCount > self.enough, !self.progress.isReceivingPaused { self.pauseReceiving() }
        return piece.count
    }

    // MARK: Called by the loop

    /// Notes the end, in order or with an error.
    func finish(with error: RingError?) {
        self.exchange.finish(with: error, &self.chunks)
        self.touch()
    }

    /// Passes on what this turn of the loop has received, and says whom to wake.
    func report() -> CurlWakeUp? {
        self.isTouched = false
        let (wakeUp, waiting, pauses) = self.exchange.report(
            &self.chunks, isReceivingPaused: self.progress.isReceivingPaused)
        self.waiting = waiting
        if pauses { self.pauseReceiving() }
        return wakeUp
    }

    /// Lets libcurl continue after a pause. Its callbacks pause again if there is still no space, or nothing to send.
    ///
    /// - Returns: Why the transfer has to end, when a callback has refused what libcurl had kept during the pause. libcurl itself
    ///   would look at the transfer again only at the next of its times, and take it for complete.
    func resume() -> RingError? {
        guard self.progress.resume(now: self.turn.now) else { return nil }
        self.turn.expect(self.progress.nextExpiry)
        let result = unsafe curl_easy_pause(self.easy, CURLPAUSE_CONT)
        return result == CURLE_OK ? self.fault : self.failure(result)
    }

    /// When the next limit passes, if nothing more happens.
    var nextExpiry: Int64 { self.progress.nextExpiry }

    /// Whether libcurl has begun to send the request more than once.
    var isRepeated: Bool { self.attempts > 1 }

    /// The error of a limit that has passed.
    func overdue() -> RingError? {
        guard let limit = self.progress.overdue(at: self.turn.now) else { return nil }
        return self.plan.failure.overdue(limit, self.plan.limits, status: self.status, delivery: self.delivery)
    }

    /// The error of a result of libcurl's; `nil` when it is none, and the response's head has arrived.
    func failure(_ result: CURLcode) -> RingError? {
        if let fault { return fault }
        if result == CURLE_OK, self.progress.phase == .receivingBody { return nil }
        return CurlFailure.make(
            result, self.plan, hasBegun: self.attempts > 0, status: self.status, delivery: self.delivery,
            verification: self.number(CURLINFO_SSL_VERIFYRESULT),
            closedByServer: result == CURLE_SSL_CONNECT_ERROR && self.handle.saysThatTheServerClosed)
    }

    /// The status, once the head was complete.
    private var status: Int? { self.progress.phase == .receivingBody ? self.head.status : nil }

    /// What is known about a request that fails now.
    private var delivery: RingError.Delivery {
        guard self.attempts > 0, self.number(CURLINFO_REQUEST_SIZE) > 0 else { return .notSent }
        return .unknown
    }

    /// Notes progress; the limit of the phase counts from here.
    private func advance(to phase: RingHTTPExchangeProgress.Phase) {
        if self.progress.advance(to: phase, now: self.turn.now) { self.turn.expect(self.progress.nextExpiry) }
    }

    /// Makes libcurl stop receiving after what it has read, until ``resume()``.
    private func pauseReceiving() {
        self.progress.pauseReceiving()
        unsafe curl_easy_pause(self.easy, self.progress.isSendingPaused ? CURLPAUSE_ALL : CURLPAUSE_RECV)
    }

    private func touch() {
        guard !self.isTouched else { return }
        self.isTouched = true
        self.turn.append(self)
    }
}
