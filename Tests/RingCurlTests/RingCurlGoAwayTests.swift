#if canImport(CRingTestTLS)
import Foundation
import RingCore
import RingCurl
import Testing

/// What a server that ends streams and connections of HTTP/2 does to the calls under way (RFC 9113, 6.8 and 8.7).
///
/// A plain read that the server says it never looked at is sent again by the transport, over another connection. Anything
/// else goes back to the caller with an error: it reached the server, so its delivery is not `notSent`, although the
/// server says that it did nothing about it.
@Suite(
    .enabled(if: TestCertificates.isAvailable, "HTTP/2 endings are not tested: they need the openssl command"),
    .timeLimit(.minutes(1)))
struct RingCurlGoAwayTests {
    private typealias Seen = HTTP2Stage.Seen

    @Test func readsAgainWhatTheServerNeverLookedAt() async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            guard index == 0 else { return try connection.serve(index, seen) }
            // Four at once: two get a response, two arrive too late.
            var streams: [Int] = []
            for _ in 0..<4 { if let stream = try connection.request(index, seen) { streams.append(stream) } }
            try connection.send([HTTP2Connection.goAway(last: streams[1])])
            for stream in streams[..<2] { try connection.send(HTTP2Connection.response(stream, "0")) }
            try connection.serve(index, seen)
        }
        defer { stage.end() }
        let responses = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 { group.addTask { try await stage.call(.get) } }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        // Those on streams up to the last one named get their response where they were sent.
        #expect(responses.count == 4)
        #expect(responses.filter { $0 == "0" }.count == 2)
        let entries = stage.seen.entries
        #expect(entries.filter { $0.connection == 0 }.count == 4)
        #expect(entries.count == 6)
    }

    @Test(arguments: [false, true]) func neverSendsAnEffectTwice(_ isOverKeptConnection: Bool) async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            guard index == 0 else { return try connection.serve(index, seen) }
            var last = 0
            if isOverKeptConnection, let first = try connection.request(index, seen) {
                last = first
                try connection.send(HTTP2Connection.response(first, "0"))
            }
            guard try connection.request(index, seen) != nil else { return }
            try connection.send([HTTP2Connection.goAway(last: last)])
            try connection.serve(index, seen)
        }
        defer { stage.end() }
        if isOverKeptConnection { try await stage.call(.get) }
        let error = try await stage.failure(.post, body: RingHTTPBody("once"))
        #expect(error.code == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(stage.seen.entries.filter { $0.method == "POST" } == [Seen(connection: 0, method: "POST")])
        // The next call finds a connection that works.
        #expect(try await stage.call(.post) != "0")
    }

    @Test(arguments: ["GET", "POST"]) func opensAnotherConnectionAfterAGoAway(_ method: String) async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            while let stream = try connection.request(index, seen) {
                let response = HTTP2Connection.response(stream, "\(index)")
                switch index {
                case 0: try connection.send([HTTP2Connection.goAway(last: stream)] + response)
                case 1: try connection.send(response + [HTTP2Connection.goAway(last: stream)])
                default: try connection.send(response)
                }
            }
        }
        defer { stage.end() }
        for expected in ["0", "1", "2", "2"] {
            #expect(try await stage.call(RingHTTPMethod(rawValue: method)) == expected)
        }
        #expect(stage.seen.entries.map(\.connection) == [0, 1, 2, 2])
    }

    /// libcurl 7.88 gives up on a read that was alone on its connection; the retry table sends it again.
    @Test func repeatsALoneReadByTheRetryTable() async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            guard index == 0, try connection.request(index, seen) != nil else {
                return try connection.serve(index, seen)
            }
            try connection.send([HTTP2Connection.goAway(last: 0)])
            try connection.serve(index, seen)
        }
        defer { stage.end() }
        let pipeline = RingSharedPipeline(
            transport: stage.transport, retryPolicy: RingRetryPolicy(longestWait: .milliseconds(10))
        ).pipelineWithoutAccessToken()
        #expect(try await stage.call(.get, over: pipeline) == "1")
        #expect(stage.seen.entries.map(\.method) == ["GET", "GET"])
    }

    @Test func neverSendsAnEffectTwiceBesideACallThatGoesOn() async throws {
        let isRefused = DispatchSemaphore(value: 0)
        let stage = try HTTP2Stage { connection, index, seen in
            guard index == 0, let read = try connection.request(index, seen),
                try connection.request(index, seen) != nil
            else { return try connection.serve(index, seen) }
            try connection.send([HTTP2Connection.goAway(last: read)])
            isRefused.wait()
            try connection.send(HTTP2Connection.response(read, "0"))
            try connection.serve(index, seen)
        }
        defer { stage.end() }
        async let read = stage.call(.get)
        await stage.seen.wait(for: 1)
        let error: RingError
        do {
            defer { isRefused.signal() }
            error = try await stage.failure(.post, body: RingHTTPBody("once"))
        }
        #expect(error.code == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(try await read == "0")
        #expect(stage.seen.entries.filter { $0.method == "POST" }.count == 1)
    }

    @Test func readsAgainWhenAStreamIsRefused() async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            guard index == 0, let stream = try connection.request(index, seen) else {
                return try connection.serve(index, seen)
            }
            try connection.send([HTTP2Connection.reset(stream, .refusedStream)])
            try connection.serve(index, seen)
        }
        defer { stage.end() }
        #expect(try await stage.call(.get) == "1")
        #expect(stage.seen.entries.map(\.method) == ["GET", "GET"])
    }

    @Test func repeatsNoEffectWhenAStreamIsRefused() async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            while let stream = try connection.request(index, seen) {
                try connection.send([HTTP2Connection.reset(stream, .refusedStream)])
            }
        }
        defer { stage.end() }
        let error = try await stage.failure(.post, body: RingHTTPBody("once"))
        #expect(error.code == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(stage.seen.entries.count == 1)
    }

    /// A server that refuses for ever is given up, also by plain reads.
    @Test func givesUpAServerThatRefusesForEver() async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            while let stream = try connection.request(index, seen) {
                try connection.send([HTTP2Connection.reset(stream, .refusedStream)])
            }
        }
        defer { stage.end() }
        let error = try await stage.failure(.get)
        #expect(error.code == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(stage.seen.entries.count <= 8)
    }

    @Test(arguments: ["GET", "POST"]) func reportsAStreamThatWasBroken(_ method: String) async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            guard let broken = try connection.request(index, seen) else { return }
            try connection.send([HTTP2Connection.reset(broken, .internalError)])
            try connection.serve(index, seen)
        }
        defer { stage.end() }
        let error = try await stage.failure(RingHTTPMethod(rawValue: method))
        #expect(error.code == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(stage.seen.entries.count == 1)
        // The stream was broken, the connection was not.
        #expect(try await stage.call(.get) == "0")
    }

    @Test(arguments: [100, 60_000, 4 << 20]) func tellsOfALostConnectionWhatIsKnown(_ size: Int) async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            // The head is read, and the connection closed in the face of the rest.
            if let method = try connection.next()?.method { seen.note(Seen(connection: index, method: method)) }
        }
        defer { stage.end() }
        for turn in 1...10 {
            let error = try await stage.failure(.post, body: RingHTTPBody([UInt8](repeating: 1, count: size)))
            #expect(error.code == .connectionLost)
            #expect(error.delivery == .unknown)
            #expect(stage.seen.entries.count == turn)
        }
    }

    @Test func givesWhatCameOfABrokenBody() async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            guard let stream = try connection.request(index, seen) else { return }
            try connection.send([
                HTTP2Connection.head(stream), .init(kind: .data, stream: stream, payload: Array("half".utf8)),
            ])
            try connection.send([HTTP2Connection.reset(stream, .internalError)])
            try connection.serve(index, seen)
        }
        defer { stage.end() }
        let error = try await stage.failure(.get)
        #expect(error.code == .connectionLost)
        #expect(error.status == 200)
        #expect(error.delivery != .notSent)
    }

    /// RFC 9113 section 8.1: a response may be complete before the request is.
    @Test func takesAResponseThatComesBeforeTheRequestsEnd() async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            while let frame = try connection.next() {
                guard let method = frame.method else { continue }
                seen.note(Seen(connection: index, method: method))
                try connection.send(HTTP2Connection.response(frame.stream, "no"))
            }
        }
        defer { stage.end() }
        for size in [1_000, 60_000, 1 << 20] {
            #expect(try await stage.call(.post, body: RingHTTPBody([UInt8](repeating: 1, count: size))) == "no")
        }
        #expect(stage.seen.entries.count == 3)
    }

    /// The server may also refuse the rest of such a request with NO_ERROR. libcurl 7.88 then loses the response more
    /// often than not: an error that admits it is all that can be promised.
    @Test(arguments: [1_000, 60_000, 1 << 20]) func isHonestAboutARequestThatIsWavedOff(_ size: Int) async throws {
        let stage = try HTTP2Stage { connection, index, seen in
            while let frame = try connection.next() {
                guard let method = frame.method else { continue }
                seen.note(Seen(connection: index, method: method))
                try connection.send(
                    HTTP2Connection.response(frame.stream, "no") + [HTTP2Connection.reset(frame.stream, .noError)])
            }
        }
        defer { stage.end() }
        for turn in 1...10 {
            do {
                #expect(try await stage.call(.post, body: RingHTTPBody([UInt8](repeating: 1, count: size))) == "no")
            } catch let error as RingError {
                #expect(error.code == .connectionLost)
                #expect(error.delivery == .unknown)
            }
            #expect(stage.seen.entries.count == turn)
        }
    }
}
#endif
