internal import RingCore

/// One transfer: reads, counts and inspects the bytes, and continues after an interruption.
///
/// Used by one actor, and runs on that actor: `MediaFileWriter` for a file, `MediaSource` for a stream. A chunk then
/// reaches its file without changing threads.
final class MediaReader {
    let info: RingMediaInfo
    private let session: MediaSession
    private let downloads: any RingTransport
    private let meter: RingMediaProgressMeter?
    /// Whether the meter measures this source alone, and ends with it.
    private let endsMeter: Bool
    private let operation: RingOperation
    private let resumption: MediaResumption?
    private var iterator: RingHTTPBody.Iterator?
    private var inspector: MediaInspector
    /// Chunks that were read to look at the beginning.
    private var head: [[UInt8]]
    private var received: Int64
    private var isWhole = false
    private var failure: (any Error)?

    init(
        info: RingMediaInfo, session: MediaSession, downloads: any RingTransport, meter: RingMediaProgressMeter?,
        endsMeter: Bool, operation: RingOperation, resumption: MediaResumption?,
        iterator: sending RingHTTPBody.Iterator,
        inspector: MediaInspector, head: [[UInt8]]
    ) {
        self.info = info
        self.session = session
        self.downloads = downloads
        self.meter = meter
        self.endsMeter = endsMeter
        self.operation = operation
        self.resumption = resumption
        self.iterator = iterator
        self.inspector = inspector
        self.head = head
        self.received = head.reduce(0) { $0 + Int64($1.count) }
    }

    deinit {
        // The transfer was not read to its end.
        if self.endsMeter, !self.isWhole, self.failure == nil { self.meter?.finish() }
    }

    /// The next chunk; `nil` when the media is complete.
    func next() async throws -> [UInt8]? {
        if let failure { throw failure }
        if self.isWhole { return nil }
        do {
            let chunk = try await self.advance()
            if let chunk {
                self.meter?.report(self.received - self.head.reduce(0) { $0 + Int64($1.count) })
                return chunk
            }
            self.isWhole = true
            self.end()
            return nil
        } catch {
            self.failure = error
            self.end()
            throw error
        }
    }

    private func end() {
        self.iterator = nil
        if self.endsMeter { self.meter?.finish() }
    }

    private func advance() async throws -> [UInt8]? {
        if !self.head.isEmpty { return self.head.removeFirst() }
        while true {
            do {
                guard let chunk = try await self.pull() else {
                    if let length = self.info.length, self.received < length {
                        throw self.error(
                            .connectionLost, "the transfer ended after \(self.received) of \(length) bytes")
                    }
                    do { try self.inspector.finish() } catch { throw error.error(self.operation, self.info) }
                    return nil
                }
                try self.take(chunk)
                return chunk
            } catch let error as RingError where error.allowsResume {
                try await self.resume(after: error)
            }
        }
    }

    private func pull() async throws -> [UInt8]? {
        guard var iterator else { return nil }
        self.iterator = nil
        do {
            let chunk = try await iterator.next(isolation: #isolation)
            self.iterator = iterator
            return chunk
        } catch let error as RingError {
            throw error.during(self.operation)
        }
    }

    private func take(_ chunk: [UInt8]) throws {
        self.received += Int64(chunk.count)
        if let length = self.info.length, self.received > length {
            throw self.error(.malformedResponse, "there are more bytes than the \(length) that were announced")
        }
        guard self.received <= self.session.options.maximumBytes else {
            throw self.error(
                .responseTooLarge,
                "there are more than the \(self.session.options.maximumBytes) bytes allowed; raise the maximum if such media "
                    + "is expected")
        }
        do { try self.inspector.feed(chunk) } catch { throw error.error(self.operation, self.info) }
    }

    /// Continues an interrupted transfer, or throws the error that interrupted it.
    private func resume(after error: RingError) async throws {
        let resumes = self.session.resumes.value
        guard let resumption, resumes < self.session.options.maximumResumeCount, self.received < resumption.length
        else {
            throw error
        }
        let clock = self.session.environment.clock
        let wait = RingRetryPolicy().backoff(resumes, random: self.session.environment.randomUnit())
        guard self.session.deadline.remaining(clock) > wait else { throw error }
        self.session.resumes.increment()
        self.session.environment.observer.observe(
            RingMediaResumes(operation: self.operation, reason: error.code, bytes: self.received))
        try await clock.sleep(for: wait)
        let response: RingHTTPResponse
        do {
            response = try await self.downloads.send(
                resumption.request(from: self.received), context: resumption.context)
        } catch let failure as RingError {
            guard failure.allowsResume || failure.allowsRestart else { throw failure }
            return try await self.resume(after: error)
        }
        guard var skip = resumption.skip(response, from: self.received) else { throw error }
        var iterator = response.body.makeAsyncIterator()
        while skip > 0 {
            guard let chunk = try await iterator.next(isolation: #isolation) else { throw error }
            guard Int64(chunk.count) > skip else {
                skip -= Int64(chunk.count)
                continue
            }
            let rest = Array(chunk[Int(skip)...])
            skip = 0
            try self.take(rest)
            self.head.append(rest)
        }
        self.iterator = iterator
    }

    private func error(_ code: RingError.Code, _ message: String) -> RingError {
        RingError(
            code: code, message: message, operation: self.operation, requestID: self.info.requestID,
            delivery: .responded
        )
    }
}
