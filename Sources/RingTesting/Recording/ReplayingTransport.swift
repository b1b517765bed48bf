public import RingCore
internal import RingJSONAPI
internal import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Responds from a recording of a ``RecordingTransport``, without a network.
///
/// A request is recognised by its operation, method, path, query and body; the host does not count, and neither do secrets and
/// the keys of an offer, which are new each time. Equal requests get their responses in the recorded order. A read that is
/// repeated more often gets the last one.
///
/// The ids of a recording are not those of the service: take them from the responses. Where requests depend on the time, start
/// a ``ManualClock`` at ``startedAt``.
public final class ReplayingTransport: RingTransport {
    private struct State {
        var used: [RecordedRequest: Int] = [:]
        var scrubber = RecordingScrubber(isReplay: true)
    }

    /// When the recording began.
    public let startedAt: Date
    private let exchanges: [RecordedExchange]
    private let positions: [RecordedRequest: [Int]]
    private let state = Mutex(State())

    /// Reads a recording.
    ///
    /// - Parameter recording: The text that ``RecordingTransport/recording`` gives.
    /// - Throws: `RingError` with code `invalidArgument` that names the line which is none of a recording.
    public init(_ recording: String) throws {
        var exchanges: [RecordedExchange] = []
        var start: Date?
        for (index, line) in recording.split(separator: "\n").enumerated() {
            let value = try? JSONAPIValue(parsing: String(line))
            if index == 0, value?["ring_recording"]?.int64 == 1 {
                start = value?["started_at"]?.date
                continue
            }
            guard let exchange = value.flatMap(RecordedExchange.init(line:)) else {
                throw RingError(
                    code: .invalidArgument,
                    message: "line \(index + 1) is not a line of a recording; record the session again")
            }
            exchanges.append(exchange)
        }
        guard let start else {
            throw RingError(
                code: .invalidArgument, message: "line 1 is not the beginning of a recording; record the session again")
        }
        self.startedAt = start
        self.exchanges = exchanges
        self.positions = Dictionary(grouping: exchanges.indices) { exchanges[$0].request }
    }

    /// Reads a recording from a file.
    ///
    /// - Throws: What the file system reports; as ``init(_:)``.
    public convenience init(contentsOf path: String) throws {
        try self.init(String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self))
    }

    /// The recorded requests that nobody has sent yet, each with its method and target.
    public var unusedRequests: [String] {
        let used = self.state.withLock { $0.used }
        return self.positions.flatMap { request, positions in
            positions.dropFirst(used[request] ?? 0).map { ($0, request.summary) }
        }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Responds as it was recorded.
    ///
    /// - Throws: `RingError`: the recorded one, or with code `notRecorded` for a request that was not
    ///   recorded; it names the nearest one that was, and what differs.
    public func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        try Task.checkCancellation()
        let body = try await request.body.bytes(upTo: 64 << 20, of: context.operation)
        let exchange = try self.state.withLock { state in
            let wanted = RecordedRequest.read(request, context.operation, body, &state.scrubber).request
            let used = state.used[wanted, default: 0]
            guard let positions = self.positions[wanted], let last = positions.last,
                used < positions.count || request.method == .get || request.method == .head
            else { throw self.notRecorded(wanted, context.operation) }
            state.used[wanted] = used + 1
            return self.exchanges[used < positions.count ? positions[used] : last]
        }
        let origin = RecordedExchange.origin(of: request.url)
        let failure = exchange.error(during: context.operation)
        guard let status = exchange.status else {
            throw failure ?? self.notRecorded(exchange.request, context.operation)
        }
        var fields = RingHTTPFields()
        for field in exchange.headers {
            let value = field.value.replacing(RecordingScrubber.ownOrigin, with: origin)
            fields.append(RingHTTPField(name: field.name, value: value))
        }
        let bytes = exchange.received.bytes(origin: origin)
        return RingHTTPResponse(
            status: status, headerFields: fields,
            body: failure.map { RingHTTPBody(streaming: BrokenBody(error: $0)) } ?? RingHTTPBody(bytes))
    }

    private func notRecorded(_ request: RecordedRequest, _ operation: RingOperation) -> RingError {
        let nearest = self.positions.keys.max {
            (request.likeness(to: $0), $1.summary) < (request.likeness(to: $1), $0.summary)
        }
        let advice =
            switch nearest {
            case request?: "it was recorded \(self.positions[request]?.count ?? 0) times and has been sent more often"
            case let nearest?:
                "the nearest that was is \(nearest.summary), which differs in \(request.differences(from: nearest))"
            case nil: "the recording is empty"
            }
        return RingError(
            code: .notRecorded,
            message:
                "no recorded response for \(request.summary): \(advice); record the session again, or repeat it as it was",
            operation: operation, delivery: .notSent)
    }
}

extension RingError.Code {
    /// A ``ReplayingTransport`` was sent a request that its recording does not have.
    public static let notRecorded = Self("not_recorded")
}
