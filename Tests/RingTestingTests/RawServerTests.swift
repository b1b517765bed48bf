import RingCore
import RingCurl
import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(1))) struct RawServerTests {
    private func send(
        _ server: RawServer, _ target: String = "/", method: RingHTTPMethod = .get, body: RingHTTPBody = .empty,
        fields: RingHTTPFields = [:]
    ) async throws -> (status: Int, body: String) {
        let request = RingCall(
            method: method, url: try #require(URL(string: server.origin + target)), headerFields: fields, body: body,
            operation: .testRead)
        let response = try await RingCurlTransport().send(request)
        return (response.status, String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self))
    }

    @Test func givesTheHandlerTheRequestAsItWasSent() async throws {
        let seen = Mutex<[RawRequest]>([])
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                let body = try connection.readBody(of: request)
                seen.withLock { $0.append(request) }
                try connection.respond(201, fields: ["X-Body: \(body.count)"], body: Array("made".utf8))
            }
        }
        let response = try await self.send(
            server, "/a%20b?c=d", method: .post, body: RingHTTPBody("12345"), fields: ["X-One": "1"])
        #expect(response == (201, "made"))
        let request = try #require(seen.withLock { $0.first })
        #expect(request.method == "POST")
        #expect(request.target == "/a%20b?c=d")
        #expect(request["x-one"] == "1")
        #expect(request.values(of: "X-One") == ["1"])
        #expect(request["X-Missing"] == nil)
        #expect(server.acceptedConnections == 1)
        server.stop()
    }

    @Test func readsAChunkedBody() async throws {
        let server = try RawServer { connection in
            guard let request = try connection.readHead() else { return }
            let body = try connection.readBody(of: request)
            try connection.respond(body: Array("\(body.count) \(request["Transfer-Encoding"] ?? "-")".utf8))
        }
        let stream = AsyncStream { continuation in
            for _ in 0..<3 { continuation.yield(Array(repeating: UInt8(ascii: "x"), count: 1000)) }
            continuation.finish()
        }
        let response = try await self.send(server, method: .post, body: RingHTTPBody(streaming: stream))
        #expect(response.body == "3000 chunked")
        server.stop()
    }

    @Test func aBodyCanBeCutAndAConnectionReset() async throws {
        let server = try RawServer { connection in
            guard let request = try connection.readHead() else { return }
            if request.target == "/reset" { return connection.reset() }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
            connection.finishWriting()
        }
        let cut = await #expect(throws: RingError.self) { try await self.send(server, "/cut") }
        #expect(cut?.code == .connectionLost)
        let reset = await #expect(throws: RingError.self) { try await self.send(server, "/reset") }
        #expect(reset?.code == .connectionLost)
        server.stop()
    }

    @Test func noticesThatTheClientHasClosed() async throws {
        let (stream, continuation) = AsyncStream<Bool>.makeStream()
        let server = try RawServer { connection in
            _ = try connection.readHead()
            continuation.yield(connection.isPeerConnected)
            connection.waitUntilClosed()
            continuation.yield(connection.isPeerConnected)
            continuation.finish()
        }
        let call = Task { try await self.send(server) }
        var seen: [Bool] = []
        for await isConnected in stream {
            seen.append(isConnected)
            call.cancel()
        }
        #expect(seen == [true, false])
        await #expect(throws: (any Error).self) { try await call.value }
        server.stop()
    }

    @Test func stoppingEndsOpenConnections() async throws {
        let server = try RawServer { connection in
            _ = try connection.readHead()
            connection.waitUntilClosed()
        }
        let call = Task { try await self.send(server) }
        while server.openConnections == 0 { await Task.yield() }
        server.stop()
        await #expect(throws: (any Error).self) { try await call.value }
        // The handler's thread may still be on its way out.
        while server.openConnections > 0 { await Task.yield() }
    }
}
