import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct SmokeTests {
    @Test func getsAnAnswer() async throws {
        let server = try RawServer { connection in
            while let head = try connection.readHead() {
                let body = try connection.readBody(of: head)
                try connection.respond(
                    200, fields: ["X-A: 1", "x-a: 2"],
                    body: Array("\(head.line)|\(head["X-Me"] ?? "")|\(body.count)".utf8))
            }
        }
        defer { server.stop() }
        let transport = RingCurlTransport()
        for _ in 0..<3 {
            let response = try await transport.send(
                RingHTTPRequest(
                    method: .post, url: URL(string: server.origin + "/a?b=c")!, headerFields: ["X-Me": "you"],
                    body: RingHTTPBody("hello"), operation: .devices))
            #expect(response.status == 200)
            #expect(response.headerFields[values: "x-A"] == ["1", "2"])
            #expect(
                try await String(decoding: response.body.collect(upTo: 1000), as: UTF8.self)
                    == "POST /a?b=c HTTP/1.1|you|5")
        }
        #expect(server.acceptedConnections == 1)
    }

    @Test func streamsBothWays() async throws {
        let server = try RawServer { connection in
            while let head = try connection.readHead() {
                var count = 0
                try connection.readBody(of: head) { count += $0.count }
                try connection.write(
                    "HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\nX-Got: \(count) \(head["Transfer-Encoding"] ?? "-")\r\n\r\n"
                )
                let block = [UInt8](repeating: 7, count: 100_000)
                for _ in 0..<500 { try connection.write(block) }
            }
        }
        defer { server.stop() }
        let chunks = AsyncStream<[UInt8]> { c in
            for _ in 0..<300 { c.yield([UInt8](repeating: 1, count: 10_000)) }; c.finish()
        }
        let response = try await RingCurlTransport.shared.send(
            RingHTTPRequest(
                method: .post, url: URL(string: server.origin)!, body: RingHTTPBody(streaming: chunks),
                operation: .clipRequest))
        #expect(response.headerFields["x-got"] == "3000000 chunked")
        var total = 0
        for try await chunk in response.body { total += chunk.count }
        #expect(total == 50_000_000)
    }

    @Test func cancelsAtOnce() async throws {
        let server = try RawServer { connection in
            _ = try connection.readHead()
            connection.waitUntilClosed()
        }
        defer { server.stop() }
        let url = URL(string: server.origin)!
        let task = Task { try await RingCurlTransport.shared.send(RingHTTPRequest(url: url, operation: .devices)) }
        while server.openConnections == 0 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }

    @Test func tellsWhatWasNotSent() async throws {
        let error = await #expect(throws: RingError.self) {
            _ = try await RingCurlTransport.shared.send(
                RingHTTPRequest(url: URL(string: "http://127.0.0.1:1/secret?x=y")!, operation: .devices))
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.delivery == .notSent)
    }
}
