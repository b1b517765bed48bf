#if canImport(CRingTestTLS)
import RingCore
import RingCurl
import RingTesting
import Testing

/// Calls that share an HTTP/2 connection, against a server of the tests' own.
@Suite(
    .enabled(if: TestCertificates.isAvailable, "HTTP/2 streams are not tested: they need the openssl command"),
    .timeLimit(.minutes(1)))
struct RingCurlStreamsTests {
    @Test func sharesOneConnection() async throws {
        let stage = try HTTP2Stage { connection, index, seen in try connection.serve(index, seen) }
        defer { stage.end() }
        for _ in 0..<2 {
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<64 {
                    let body = RingHTTPBody([UInt8](repeating: 1, count: number * 1_000))
                    group.addTask { try await stage.call(number.isMultiple(of: 2) ? .get : .post, body: body) }
                }
                for try await response in group { #expect(response == "0") }
            }
        }
        #expect(stage.server.acceptedConnections == 1)
    }

    @Test func endsTheStreamOfACancelledCallAndNothingElse() async throws {
        let resets = Journal<Int>()
        let stage = try HTTP2Stage { connection, index, seen in
            // The first call never gets a response.
            let hanging = try connection.request(index, seen)
            while let frame = try connection.next() {
                if frame.kind == .reset, frame.stream == hanging { resets.note(frame.stream) }
                if frame.endsStream { try connection.send(HTTP2Connection.response(frame.stream, "\(index)")) }
            }
        }
        defer { stage.end() }
        let task = Task { try await stage.call(.post) }
        await stage.seen.wait(for: 1)
        #expect(try await stage.call(.get) == "0")
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        // libcurl 7.88 tells the server with the next thing it has to say on the connection.
        #expect(try await stage.call(.get) == "0")
        await resets.wait(for: 1)
        #expect(stage.server.acceptedConnections == 1)
    }

    /// A document whose reader takes its time: the other calls of its connection go on meanwhile.
    @Test func isNotHeldUpByADocumentNobodyReads() async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            guard let stream = try connection.request(index, seen) else { return }
            let piece = [UInt8](repeating: 7, count: 16_384)
            try connection.send([HTTP2Connection.head(stream)])
            for _ in 0..<512 { try connection.send([.init(kind: .data, stream: stream, payload: piece)]) }
            try connection.send([.init(kind: .data, flags: 1, stream: stream)])
            try connection.serve(index, seen)
        }
        defer { stage.end() }
        let document = try await stage.send(.get)
        for _ in 0..<50 { #expect(try await stage.call(.get) == "0") }
        #expect(try await document.body.collect(upTo: 1 << 24).count == 512 * 16_384)
        #expect(stage.server.acceptedConnections == 1)
    }
}
#endif
