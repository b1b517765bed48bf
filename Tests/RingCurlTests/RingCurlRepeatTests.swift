import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

/// Calls of an application over real sockets, to servers whose responses break off or are odd.
@Suite(.timeLimit(.minutes(1))) struct RingCurlRepeatTests {
    private static let document = #"{"data":[{"type":"devices","id":"d1"}]}"#

    /// A client of a server. Silence ends a transfer after a moment.
    private func client(_ server: RawServer, attempts: Int = 3) throws -> RingAPIClient {
        let origin = try #require(URL(string: server.origin))
        let transport = RingCurlTransport(
            configuration: RingCurlConfiguration(timeouts: RingTimeouts(silence: .milliseconds(200))))
        let shared = RingSharedPipeline(
            transport: transport, retryPolicy: RingRetryPolicy(attempts: attempts, longestWait: .milliseconds(20)))
        return RingAPIClient(
            baseURL: origin,
            transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("token-of-an-account")), origin: origin))
    }

    /// Ways in which a body breaks. None of them is a complete response.
    enum Break: CaseIterable {
        case byLength, inAChunk, beforeAChunk, beforeTheFirstByte, stalled, stalledBeforeTheFirstByte, reset

        func write(to connection: RawConnection) throws {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            switch self {
            case .byLength: try connection.write(head + "Content-Length: 39\r\n\r\n{\"data\":")
            case .inAChunk: try connection.write(head + "Transfer-Encoding: chunked\r\n\r\n27\r\n{\"data\":")
            case .beforeAChunk: try connection.write(head + "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"data\":\r\n")
            case .beforeTheFirstByte: try connection.write(head + "Content-Length: 39\r\n\r\n")
            case .stalled:
                try connection.write(head + "Content-Length: 39\r\n\r\n{\"data\":")
                connection.waitUntilClosed()
            case .stalledBeforeTheFirstByte:
                try connection.write(head + "Content-Length: 39\r\n\r\n")
                connection.waitUntilClosed()
            case .reset:
                try connection.write(head + "Content-Length: 39\r\n\r\n{\"data\":")
                connection.reset()
            }
        }
    }

    @Test(arguments: Break.allCases) func aReadWhoseBodyBreaksIsRepeated(way: Break) async throws {
        let requests = Journal<String>()
        let server = try RawServer { connection in
            guard let request = try connection.readHead() else { return }
            requests.note(request.method)
            guard requests.entries.count > 2 else { return try way.write(to: connection) }
            try connection.respond(body: Array(Self.document.utf8))
        }
        defer { server.stop() }
        let client = try self.client(server)
        let response = try await client.send(client.request(path: ["v1", "devices"]), for: .testRead)
        #expect(try await response.body.collect(upTo: 100) == Array(Self.document.utf8))
        #expect(requests.entries == ["GET", "GET", "GET"])
    }

    @Test(arguments: Break.allCases) func aChangeWhoseBodyBreaksIsNotRepeated(way: Break) async throws {
        let requests = Journal<String>()
        let server = try RawServer { connection in
            guard let request = try connection.readHead() else { return }
            _ = try connection.readBody(of: request)
            requests.note(request.method)
            try way.write(to: connection)
        }
        defer { server.stop() }
        let client = try self.client(server)
        let error = await #expect(throws: RingError.self) {
            var request = try client.request(.post, path: ["v1"])
            request.body = RingHTTPBody("{}")
            return try await client.send(request, for: .testChange).body.collect(upTo: 100)
        }
        #expect(error?.code == .connectionLost || error?.code == .timedOut)
        #expect(requests.entries == ["POST"])
    }

    /// A link of a response reaches the server as it was given; what a URL forbids is encoded once.
    @Test(arguments: [
        ("/v1/h?page%5Bkey%5D=a%2Bb|c", "/v1/h?page%5Bkey%5D=a%2Bb%7Cc"),
        ("/v1/h?page[key]=é%20", "/v1/h?page%5Bkey%5D=%C3%A9%20"),
        ("/v1/h?%zz", "/v1/h?%25zz"),
    ])
    func aLinkReachesTheServerAsItWasGiven(link: String, target: String) async throws {
        let targets = Journal<String>()
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                targets.note(request.target)
                try connection.respond(body: Array(Self.document.utf8))
            }
        }
        defer { server.stop() }
        let client = try self.client(server)
        _ = try await client.send(client.request(following: link, for: .testRead), for: .testRead)
        #expect(targets.entries == [target])
    }

    /// A whole compressed body, and other bytes behind it.
    @Test(arguments: [[UInt8](repeating: 0, count: 4), Array("garbage".utf8), [0]])
    func bytesBehindACompressedBodyAreNoLostConnection(tail: [UInt8]) async throws {
        // gzip of {"data":[]}
        let packed: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xAB, 0x56, 0x4A, 0x49, 0x2C, 0x49, 0x54, 0xB2,
            0x8A, 0x8E,
            0xAD, 0x05, 0x00, 0x94, 0x64, 0xB2, 0x5E, 0x0B, 0x00, 0x00, 0x00,
        ]
        let requests = Journal<String>()
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                requests.note(request.target)
                let body = request.target == "/v1/whole" ? packed : packed + tail
                try connection.respond(fields: ["Content-Encoding: gzip"], body: body)
            }
        }
        defer { server.stop() }
        let client = try self.client(server)
        let whole = try await client.send(client.request(path: ["v1", "whole"]), for: .testRead)
        #expect(try await whole.body.collect(upTo: 100) == Array(#"{"data":[]}"#.utf8))
        do {
            // A library that takes such a body is as good.
            let more = try await client.send(client.request(path: ["v1", "more"]), for: .testRead)
            #expect(try await more.body.collect(upTo: 100) == Array(#"{"data":[]}"#.utf8))
        } catch let error as RingError {
            #expect(error.code == .malformedResponse && error.status == 200)
            #expect(error.message.contains("cannot be decompressed") && error.message.contains("bytes follow"))
        }
        #expect(requests.entries == ["/v1/whole", "/v1/more"], "the same bytes would come again")
    }

    @Test func aHeaderLineThatIsTooLongIsNoLostConnection() async throws {
        let requests = Journal<String>()
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                requests.note(request.target)
                try connection.respond(fields: ["X-Long: " + String(repeating: "a", count: 200_000)])
            }
        }
        defer { server.stop() }
        let client = try self.client(server)
        let error = await #expect(throws: RingError.self) {
            try await client.send(client.request(path: ["v1", "long"]), for: .testRead)
        }
        #expect(error?.code == .responseTooLarge && error?.message.contains("header line") == true)
        #expect(requests.entries == ["/v1/long"], "the same line would come again")
    }

    @Test func aBodyInAnUnknownCodingIsNoLostConnection() async throws {
        let server = try RawServer { connection in
            while try connection.readHead() != nil {
                try connection.respond(fields: ["Content-Encoding: unheard-of"], body: Array("{}".utf8))
            }
        }
        defer { server.stop() }
        let client = try self.client(server)
        let error = await #expect(throws: RingError.self) {
            let response = try await client.send(client.request(path: ["v1", "x"]), for: .testRead)
            _ = try await response.body.collect(upTo: 100)
        }
        #expect(error?.code == .malformedResponse && error?.message.contains("not supported") == true)
    }

    @Test func anAccessTokenWithALineBreakIsNamed() async throws {
        let server = try RawServer { _ in Issue.record("something was sent") }
        defer { server.stop() }
        let origin = try #require(URL(string: server.origin))
        let pipeline = RingSharedPipeline(transport: RingCurlTransport())
            .pipeline(tokens: RingFixedToken(RingAccessToken("s3cr3t-token\n")), origin: origin)
        let error = await #expect(throws: RingError.self) {
            try await pipeline.send(RingCall(url: origin, operation: .testRead))
        }
        #expect(error?.code == .invalidArgument && error?.delivery == .notSent)
        #expect(error?.message.contains("access token") == true && error?.message.contains("line break") == true)
        #expect(error?.description.contains("s3cr3t") == false)
    }
}
