import RingHTTP
import Testing

/// Every event in every stage of an exchange, and what follows from it.
@Suite struct RingHTTPExchangeTests {
    private struct Lost: Error {}
    private struct Overdue: Error {}

    enum Event: CaseIterable { case poll, wait, cancel, head, chunk, stop, complete, fail, expire }

    /// The stages, by the events that lead to them.
    enum Stage: CaseIterable {
        case new, sent, headDelivered, waiting, buffered, stopped, completeWithRest, complete, failedWithRest, failed
        case expiredWithRest, cancelled

        var exchange: RingHTTPExchange {
            var exchange = RingHTTPExchange()
            guard self != .new else { return exchange }
            _ = exchange.sent()
            guard self != .sent else { return exchange }
            RingHTTPExchangeTests.apply([.head], to: &exchange)
            switch self {
            case .waiting: RingHTTPExchangeTests.apply([.wait], to: &exchange)
            case .buffered: RingHTTPExchangeTests.apply([.chunk], to: &exchange)
            case .stopped: RingHTTPExchangeTests.apply([.chunk, .stop, .poll], to: &exchange)
            case .completeWithRest: RingHTTPExchangeTests.apply([.chunk, .complete], to: &exchange)
            case .complete: RingHTTPExchangeTests.apply([.complete], to: &exchange)
            case .failedWithRest: RingHTTPExchangeTests.apply([.chunk, .fail], to: &exchange)
            case .failed: RingHTTPExchangeTests.apply([.fail], to: &exchange)
            case .expiredWithRest: RingHTTPExchangeTests.apply([.chunk, .expire], to: &exchange)
            case .cancelled: RingHTTPExchangeTests.apply([.chunk, .cancel], to: &exchange)
            default: break
            }
            return exchange
        }
    }

    /// What follows from each event, in the order of ``Event``. `-` is nothing.
    static let transitions: [(Stage, [String])] = [
        // poll, wait, cancel, head, chunk, stop, complete, fail, expire
        (.new, ["refuse", "refuse", "end", "-", "-", "-", "-", "-", "-"]),
        (.sent, ["refuse", "refuse", "wake end", "head 200", "disorder", "-", "disorder", "lost", "overdue"]),
        (.headDelivered, ["wait", "wait", "end", "-", "-", "-", "-", "-", "-"]),
        (.waiting, ["refuse", "refuse", "wake end", "disorder", "chunk 7", "-", "end of body", "lost", "overdue"]),
        (.buffered, ["chunk 7", "chunk 7", "end", "-", "-", "stop", "-", "-", "-"]),
        (.stopped, ["resume", "resume", "end", "-", "-", "-", "-", "-", "-"]),
        (.completeWithRest, ["chunk 7", "chunk 7", "-", "-", "-", "-", "-", "-", "-"]),
        (.complete, ["end of body", "end of body", "-", "-", "-", "-", "-", "-", "-"]),
        (.failedWithRest, ["chunk 7", "chunk 7", "-", "-", "-", "-", "-", "-", "-"]),
        (.failed, ["lost", "lost", "-", "-", "-", "-", "-", "-", "-"]),
        (.expiredWithRest, ["overdue", "overdue", "-", "-", "-", "-", "-", "-", "-"]),
        (.cancelled, ["cancelled", "cancelled", "-", "-", "-", "-", "-", "-", "-"]),
    ]

    @Test(arguments: Self.transitions)
    func followsFromEachEvent(_ stage: Stage, _ expected: [String]) {
        for (event, outcome) in zip(Event.allCases, expected) {
            var exchange = stage.exchange
            #expect(Self.apply(event, to: &exchange) == outcome, "\(event) in stage \(stage)")
        }
    }

    @Test func listsEveryTransition() {
        #expect(Set(Self.transitions.map(\.0)).count == Stage.allCases.count)
        #expect(Self.transitions.allSatisfy { $0.1.count == Event.allCases.count })
    }

    @Test func isNotSentOnceCancelled() {
        var exchange = RingHTTPExchange()
        _ = exchange.cancelled()
        let isSent = exchange.sent()
        #expect(!isSent)
        #expect(exchange.isCancelled && exchange.isEnded)
    }

    @Test func deliversACompleteResponseAtOnce() {
        var exchange = Stage.sent.exchange
        Self.report([.head, .chunk, .chunk, .complete], to: &exchange)
        let delivery = exchange.deliver()
        #expect(Self.describe(delivery) == "response 200 with 14")
        #expect(exchange.isEnded && !exchange.isCancelled)
        #expect(exchange.status == 200)
    }

    @Test func deliversTheHeadOfAFailedResponseFirst() {
        var exchange = Stage.sent.exchange
        Self.report([.head, .chunk, .fail], to: &exchange)
        let delivery = exchange.deliver()
        #expect(Self.describe(delivery) == "head 200")
        #expect(Self.apply([.poll, .poll, .wait], to: &exchange) == ["chunk 7", "lost", "lost"])
    }

    @Test func readsToTheEnd() {
        var exchange = Stage.completeWithRest.exchange
        #expect(exchange.bufferedByteCount == 7)
        #expect(Self.apply([.wait, .wait, .wait], to: &exchange) == ["chunk 7", "end of body", "end of body"])
        #expect(exchange.bufferedByteCount == 0)
    }

    /// The task is cancelled after the response has been completed and before it is told.
    @Test func cancelsATaskThatWaitsAlthoughTheTransferHasEnded() {
        var exchange = Stage.waiting.exchange
        Self.report([.complete], to: &exchange)
        #expect(Self.apply([.cancel, .poll], to: &exchange) == ["wake", "cancelled"])
    }

