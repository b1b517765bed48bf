import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let hasBash = FileManager.default.isExecutableFile(atPath: "/bin/bash")

/// What a handler sees of bytes that are not quite HTTP, and what a client sees of what it writes.
@Suite(.enabled(if: hasBash, "the client is bash with its /dev/tcp"), .timeLimit(.minutes(1)))
struct RawConnectionTests {
    /// Sends bytes over a connection of its own, ends its side, and returns what comes back.
    private func exchange(_ server: RawServer, _ bytes: String) async throws -> String {
        let script = "exec 3<>/dev/tcp/127.0.0.1/\(server.port); cat >&3; cat <&3"
        let child = try ChildProcess("/bin/bash", ["-c", script], input: Array(bytes.utf8))
        return await child.outcome().outputText
    }

    /// A server that notes how reading one request ended, and closes.
    private func reading(_ note: @escaping @Sendable (String) -> Void) throws -> RawServer {
        try RawServer { connection in
            do {
                guard let request = try connection.readHead() else { return note("no request") }
                note("\(request.line)|\(try connection.readBody(of: request).count)")
            } catch {
                note("\(error)")
                throw error
            }
        }
    }

    /// Sends one request after the other; each has a connection of its own, which is closed before the next.
    private func endings(_ requests: [String]) async throws -> [String] {
        let notes = Mutex<[String]>([])
        let server = try self.reading { note in notes.withLock { $0.append(note) } }
        defer { server.stop() }
        for request in requests {
            // The client keeps its side open until the server closes, so the bytes end by a shell that ends.
            let script = "exec 3<>/dev/tcp/127.0.0.1/\(server.port); cat >&3"
            _ = try await ChildProcess.run("/bin/bash", ["-c", script], input: Array(request.utf8))
        }
        while notes.withLock({ $0.count }) < requests.count { await Task.yield() }
        return notes.withLock { $0 }
    }

    @Test func aCompleteBodyIsCounted() async throws {
        let endings = try await self.endings([
            "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345",
            "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n",
            "GET /c HTTP/1.1\r\n\r\n",
            "POST /d HTTP/1.1\r\nContent-Length: five\r\n\r\n",
        ])
        #expect(
            endings.sorted() == ["GET /c HTTP/1.1|0", "POST /a HTTP/1.1|5", "POST /b HTTP/1.1|3", "POST /d HTTP/1.1|0"])
    }

    @Test(arguments: [
        ("GET / HT", "head"), ("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n1234", "5 to come"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "size"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", "end"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na", "to come"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2", "line"),
    ])
    func whatIsCutIsAnError(request: String, word: String) async throws {
        let endings = try await self.endings([request])
        #expect(endings.count == 1)
        #expect(endings.first?.contains(word.split(separator: " ").last ?? "") == true, "\(endings)")
    }

    @Test func aConnectionWithoutBytesIsNoRequest() async throws {
        #expect(try await self.endings([""]) == ["no request"])
    }

    @Test func headersAreKeptAsTheyWereSent() async throws {
        let seen = Mutex<RawRequest?>(nil)
        let server = try RawServer { connection in
            let request = try connection.readHead()
            seen.withLock { $0 = request }
            try connection.write("done")
        }
        defer { server.stop() }
        let text = try await self.exchange(
            server, "BREW  /pot?x HTTP/1.1\r\nX-a:1\r\nx-A:\t two \r\nno colon\r\nEmpty:\r\n\r\n")
        #expect(text == "done")
        let request = try #require(seen.withLock { $0 })
        #expect((request.method, request.target) == ("BREW", "/pot?x"))
        #expect(request.fields.map(\.name) == ["X-a", "x-A", "Empty"])
        #expect(request.values(of: "X-A") == ["1", "two "])
        #expect(request["empty"]?.isEmpty == true)
    }

    @Test func severalRequestsMayComeInOnePacket() async throws {
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                let body = try connection.readBody(of: request)
                try connection.write("\(request.target)=\(String(decoding: body, as: UTF8.self));")
                if request.target == "/last" { return }
            }
        }
        defer { server.stop() }
        let first = "POST /one HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"
        let second = "POST /two HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n"
        let text = try await self.exchange(server, first + second + "GET /last HTTP/1.1\r\n\r\n")
        #expect(text == "/one=ab;/two=c;/last=;")
        #expect(server.acceptedConnections == 1)
    }

    @Test func aResponseIsExactlyWhatWasWritten() async throws {
        let server = try RawServer { connection in
            _ = try connection.readHead()
            try connection.respond(503, fields: ["X-One: 1", "X-One: 2"], body: Array("later".utf8))
            connection.close()
            // Nothing can follow.
            #expect(throws: (any Error).self) { try connection.write("more") }
            #expect(connection.readSome() == nil)
            #expect(!connection.isPeerConnected)
        }
        defer { server.stop() }
        let text = try await self.exchange(server, "GET / HTTP/1.1\r\n\r\n")
        #expect(text == "HTTP/1.1 503 Status\r\nContent-Length: 5\r\nX-One: 1\r\nX-One: 2\r\n\r\nlater")
    }

    @Test func connectionsAreNumberedAndAServerStopsForGood() async throws {
        let server = try RawServer { connection in
            _ = try connection.readHead()
            try connection.write("\(connection.index)")
        }
        var numbers: [String] = []
        for _ in 0..<3 { numbers.append(try await self.exchange(server, "GET / HTTP/1.1\r\n\r\n")) }
        #expect(numbers == ["0", "1", "2"])
        server.stop()
        server.stop()
        #expect(try await self.exchange(server, "GET / HTTP/1.1\r\n\r\n").isEmpty)
        #expect(server.origin == "http://127.0.0.1:\(server.port)")
    }
}
