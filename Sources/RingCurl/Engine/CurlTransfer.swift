internal import CRingLibcurl
internal import RingCore

/// One transfer under way: libcurl's handle, and what its callbacks work on. Used under the loop's lock.
@safe final class CurlTransfer {
    /// Where a transfer stands. Each phase has a limit of its own.
    enum Phase {
        /// Name look-up, TCP and TLS, or waiting for a connection.
        case connecting
        /// The request is on its way.
        case sending
        /// The request is sent, no byte of the answer is here.
        case waiting
        /// The head of the answer arrives.
        case receivingHead
        /// The body of the answer arrives.
        case receivingBody
    }

    let exchange: CurlExchange
    /// The exchange's plan. Kept here, and what every piece of a body needs of it too: the reader's thread counts
    /// references to the exchange at the same time, and both would wait for that number.
    let plan: CurlPlan
    let handle: CurlHandle
    let easy: UnsafeMutableRawPointer
    let round: CurlRound
    var phase = Phase.connecting
    var lastActivity: Int64
    var isTouched = false
    /// Reading is stopped until the answer's reader has caught up.
    var isReceivingPaused = false
    /// Sending is stopped until the request's body goes on.
    var isSendingPaused = false
    /// How often libcurl began to send the request: more than once when a kept connection turned out to be dead.
    var sendings = 0
    var head: CurlHeadParser
    var upload: CurlUpload?
    var received: Int64 = 0
    /// The body's length by its head.
    var announced: Int64?
    /// What this turn of the loop brought of the body.
    private(set) var chunks = CurlChunks()
    /// How many bytes waited for the reader when it was last looked at: there may be fewer by now.
    private var waiting = 0
    private let bodyBuffer: Int
    private let bodyByteLimit: Int64
    /// How much of a body is received in one turn, less the piece that is not there yet when it is looked at.
    private let enough: Int
    /// Our own reason for ending the transfer, which libcurl then reports as its own.
    var fault: RingError?
    private var fields: UnsafeMutablePointer<curl_slist>?
    private let started: Int64

    init(_ exchange: CurlExchange, handle: CurlHandle, round: CurlRound) {
        self.exchange = exchange
        self.plan = exchange.plan
        self.bodyBuffer = exchange.plan.bodyBuffer
        self.enough = exchange.plan.lane == .media ? exchange.plan.receiveBuffer - Int(CURL_MAX_WRITE_SIZE) : .max
        self.bodyByteLimit = exchange.plan.bodyByteLimit ?? .max
        self.handle = handle
        unsafe self.easy = handle.easy
        self.round = round
        self.started = CurlThread.uptime()
        self.lastActivity = self.started
        self.head = CurlHeadParser(
            byteLimit: exchange.plan.headerByteLimit, fieldLimit: exchange.plan.headerFieldLimit)
        self.upload = exchange.upload
    }

    /// Frees what libcurl borrowed. After the handle has left the multi handle.
    func release() {
        unsafe curl_slist_free_all(self.fields)
        unsafe self.fields = nil
        unsafe self.set(CURLOPT_HTTPHEADER, nil)
    }

    /// Tells libcurl what requests of one ``CurlPlan/shape`` have in common, and the request's body. Comes before
    /// ``address()``, unless the handle was told before.
    func furnish() {
        self.prepareConnection()
        self.preparePayload()
        self.prepareCallbacks()
    }

    /// Tells libcurl what no two requests have in common.
    func address() {
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe self.set(CURLOPT_PRIVATE, me)
        unsafe self.set(CURLOPT_WRITEDATA, me)
        unsafe self.set(CURLOPT_HEADERDATA, me)
        unsafe self.set(CURLOPT_PREREQDATA, me)
        self.set(CURLOPT_URL, self.plan.url)
        self.prepareFields()
        self.prepareConnectLimit()
    }

