import Foundation
import RingCore
import RingCurl
import RingTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingCurlConfigurationTests {
    private func server(_ fields: [String] = [], body: [UInt8] = []) throws -> RawServer {
        try RawServer { connection in
            while try connection.readHead() != nil { try connection.respond(fields: fields, body: body) }
        }
    }

    private func request(_ server: RawServer, _ operation: RingOperation = .testRead) throws -> RingCall {
        RingCall(url: try #require(URL(string: server.origin + "/x")), operation: operation)
    }

    @Test func capsHeaderFields() async throws {
        let fields = (0..<20).map { "X-\($0): \(String(repeating: "a", count: 100))" }
        let server = try self.server(fields)
        defer { server.stop() }
        for (bytes, count, passes) in [(10_000, 100, true), (1_000, 100, false), (10_000, 10, false)] {
            var configuration = RingCurlConfiguration()
            configuration.maximumHeaderBytes = bytes
            configuration.maximumHeaderFieldCount = count
            let transport = RingCurlTransport(configuration: configuration)
            if passes {
                #expect(try await transport.send(self.request(server)).headerFields.count == 21)
            } else {
                let error = await #expect(throws: RingError.self) { try await transport.send(self.request(server)) }
                #expect(error?.code == .responseTooLarge)
            }
        }
    }

    @Test func capsDocumentsAndNotMedia() async throws {
        let server = try self.server(body: [UInt8](repeating: 1, count: 200_000))
        defer { server.stop() }
        let transport = RingCurlTransport(configuration: RingCurlConfiguration(maximumDocumentBytes: 100_000))
        let error = await #expect(throws: RingError.self) {
            _ = try await transport.send(self.request(server)).body.collect(upTo: 1 << 20)
        }
        #expect(error?.code == .responseTooLarge)
        let media = try await transport.send(self.request(server, .testDownload)).body.collect(upTo: 1 << 20)
        #expect(media.count == 200_000)
    }

    /// By default a thousand devices with everything included pass (about 3 MB), and 64 MB do not.
    @Test(arguments: [(3, true), (64, false)])
    func capsDocumentsByDefault(_ megabytes: Int, _ passes: Bool) async throws {
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            let piece = Array("100000\r\n".utf8) + [UInt8](repeating: 32, count: 1 << 20) + [13, 10]
            for _ in 0..<megabytes { try connection.write(piece) }
            try connection.write("0\r\n\r\n")
        }
        defer { server.stop() }
        let response = try await RingCurlTransport().send(self.request(server))
        if passes {
            #expect(try await response.body.collect(upTo: 1 << 30).count == megabytes << 20)
        } else {
            let error = await #expect(throws: RingError.self) { try await response.body.collect(upTo: 1 << 30) }
            #expect(error?.code == .responseTooLarge)
        }
    }

    @Test func inflatesDocumentsWithinTheCap() async throws {
        let gzip = try #require(
            Data(
                base64Encoded:
                    "H4sIAAAAAAACA+3BMQEAAADCoKzrX8IaHkABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAArwaH+uIboIYBAA=="
            ))
        let server = try self.server(["Content-Encoding: gzip"], body: Array(gzip))
        defer { server.stop() }
        let response = try await RingCurlTransport().send(self.request(server))
        #expect(try await response.body.collect(upTo: 1 << 20) == [UInt8](repeating: 97, count: 100_000))
        #expect(response.headerFields["Content-Encoding"] == nil)
        #expect(response.headerFields[.contentLength] == nil)
        // Media is handed on as it came.
        let media = try await RingCurlTransport().send(self.request(server, .testDownload))
        #expect(try await media.body.collect(upTo: 1 << 20) == Array(gzip))
        // A small response that inflates beyond the cap.
        let transport = RingCurlTransport(configuration: RingCurlConfiguration(maximumDocumentBytes: 50_000))
        let error = await #expect(throws: RingError.self) {
            _ = try await transport.send(self.request(server)).body.collect(upTo: 1 << 20)
        }
        #expect(error?.code == .responseTooLarge)
    }

    /// libcurl has inflated the body beyond the limit before its reader lets it continue. What was read is not the whole body.
    @Test func aBodyThatIsTooLargeAfterAPauseIsNotCutToTheLimit() async throws {
        let gzip = try #require(
            Data(
                base64Encoded:
                    "H4sIAAAAAAACA+3BMQEAAADCoKzrX8IaHkABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAArwaH+uIboIYBAA=="
            ))
        let server = try self.server(["Content-Encoding: gzip"], body: Array(gzip))
        defer { server.stop() }
        var configuration = RingCurlConfiguration(maximumDocumentBytes: 50_000)
        configuration.maximumBufferedBytes = 16_384
        let start = ContinuousClock.now
        let error = await #expect(throws: RingError.self) {
            let transport = RingCurlTransport(configuration: configuration)
            _ = try await transport.send(self.request(server)).body.collect(upTo: 1 << 20)
        }
        #expect(error?.code == .responseTooLarge)
        #expect(ContinuousClock.now - start < .seconds(5), "it ends at once, and not at a limit of libcurl's")
    }

    @Test func refusesResponsesThatNameTwoLengths() async throws {
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nokok")
        }
        defer { server.stop() }
        let error = await #expect(throws: RingError.self) {
            _ = try await RingCurlTransport().send(self.request(server)).body.collect(upTo: 10)
        }
        #expect(error?.code == .protocolViolation)
    }

    @Test(arguments: ["-5", "abc", "99999999999999999999999", "0x10", "", "5 5", "5,6", "5,"])
    func refusesResponsesWhoseLengthIsNone(_ length: String) async throws {
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\nhello")
        }
        defer { server.stop() }
        let error = await #expect(throws: RingError.self) {
            _ = try await RingCurlTransport().send(self.request(server)).body.collect(upTo: 10)
        }
        #expect(error?.code == .protocolViolation)
    }

    @Test func takesALengthThatIsSaidTwice() async throws {
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\nContent-Length: 5, 5\r\n\r\nhello")
        }
        defer { server.stop() }
        let response = try await RingCurlTransport().send(self.request(server))
        #expect(response.body.length == 5)
        #expect(try await response.body.collect(upTo: 10) == Array("hello".utf8))
    }

    @Test func usesTheProxyItWasGiven() async throws {
        let lines = Mutex<[String]>([])
        let proxy = try RawServer { connection in
            while let head = try connection.readHead() {
                lines.withLock { $0.append(head.line) }
                try connection.write("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
            }
        }
        defer { proxy.stop() }
        let transport = RingCurlTransport(configuration: RingCurlConfiguration(proxy: URL(string: proxy.origin)))
        let url = try #require(URL(string: "https://ring.example/secret"))
        let error = await #expect(throws: RingError.self) {
            try await transport.send(RingCall(method: .post, url: url, operation: .testRead))
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.delivery == .notSent)
        #expect(lines.withLock { $0 } == ["CONNECT ring.example:443 HTTP/1.1"])
    }

    /// A proxy's address may have a password in it.
    @Test func printsNoProxy() throws {
        let configuration = RingCurlConfiguration(proxy: URL(string: "http://user:CANARY@127.0.0.1:1"))
        #expect(configuration.proxy?.host() == "127.0.0.1")
        var text = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &text)
        dump(RingCurlTransport(configuration: configuration), to: &text)
        #expect(!text.contains("CANARY") && !text.contains("127.0.0.1"))
    }
}
