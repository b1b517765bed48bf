internal import RingCore
internal import RingListener

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Sends requests to a simulator in the same process, without sockets.
struct InProcessTransport: RingTransport {
    /// As large as a body that the simulator's servers accept.
    private static let maximumBytes = 1 << 20

    let engine: SimulatorEngine
    let clock: any RingClock
    /// The simulator's origins by their URLs.
    let origins: [String: RingSimulatorRequest.Origin]

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        try Task.checkCancellation()
        let failure = RingTransportFailure(context.operation, host: request.url.host() ?? "")
        let origin = try self.origin(of: request.url, context.operation)
        _ = try RingTransportChecks.method(request, context.operation)
        _ = try RingTransportChecks.url(request, context.operation)
        var fields = RingHTTPFields()
        for field in request.headerFields where try RingTransportChecks.isSent(field, context.operation) {
            fields.append(field)
        }
        let body: [UInt8]
        do { body = try await request.body.collect(upTo: Self.maximumBytes) } catch let error as RingHTTPError {
            guard error.code == .bodyTooLarge else { throw failure.sourceFailed(error, delivery: .unknown) }
            return RingHTTPResponse(status: 413)
        }
        let raw = RingListenerRequest(
            method: request.method.rawValue, path: request.url.path(percentEncoded: true),
            query: request.url.query(percentEncoded: true), headers: fields, body: body)
        let limits = InProcessLimits(context, self.clock)
        let response = try await self.response(to: raw, origin, limits, failure)
        return try self.received(response, to: request.method, limits, failure)
    }

    private func origin(of url: URL, _ operation: RingOperation) throws -> RingSimulatorRequest.Origin {
        let port = url.port.map { ":\($0)" } ?? ""
        let text = "\(url.scheme?.lowercased() ?? "")://\(url.host()?.lowercased() ?? "")\(port)"
        guard let origin = self.origins[text] else {
            throw RingError(
                code: .hostNotFound,
                message: """
                    the simulator in process has no origin \(text), only \(self.origins.keys.sorted().joined(separator: ", ")); \
                    configure the client with its URLs
                    """, operation: operation)
        }
        return origin
    }

    /// The simulator goes on with a request whose caller has left, as a server does.
    private func response(
        to request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin, _ limits: InProcessLimits,
        _ failure: RingTransportFailure
    ) async throws -> RingListenerResponse {
        let first = RingFirstResult<RingListenerResponse>()
        let work = Task { first.finish(.success(await self.engine.respond(to: request, origin))) }
        let timer = limits.firstByte.map { limit in
            Task {
                try? await self.clock.sleep(for: limit)
                if !Task.isCancelled {
                    first.finish(.failure(failure.error(.tooSlow(limit), delivery: .unknown)))
                }
            }
        }
        defer { timer?.cancel() }
        return try await withTaskCancellationHandler {
            try await first.value()
        } onCancel: {
            // The task of a handler is cancelled when its client leaves.
            work.cancel()
            first.finish(.failure(CancellationError()))
        }
    }

    /// The response as a client gets it.
    private func received(
        _ response: RingListenerResponse, to method: RingHTTPMethod, _ limits: InProcessLimits,
        _ failure: RingTransportFailure
    ) throws -> RingHTTPResponse {
        let kind = response.fault?.kind
        guard kind != .closeBeforeHeaders else {
            throw failure.error(failure.closedWithoutResponse, delivery: .unknown)
        }
        var fields = response.headers
        if fields[.date] == nil { fields[.date] = RingHTTPDate.format(self.clock.now()) }
        let pieces: AnyPieces
        var length: Int64?
        switch response.body {
        case .bytes(let bytes): (pieces, length) = (AnyPieces(bytes), Int64(bytes.count))
        case .stream(let known, let stream): (pieces, length) = (AnyPieces(stream), known)
        case .file: return RingHTTPResponse(status: 500)
        }
        if case .contentLength(let claimed)? = kind { length = max(0, claimed) }
        if let length { fields[.contentLength] = String(length) }
        func received(_ body: RingHTTPBody) -> RingHTTPResponse {
            RingHTTPResponse(status: response.status, headerFields: fields, body: body)
        }
        guard method != .head, response.status != 204, response.status != 304 else { return received(.empty) }
        guard let kind else {
            if case .bytes(let bytes) = response.body { return received(RingHTTPBody(bytes)) }
            return received(RingHTTPBody(streaming: pieces, length: length))
        }
        let body = FaultyBody(
            kind, pieces, length: length, clock: self.clock, limit: limits.silence,
            broken: failure.error(failure.closedWithinBody, status: response.status, delivery: .responded),
            silent: failure.error(.tooSlow(limits.silence), status: response.status, delivery: .responded))
        return received(RingHTTPBody(streaming: body, length: length))
    }
}

/// The limits of one exchange that this transport keeps. The deadline of the call is kept by the pipeline as well.
private struct InProcessLimits {
    /// How long to wait for the response.
    var firstByte: Duration?
    /// How long to wait for more of a body.
    var silence: Duration?

    init(_ context: RingRequestContext, _ clock: any RingClock) {
        let timeouts = context.timeouts ?? RingTimeouts()
        let rest = context.deadline?.remaining(clock)
        self.firstByte = [timeouts.firstByte, timeouts.total, rest].compactMap { $0 }.min()
        self.silence = [timeouts.silence, timeouts.total, rest].compactMap { $0 }.min()
    }
}

extension RingTransportFailure.Reason {
    fileprivate static func tooSlow(_ limit: Duration?) -> Self {
        let milliseconds = limit.map { " (limit: \($0.milliseconds) ms)" } ?? ""
        return Self(.timedOut, "the simulator did not respond in time\(milliseconds); try again later, or allow more")
    }
}