    @Test func countsWhatIsNotReportedYet() {
        var exchange = Stage.buffered.exchange
        let stops = [2, 3].map { exchange.stopsReceiving(at: 10, besides: $0) }
        #expect(stops == [false, true])
    }

    @Test func resumesOnceAfterAStop() {
        var exchange = Stage.headDelivered.exchange
        exchange.receivingStopped()
        #expect(Self.apply([.poll, .wait, .chunk], to: &exchange) == ["resume", "wait", "chunk 7"])
    }

    /// A task that resumes receiving waits for what arrives.
    @Test func waitsWhileItResumes() {
        var exchange = Stage.stopped.exchange
        #expect(Self.apply([.wait, .chunk], to: &exchange) == ["resume", "chunk 7"])
    }

    @Test func isSentOnce() {
        var exchange = RingHTTPExchange()
        let first = exchange.sent()
        let second = exchange.sent()
        Self.report([.head, .complete], to: &exchange)
        _ = exchange.deliver()
        let third = exchange.sent()
        #expect([first, second, third] == [true, false, false])
    }

    // MARK: Events out of order

    /// The exchange fails, whatever comes afterwards.
    @Test(arguments: [[Event.chunk], [.complete], [.head, .head], [.head, .chunk, .head]])
    func failsWithPartsOutOfOrder(_ events: [Event]) {
        var exchange = Stage.sent.exchange
        Self.report(events + [.head, .chunk, .complete, .fail], to: &exchange)
        let hasHead = events.first == .head
        var deliveries = [Self.describe(exchange.deliver())]
        if hasHead { deliveries += Self.apply([.poll, .wait], to: &exchange) }
        #expect(deliveries == (hasHead ? ["head 200", "disorder", "disorder"] : ["disorder"]))
        #expect(exchange.isEnded && !exchange.isCancelled)
        #expect(exchange.status == (hasHead ? 200 : nil))
    }

    @Test func aChunkOfNothingIsNotOutOfOrder() {
        var exchange = Stage.sent.exchange
        var nothing = RingHTTPChunks()
        exchange.chunksArrived(&nothing)
        #expect(Self.apply([.head], to: &exchange) == ["head 200"])
    }

    /// A transport may report some more before it is stopped. Nobody would read it, so it takes no memory.
    @Test(arguments: [Stage.complete, .failed, .cancelled]) func releasesWhatComesTooLate(_ stage: Stage) {
        var exchange = stage.exchange
        let before = exchange.bufferedByteCount
        var chunks = RingHTTPChunks()
        unsafe Array("late".utf8).withUnsafeBytes { unsafe chunks.append($0, announced: nil) }
        exchange.chunksArrived(&chunks)
        exchange.headArrived(
            RingHTTPResponseHead(status: 500, headerFields: [:], announced: nil, isHead: false, inflates: false))
        exchange.completed()
        #expect(chunks.byteCount == 0 && exchange.bufferedByteCount == before && exchange.status == 200)
        #expect(Self.describe(exchange.chunkRequested(waits: false)) != "disorder")
    }

    // MARK: Applying events

    @discardableResult
    private static func apply(_ events: [Event], to exchange: inout RingHTTPExchange) -> [String] {
        events.map { Self.apply($0, to: &exchange) }
    }

    private static func apply(_ event: Event, to exchange: inout RingHTTPExchange) -> String {
        switch event {
        case .poll, .wait:
            return Self.describe(exchange.chunkRequested(waits: event == .wait))
        case .cancel:
            let cancellation = exchange.cancelled()
            let words = [cancellation.endsWaiting ? "wake" : nil, cancellation.endsTransfer ? "end" : nil]
            let text = words.compactMap { $0 }.joined(separator: " ")
            return text.isEmpty ? "-" : text
        case .stop: return exchange.stopsReceiving(at: 1) ? "stop" : "-"
        case .head, .chunk, .complete, .fail, .expire:
            Self.report([event], to: &exchange)
            return Self.describe(exchange.deliver())
        }
    }

    /// Events of the transport, before it has the task told.
    private static func report(_ events: [Event], to exchange: inout RingHTTPExchange) {
        for event in events {
            switch event {
            case .head:
                exchange.headArrived(
                    RingHTTPResponseHead(
                        status: exchange.status == nil ? 200 : 500, headerFields: [:], announced: nil, isHead: false,
                        inflates: false))
            case .chunk:
                var chunks = RingHTTPChunks()
                unsafe Array("content".utf8).withUnsafeBytes { unsafe chunks.append($0, announced: nil) }
                exchange.chunksArrived(&chunks)
            case .complete: exchange.completed()
            case .fail: exchange.failed(Lost(), discardsBody: false)
            case .expire: exchange.failed(Overdue(), discardsBody: true)
            case .poll, .wait, .cancel, .stop: break
            }
        }
    }

    private static func describe(_ action: RingHTTPExchange.ChunkAction) -> String {
        switch action {
        case .deliver(let delivery): Self.describe(delivery)
        case .wait: "wait"
        case .resumeReceiving: "resume"
        case .refuse: "refuse"
        }
    }

    private static func describe(_ delivery: RingHTTPExchange.Delivery?) -> String {
        switch delivery {
        case nil: "-"
        case .response(let head, let bytes): "response \(head.status) with \(bytes.count)"
        case .head(let head): "head \(head.status)"
        case .chunk(let bytes): "chunk \(bytes.count)"
        case .end: "end of body"
        case .failure(is CancellationError): "cancelled"
        case .failure(is Lost): "lost"
        case .failure(is Overdue): "overdue"
        case .failure(let error as RingHTTPError) where error.code == .partsOutOfOrder: "disorder"
        case .failure: "another failure"
        }
    }
}
