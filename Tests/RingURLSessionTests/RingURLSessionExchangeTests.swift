import Foundation
import RingCore
import RingTesting
import RingURLSession
import Testing

/// What this transport does by itself over real sockets: its limits, and what it keeps from URLSession.
@Suite(.serialized, .timeLimit(.minutes(1))) struct RingURLSessionExchangeTests {
    private func call(
        _ server: RawServer, operation: RingOperation = .testRead, body: RingHTTPBody = .empty,
        method: RingHTTPMethod = .get, timeouts: RingTimeouts? = nil, deadline: RingDeadline? = nil
    ) throws -> RingCall {
        RingCall(
            method: method, url: try #require(URL(string: server.origin + "/v1")), body: body, operation: operation,
            deadline: deadline, timeouts: timeouts)
    }

    /// A server that sends this to every request and then waits.
    private func server(_ text: String) throws -> RawServer {
        try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            if !text.isEmpty { try connection.write(text) }
            connection.waitUntilClosed()
        }
    }

    private func error(_ transport: RingURLSessionTransport, _ call: RingCall) async throws -> RingError {
        try #require(
            await #expect(throws: RingError.self) {
                try await transport.send(call).body.collect(upTo: 1 << 20)
            })
    }

    @Test func limitsTheBodyOfADocumentAndOfMediaApart() async throws {
        let server = try RawServer { connection in
            while try connection.readHead() != nil { try connection.respond(body: [UInt8](repeating: 7, count: 1_000)) }
        }
        defer { server.stop() }
        let transport = RingURLSessionTransport(
            configuration: RingURLSessionConfiguration(maximumDocumentBytes: 999, maximumMediaBytes: 1_000))
        let error = try await self.error(transport, self.call(server))
        #expect(error.code == .responseTooLarge && error.operation == .testRead)
        #expect(error.message.contains("999 bytes"))
        let media = try await transport.send(self.call(server, operation: .testDownload))
        #expect(try await media.body.collect(upTo: 1_000).count == 1_000)
    }

    /// URLSession reports no connection, so both limits count together.
    @Test func theFirstByteHasTheTimeForConnectingToo() async throws {
        let server = try self.server("")
        defer { server.stop() }
        let timeouts = RingTimeouts(connect: .milliseconds(120), firstByte: .milliseconds(80))
        let error = try await self.error(RingURLSessionTransport(), self.call(server, timeouts: timeouts))
        #expect(error.code == .timedOut && error.delivery == .unknown)
        #expect(error.message.contains("(limit: 200 ms)"), "\(error.message)")
    }

    @Test func silenceEndsABodyWithItsStatus() async throws {
        let server = try self.server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        defer { server.stop() }
        let error = try await self.error(
            RingURLSessionTransport(), self.call(server, timeouts: RingTimeouts(silence: .milliseconds(100))))
        #expect(error.code == .timedOut && error.status == 200)
    }

    @Test func theDeadlineEndsABody() async throws {
        let server = try self.server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        defer { server.stop() }
        let deadline = RingDeadline(in: .milliseconds(300), clock: RingSystemClock())
        let error = try await self.error(RingURLSessionTransport(), self.call(server, deadline: deadline))
        #expect(error.code == .deadlineExceeded)
        let late = try await self.error(
            RingURLSessionTransport(), self.call(server, deadline: RingDeadline(in: .zero, clock: RingSystemClock())))
        #expect(late.code == .deadlineExceeded && late.delivery == .notSent)
    }

    /// A body that breaks off is repeated by the pipeline over this transport, too.
    @Test func aReadWhoseBodyBreaksIsRepeated() async throws {
        let requests = RecordingObserver()
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            guard requests.events(RingRequestStarted.self).count > 1 else {
                return try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"da")
            }
            try connection.respond(body: Array(#"{"data":[]}"#.utf8))
        }
        defer { server.stop() }
        let origin = try #require(URL(string: server.origin))
        let shared = RingSharedPipeline(
            transport: RingURLSessionTransport(), retryPolicy: RingRetryPolicy(longestWait: .milliseconds(10)),
            environment: RingEnvironment(observer: requests))
        let client = RingAPIClient(
            baseURL: origin,
            transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("token")), origin: origin))
        let response = try await client.send(client.request(path: ["v1"]), for: .testRead)
        #expect(response.body.bytes == Array(#"{"data":[]}"#.utf8))
        #expect(requests.events(RingRequestRetried.self).count == 1)
    }

    @Test func keepsNoCookieAndCachesNothing() async throws {
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                let cookie = request["Cookie"] ?? "none"
                try connection.respond(
                    fields: ["Set-Cookie: a=b", "Cache-Control: max-age=3600", "ETag: \"1\""],
                    body: Array("\(cookie) \(request["If-None-Match"] ?? "none")".utf8))
            }
        }
        defer { server.stop() }
        let transport = RingURLSessionTransport()
        for _ in 0..<2 {
            let response = try await transport.send(self.call(server))
            #expect(try await String(decoding: response.body.collect(upTo: 100), as: UTF8.self) == "none none")
        }
    }
}
