/// The state of one exchange, between the task that sends the request and the transport that carries it. Does no I/O.
///
/// A transport holds it in its lock. Each event is a function; what it returns is what the transport has to do once the lock
/// is free. Whether a task waits is part of the state; its continuation is kept by the transport. One task waits at a time:
/// for the head, and after that for a chunk of the body.
///
/// Events of the task: ``sent()``, ``chunkRequested(waits:)`` and ``cancelled()``, also for the release of an unread body. Events
/// of the transport: ``headArrived(_:)``, ``chunksArrived(_:)``, ``stopsReceiving(at:besides:)``, ``completed()``, and
/// ``failed(_:discardsBody:)`` for limits and lost connections. Then ``deliver()`` says what the waiting task gets. So a transport
/// decides itself how much it reports before a task is woken.
///
/// An event that cannot follow does nothing if it is too late, and ends the exchange if it is too early:
/// - After the end of an exchange, events of the transport are ignored: it may report some more before it is stopped. The bytes
///   of chunks are released.
/// - A second head, a chunk or the end of the body before a head are out of order. The exchange fails with
///   ``RingHTTPError/Code/partsOutOfOrder``, because nothing of such a response can be trusted.
/// - The task sends once, and requests chunks after it has got the head; otherwise it is refused.
///
/// Where the request stands on the wire, and which limit ends it, is the state of ``RingHTTPExchangeProgress``.
package struct RingHTTPExchange: Sendable {
    /// What a waiting task gets.
    package enum Delivery: Sendable {
        /// The response with its whole body.
        case response(RingHTTPResponseHead, [UInt8])
        /// The response's head. The body follows in chunks.
        case head(RingHTTPResponseHead)
        /// The next chunk of the body.
        case chunk([UInt8])
        /// The end of the body.
        case end
        /// Why there is no more.
        case failure(any Error)
    }

    /// What becomes of the request for a chunk.
    package enum ChunkAction: Sendable {
        /// The task gets this at once.
        case deliver(Delivery)
        /// Nothing has arrived yet.
        case wait
        /// Nothing has arrived yet, and receiving had stopped: it has to go on.
        case resumeReceiving
        /// Another task waits for a chunk already, or for the head. A streamed body has one reader.
        case refuse
    }

    /// What a cancellation ends.
    package struct Cancellation: Equatable, Sendable {
        /// The task that waits gets a `CancellationError`.
        package var endsWaiting: Bool
        /// The transfer is under way and has to be ended.
        package var endsTransfer: Bool
    }

    private enum End {
        case completed
        case failed(any Error, discardsBody: Bool)
        case cancelled
    }

    private var head: RingHTTPResponseHead?
    private var isSent = false
    private var isHeadDelivered = false
    private var body = RingHTTPChunkQueue()
    private var isWaiting = false
    private var isReceivingStopped = false
    private var end: End?

    package init() {}

    /// Whether nothing more can arrive.
    package var isEnded: Bool { self.end != nil }

    /// Whether the task was cancelled before the transfer had ended.
    package var isCancelled: Bool {
        if case .cancelled = self.end { true } else { false }
    }

    /// The status of the response, once its head has arrived.
    package var status: Int? { self.head?.status }

    /// How many bytes of the body wait to be read.
    package var bufferedByteCount: Int { self.body.byteCount }

    // MARK: Events of the task

    /// The task sends the request and waits for the head.
    ///
    /// - Returns: Whether to send it. Not when the task was cancelled first, nor a second time.
    package mutating func sent() -> Bool {
        guard self.end == nil, !self.isSent else { return false }
        self.isSent = true
        self.isWaiting = true
        return true
    }

    /// The task wants the next chunk.
    ///
    /// - Parameter waits: Whether the task waits when there is no chunk yet. Otherwise it requests one again later.
    package mutating func chunkRequested(waits: Bool) -> ChunkAction {
        guard self.isHeadDelivered, !self.isWaiting else { return .refuse }
        if let delivery = self.nextChunk() { return .deliver(delivery) }
        self.isWaiting = waits
        guard self.isReceivingStopped else { return .wait }
        self.isReceivingStopped = false
        return .resumeReceiving
    }

    /// The task is cancelled, or the last reference to the body is gone.
    ///
    /// A response that has arrived whole can still be read.
    package mutating func cancelled() -> Cancellation {
        let cancellation = Cancellation(endsWaiting: self.isWaiting, endsTransfer: self.end == nil)
        if cancellation.endsWaiting || cancellation.endsTransfer { self.end = .cancelled }
        self.isWaiting = false
        return cancellation
    }

    // MARK: Events of the transport

    /// The response's head has arrived. Heads of interim responses do not count.
    package mutating func headArrived(_ head: RingHTTPResponseHead) {
        guard self.end == nil else { return }
        guard self.head == nil else { return self.failOutOfOrder("a second head") }
        self.head = head
    }

    /// Parts of the body have arrived. `chunks` is empty afterwards, and has memory to be filled again.
    package mutating func chunksArrived(_ chunks: inout RingHTTPChunks) {
        guard self.end == nil, self.head != nil || chunks.byteCount == 0 else {
            if self.end == nil { self.failOutOfOrder("a part of the body before the head") }
            return chunks = RingHTTPChunks()
        }
        self.body.append(&chunks)
    }

    /// The transport has stopped receiving. It goes on when the task wants a chunk and none is left.
    package mutating func receivingStopped() { self.isReceivingStopped = true }

    /// The transport can stop receiving. It goes on when the task wants a chunk and none is left.
    ///
    /// - Parameters:
    ///   - maximumByteCount: How many bytes may wait to be read before receiving has to stop.
    ///   - gathered: How many bytes the transport holds that it has not reported yet.
    /// - Returns: Whether to stop.
    package mutating func stopsReceiving(at maximumByteCount: Int, besides gathered: Int = 0) -> Bool {
        guard self.end == nil, self.body.byteCount + gathered >= maximumByteCount else { return false }
        self.isReceivingStopped = true
        return true
    }

    /// The response is complete.
    package mutating func completed() {
        guard self.end == nil else { return }
        guard self.head != nil else { return self.failOutOfOrder("the end before the head") }
        self.end = .completed
    }

    /// The exchange ends early: a limit has passed, the connection was lost, or the response cannot be accepted.
    ///
    /// - Parameter discardsBody: Whether what has arrived of the body is not worth reading, because the time is over.
    package mutating func failed(_ error: any Error, discardsBody: Bool) {
        if self.end == nil { self.end = .failed(error, discardsBody: discardsBody) }
    }

    private mutating func failOutOfOrder(_ event: String) {
        let error = RingHTTPError(
            code: .partsOutOfOrder, message: "the parts of the response are out of order: \(event)")
        self.failed(error, discardsBody: true)
    }

    /// The transport has reported what there was.
    ///
    /// - Returns: What the task that waits gets; `nil` when none waits, or when it has to wait on.
    package mutating func deliver() -> Delivery? {
        guard self.isWaiting else { return nil }
        let delivery = self.isHeadDelivered ? self.nextChunk() : self.response()
        if delivery != nil { self.isWaiting = false }
        return delivery
    }

    private mutating func response() -> Delivery? {
        if let head {
            self.isHeadDelivered = true
            if case .completed = self.end { return .response(head, self.body.removeAll()) }
            return .head(head)
        }
        switch self.end {
        case nil: return nil
        case .failed(let error, _): return .failure(error)
        case .completed, .cancelled: return .failure(CancellationError())
        }
    }

    private mutating func nextChunk() -> Delivery? {
        switch self.end {
        case .cancelled: return .failure(CancellationError())
        case .failed(let error, discardsBody: true): return .failure(error)
        default: break
        }
        if let chunk = self.body.removeFirst() { return .chunk(chunk) }
        switch self.end {
        case nil: return nil
        case .completed: return .end
        case .failed(let error, _): return .failure(error)
        case .cancelled: return .failure(CancellationError())
        }
    }
}
