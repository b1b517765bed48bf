public import RingCore
internal import RingJSONAPI
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Sends requests by another transport and records them with their responses, for a ``ReplayingTransport``.
///
/// A recording is safe to commit: ids, names, e-mail addresses, phone numbers, tokens, codes, signatures, session keys, foreign
/// URLs and every other text that is no known word are replaced, the same value by the same word everywhere. Media is replaced
/// by a tiny file of its kind. Times, numbers and states stay. Each exchange is one line of JSON, so that changes can be read.
///
/// Bodies are read as a whole: it is for tests. The responses that the caller gets are the real ones.
public final class RecordingTransport: RingTransport {
    /// The largest body that is recorded, in bytes.
    private static let maximumBytes = 64 << 20

    private struct State {
        var scrubber = RecordingScrubber()
        var startedAt: Date?
        /// One for each request, in the order of their beginning.
        var exchanges: [RecordedExchange?] = []
    }

    private let transport: any RingTransport
    private let clock: any RingClock
    private let keepsMedia: Bool
    private let state = Mutex(State())

    /// Records what a transport does.
    ///
    /// - Parameters:
    ///   - transport: Sends the requests.
    ///   - clock: The source of the time at which the recording begins; `nil` for the machine's.
    ///   - keepsMedia: Whether clips and stills are recorded as they are. Then the file holds what the cameras saw.
    public init(_ transport: any RingTransport, clock: (any RingClock)? = nil, keepsMedia: Bool = false) {
        self.transport = transport
        self.clock = clock ?? RingEnvironment().clock
        self.keepsMedia = keepsMedia
    }

    /// The recording so far: a line about it, and a line for each exchange that has ended.
    public var recording: String {
        self.state.withLock { state in
            let start = state.startedAt ?? self.clock.now()
            let head: JSONAPILiteral = [
                "ring_recording": 1, "started_at": .string(JSONAPITime.format(start, fractionDigits: 3)),
            ]
            return ([head.text] + state.exchanges.compactMap { $0?.line }).map { $0 + "\n" }.joined()
        }
    }

    /// Writes the recording to a file, which it replaces as a whole.
    ///
    /// - Throws: What the file system reports.
    public func save(to path: String) throws {
        try Data(self.recording.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Sends a request and records it with its response, or with its failure.
    ///
    /// - Throws: What the transport throws.
    public func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        var request = request
        let body = try await request.body.bytes(upTo: Self.maximumBytes, of: context.operation)
        request.body = RingHTTPBody(body)
        let (index, recorded) = self.state.withLock { [request] state in
            state.startedAt = state.startedAt ?? self.clock.now()
            let (recorded, sent) = RecordedRequest.read(request, context.operation, body, &state.scrubber)
            state.exchanges.append(nil)
            return (state.exchanges.count - 1, RecordedExchange(recorded, sent: sent))
        }
        var exchange = recorded
        do {
            var response = try await self.transport.send(request, context: context)
            exchange.status = response.status
            do {
                let bytes = try await response.body.bytes(upTo: Self.maximumBytes, of: context.operation)
                self.finish(index, exchange, response, bytes, request.url)
                response.body = RingHTTPBody(bytes)
            } catch let error as RingError {
                exchange.failure = (error.code.rawValue, error.delivery.rawValue)
                self.finish(index, exchange, response, [], request.url)
                response.body = RingHTTPBody(streaming: BrokenBody(error: error))
            }
            return response
        } catch let error as RingError where exchange.status == nil {
            exchange.failure = (error.code.rawValue, error.delivery.rawValue)
            self.state.withLock { $0.exchanges[index] = exchange }
            throw error
        }
    }

    private func finish(
        _ index: Int, _ exchange: RecordedExchange, _ response: RingHTTPResponse, _ body: [UInt8], _ url: URL
    ) {
        let own = RecordedExchange.origin(of: url)
        self.state.withLock { state in
            var exchange = exchange
            for field in response.headerFields
            where RecordingVocabulary.headers.contains(field.name.rawName.lowercased()) {
                exchange.headers.append(
                    RingHTTPField(name: field.name, value: Self.scrubbed(field, own: own, &state.scrubber)))
            }
            let type = response.headerFields[.contentType]?.lowercased() ?? ""
            exchange.received = self.scrubbed(body, type: type, own: own, &state.scrubber)
            state.exchanges[index] = exchange
        }
    }

    private static func scrubbed(
        _ field: RingHTTPField, own: String, _ scrubber: inout RecordingScrubber
    ) -> String {
        switch field.name.rawName.lowercased() {
        case "location": return scrubber.url(field.value, own: own)
        case "etag": return "\"\(scrubber.word(for: field.value.filter { $0 != "\"" }, kind: "etag"))\""
        case "x-request-id": return scrubber.word(for: field.value, kind: "request")
        case "link":
            // Servers of ICE, which are the same for everybody but for their credentials.
            return field.value.split(separator: ",").map { link in
                String(link.prefix { $0 != ";" }) + "; rel=\"ice-server\""
            }.joined(separator: ",")
        default: return field.value
        }
    }

    private func scrubbed(
        _ body: [UInt8], type: String, own: String, _ scrubber: inout RecordingScrubber
    ) -> RecordedBody {
        if body.isEmpty { return .none }
        let text = String(decoding: body, as: UTF8.self)
        if type.hasPrefix("application/sdp") || type.hasPrefix("application/trickle-ice-sdpfrag") {
            return .text(RecordedSDP.scrubbed(text))
        }
        if let media = RecordedMedia.type(of: body) {
            return self.keepsMedia ? .base64(Data(body).base64EncodedString()) : .media(media)
        }
        if let value = try? JSONAPIValue(parsing: body) { return .json(scrubber.json(value, own: own)) }
        // A page, or something that cannot be read: its kind is enough.
        return .text(text.first { !$0.isWhitespace } == "<" ? "<html>left out</html>" : "left out")
    }
}

/// A body that breaks off.
struct BrokenBody: AsyncSequence, Sendable {
    var error: RingError

    func makeAsyncIterator() -> Iterator { Iterator(error: self.error) }

    struct Iterator: AsyncIteratorProtocol {
        var error: RingError

        mutating func next() async throws -> [UInt8]? { throw self.error }
    }
}
