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

/// Many clients, clients that leave, and a server that stops while its handlers wait.
@Suite(.timeLimit(.minutes(1))) struct RawServerClientsTests {
    private func call(_ server: RawServer, _ target: String = "/", body: RingHTTPBody? = nil) throws -> RingCall {
        RingCall(
            method: body == nil ? .get : .post, url: try #require(URL(string: server.origin + target)),
            body: body ?? .empty, operation: .testRead)
    }

    private func text(_ response: RingHTTPResponse) async throws -> String {
        String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
    }

    @Test func manyClientsAreServedAtOnce() async throws {
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                try connection.respond(body: Array("\(connection.index) \(request.target)".utf8))
            }
        }
        defer { server.stop() }
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<48 {
                // A transport of its own, so a connection of its own.
                let call = try self.call(server, "/\(number)")
                group.addTask { try await self.text(RingCurlTransport().send(call)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let parts = texts.map { $0.split(separator: " ").map(String.init) }
        #expect(Set(parts.compactMap(\.first)) == Set((0..<48).map(String.init)))
        #expect(Set(parts.compactMap(\.last)) == Set((0..<48).map { "/\($0)" }))
        #expect(server.acceptedConnections == 48)
    }

    @Test func stoppingWakesEveryHandlerThatWaits() async throws {
        let ended = Mutex(0)
        let server = try RawServer { connection in
            _ = try connection.readHead()
            // Nothing follows: the read ends when the server stops.
            #expect(connection.readSome() == nil)
            ended.withLock { $0 += 1 }
        }
        let call = try self.call(server)
        let tasks = (0..<8).map { _ in Task { try await RingCurlTransport().send(call).status } }
        while server.openConnections < 8 { await Task.yield() }
        server.stop()
        for task in tasks {
            let error = await #expect(throws: RingError.self) { try await task.value }
            #expect(error?.code == .connectionLost)
        }
        while server.openConnections > 0 { await Task.yield() }
        #expect(ended.withLock { $0 } == 8)
    }

    @Test func aHandlerThatThrowsEndsItsConnectionAlone() async throws {
        let server = try RawServer { connection in
            guard let request = try connection.readHead() else { return }
            if request.target == "/bad" { throw RawServerError("the test's own") }
            try connection.respond(204)
        }
        defer { server.stop() }
        for _ in 0..<3 {
            let error = await #expect(throws: RingError.self) {
                try await RingCurlTransport().send(self.call(server, "/bad"))
            }
            #expect(error?.code == .connectionLost)
            #expect(try await RingCurlTransport().send(self.call(server, "/good")).status == 204)
        }
        #expect(server.acceptedConnections == 6)
    }

    @Test func writingToAClientThatHasLeftThrows() async throws {
        let (errors, continuation) = AsyncStream<String>.makeStream()
        let server = try RawServer { connection in
            _ = try connection.readHead()
            do {
                try connection.write("HTTP/1.1 200 OK\r\n\r\n")
                while true { try connection.write([UInt8](repeating: 0, count: 64 << 10)) }
            } catch {
                continuation.yield("\(error)")
                continuation.finish()
            }
        }
        defer { server.stop() }
        let call = try self.call(server)
        // The reader gives up, and with the body goes the connection.
        await #expect(throws: RingHTTPError.self) {
            try await RingCurlTransport().send(call).body.collect(upTo: 1_000)
        }
        var found: [String] = []
        for await error in errors { found.append(error) }
        #expect(found == ["writing"])
    }

    @Test func aBodyIsReadInPiecesAndTheReaderMayGiveUp() async throws {
        struct Enough: Error {}
        let counts = Mutex<[Int]>([])
        let server = try RawServer { connection in
            guard let request = try connection.readHead() else { return }
            var count = 0
            do {
                try connection.readBody(of: request) { piece in
                    count += piece.count
                    if request.target == "/enough", count >= 100_000 { throw Enough() }
                }
            } catch is Enough { counts.withLock { $0.append(-1) } }
            counts.withLock { $0.append(count) }
            try connection.respond()
        }
        defer { server.stop() }
        let body = RingHTTPBody([UInt8](repeating: 1, count: 1_000_000))
        #expect(try await RingCurlTransport().send(self.call(server, "/all", body: body)).status == 200)
        #expect(counts.withLock { $0 } == [1_000_000])
        _ = try? await RingCurlTransport().send(self.call(server, "/enough", body: body))
        while counts.withLock({ $0.count }) < 3 { await Task.yield() }
        let last = counts.withLock { $0.last ?? 0 }
        #expect(counts.withLock { $0[1] } == -1)
        #expect(last >= 100_000 && last < 1_000_000)
    }

    @Test func serversHavePortsOfTheirOwn() throws {
        let servers = try (0..<20).map { _ in try RawServer { _ in } }
        defer { for server in servers { server.stop() } }
        #expect(Set(servers.map(\.port)).count == servers.count)
        #expect(servers.allSatisfy { $0.port > 0 && $0.origin.hasSuffix(":\($0.port)") })
        #expect(servers.allSatisfy { $0.acceptedConnections == 0 && $0.openConnections == 0 })
    }

    @Test func anErrorNamesWhatWasDone() {
        #expect(RawServerError("reading a line").description == "reading a line")
        #expect(RawServerError("bind", 98).description == "bind: error 98")
    }
}