    private func prepareConnection() {
        let plan = self.plan
        unsafe ring_curl_set_protocols(self.easy)
        unsafe ring_curl_set_quick_exit(self.easy)
        unsafe ring_curl_set_private_sockets(self.easy)
        self.set(CURLOPT_NOSIGNAL, 1)
        self.set(CURLOPT_PATH_AS_IS, 1)
        self.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        self.set(CURLOPT_FOLLOWLOCATION, 0)
        self.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        self.set(CURLOPT_TCP_KEEPALIVE, 1)
        self.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        self.set(CURLOPT_SSL_VERIFYPEER, 1)
        self.set(CURLOPT_SSL_VERIFYHOST, 2)
        self.set(CURLOPT_HTTP_VERSION, plan.offersHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
        if plan.offersHTTP2 { self.set(CURLOPT_PIPEWAIT, 1) }
        self.set(CURLOPT_BUFFERSIZE, plan.receiveBuffer)
        switch plan.authorities.source {
        case .system: break
        case .file(let path): self.set(CURLOPT_CAINFO, path)
        case .pem(let bytes):
            _ = unsafe bytes.withUnsafeBytes {
                unsafe ring_curl_set_authorities(self.easy, $0.baseAddress, $0.count)
            }
        }
        // Both are needed: an empty proxy keeps libcurl from reading `https_proxy`, the star from `all_proxy`.
        self.set(CURLOPT_PROXY, plan.proxy ?? "")
        self.set(CURLOPT_NOPROXY, plan.proxy == nil ? "*" : "localhost,127.0.0.1,::1")
        if plan.inflates { self.set(CURLOPT_ACCEPT_ENCODING, "") }
    }

    private func prepareConnectLimit() {
        // libcurl divides its limit among a host's addresses; the loop holds the whole to the same limit.
        if let limit = self.plan.limits.connect {
            self.set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: max(1, limit / 1_000_000)))
        } else {
            self.set(CURLOPT_CONNECTTIMEOUT_MS, Int(Int32.max))
        }
    }

    private func prepareFields() {
        for line in self.plan.headerLines {
            guard let longer = unsafe line.withCString({ unsafe curl_slist_append(self.fields, $0) }) else { continue }
            unsafe self.fields = longer
        }
        unsafe self.set(CURLOPT_HTTPHEADER, self.fields)
    }

    private func preparePayload() {
        let plan = self.plan
        switch plan.payload {
        case .none:
            if plan.method == "HEAD" {
                self.set(CURLOPT_NOBODY, 1)
            } else {
                self.set(CURLOPT_HTTPGET, 1)
                if plan.method != "GET" { self.set(CURLOPT_CUSTOMREQUEST, plan.method) }
            }
        case .small(let bytes):
            self.set(CURLOPT_POST, 1)
            unsafe ring_curl_set_size(self.easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
            _ = unsafe bytes.withUnsafeBytes { body in
                // An empty array has no address, and a null pointer means something else to libcurl.
                if let start = body.baseAddress, bytes.count > 0 {
                    unsafe self.set(CURLOPT_COPYPOSTFIELDS, start)
                } else {
                    self.set(CURLOPT_COPYPOSTFIELDS, "")
                }
            }
            if plan.method != "POST" { self.set(CURLOPT_CUSTOMREQUEST, plan.method) }
        case .large(let bytes): self.prepareUpload(length: Int64(bytes.count))
        case .stream(_, let length): self.prepareUpload(length: length ?? -1)
        }
    }

    private func prepareUpload(length: Int64) {
        self.set(CURLOPT_UPLOAD, 1)
        self.set(CURLOPT_CUSTOMREQUEST, self.plan.method)
        unsafe ring_curl_set_size(self.easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(length))
        self.set(CURLOPT_UPLOAD_BUFFERSIZE, 64 * 1024)
        unsafe ring_curl_set_data_callback(self.easy, CURLOPT_READFUNCTION, curlRead)
        unsafe self.set(CURLOPT_READDATA, Unmanaged.passUnretained(self).toOpaque())
    }

    private func prepareCallbacks() {
        unsafe ring_curl_set_data_callback(self.easy, CURLOPT_WRITEFUNCTION, curlWrite)
        unsafe ring_curl_set_data_callback(self.easy, CURLOPT_HEADERFUNCTION, curlHeader)
        unsafe ring_curl_set_prereq_callback(self.easy, curlBeforeRequest)
    }

    private func set(_ option: CURLoption, _ value: Int) { unsafe ring_curl_set_long(self.easy, option, value) }

    private func set(_ option: CURLoption, _ value: String) {
        _ = unsafe value.withCString { unsafe ring_curl_set_string(self.easy, option, $0) }
    }

    private func set(_ option: CURLoption, _ value: UnsafeRawPointer?) {
        unsafe ring_curl_set_pointer(self.easy, option, value)
    }

    /// A number libcurl kept about the transfer.
    func number(_ info: CURLINFO) -> Int {
        var value = 0
        unsafe ring_curl_get_long(self.easy, info, &value)
        return value
    }

    /// Notes progress; the phase's limit counts from here.
    func progress(to phase: Phase) {
        self.lastActivity = self.round.now
        guard phase != self.phase else { return }
        self.phase = phase
        self.round.expect(self.expiry)
    }

    /// Keeps a piece of the body. Says to libcurl how much it took, in libcurl's words.
    func receive(_ piece: UnsafeRawBufferPointer) -> Int {
        guard unsafe !piece.isEmpty else { return 0 }
        guard self.received + Int64(piece.count) <= self.bodyByteLimit else {
            self.fault = CurlFailure.tooLarge(self.bodyByteLimit, self.plan, status: self.head.status)
            return 0
        }
        self.lastActivity = self.round.now
        if self.waiting + self.chunks.bytes >= self.bodyBuffer, self.exchange.isFull(beside: self.chunks.bytes) {
            self.isReceivingPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        self.received += Int64(piece.count)
        unsafe self.chunks.append(piece, announced: self.announced)
        self.round.touch(self)
        // libcurl has read a whole buffer of it, and would go on. Its reader comes for more, and then receives it itself.
        if self.chunks.bytes > self.enough, !self.isReceivingPaused { self.pauseReceiving() }
        return piece.count
    }

    /// Notes the end, in order or with an error.
    func finish(with error: RingError?) {
        self.exchange.finish(with: error, &self.chunks)
        self.round.touch(self)
    }

    /// Hands over what this turn of the loop brought, and says whom to tell.
    func settle() -> CurlNews? {
        self.isTouched = false
        let (news, waiting, pauses) = self.exchange.settle(&self.chunks, isPaused: self.isReceivingPaused)
        self.waiting = waiting
        if pauses { self.pauseReceiving() }
        return news
    }

    /// Makes libcurl stop receiving after what it has read, until ``resume()``.
    private func pauseReceiving() {
        self.isReceivingPaused = true
        unsafe curl_easy_pause(self.easy, self.isSendingPaused ? CURLPAUSE_ALL : CURLPAUSE_RECV)
    }

    /// Lets libcurl go on after a pause. Its callbacks pause again if there is still no room, or nothing to send.
    func resume() {
        guard self.isReceivingPaused || self.isSendingPaused else { return }
        self.isReceivingPaused = false
        self.isSendingPaused = false
        self.lastActivity = self.round.now
        self.round.expect(self.expiry)
        unsafe curl_easy_pause(self.easy, CURLPAUSE_CONT)
    }
}

// MARK: Limits

extension CurlTransfer {
    /// A limit that can pass.
    enum Limit { case connect, firstByte, silence, total, deadline }

    /// When the next limit passes, if nothing more happens.
    var expiry: Int64 { self.nextLimit.at }

    /// The limit that has passed, if one has.
    func overdue(at now: Int64) -> Limit? {
        let next = self.nextLimit
        return next.at <= now ? next.limit : nil
    }

    private var nextLimit: (at: Int64, limit: Limit) {
        let limits = self.plan.limits
        var next = (at: Int64.max, limit: Limit.total)
        func consider(_ length: Int64?, since start: Int64, _ limit: Limit) {
            guard let length else { return }
            let (at, isTooLate) = start.addingReportingOverflow(length)
            if !isTooLate, at < next.at { next = (at, limit) }
        }
        consider(limits.total, since: self.started, .total)
        consider(limits.deadline, since: self.started, .deadline)
        switch self.phase {
        case .connecting: consider(limits.connect, since: self.started, .connect)
        case .sending where !self.isSendingPaused: consider(limits.silence, since: self.lastActivity, .silence)
        case .waiting: consider(limits.firstByte, since: self.lastActivity, .firstByte)
        case .receivingHead: consider(limits.silence, since: self.lastActivity, .silence)
        case .receivingBody where !self.isReceivingPaused:
            consider(limits.silence, since: self.lastActivity, .silence)
        default: break
        }
        return next
    }
}
