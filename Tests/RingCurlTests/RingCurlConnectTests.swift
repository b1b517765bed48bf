import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

/// Getting a connection, or waiting for one.
@Suite(.timeLimit(.minutes(1))) struct RingCurlConnectTests {
    private static let noLimits = RingTimeouts(connect: nil, firstByte: nil, silence: nil, total: nil)

    private func request(_ origin: String, _ timeouts: RingTimeouts = Self.noLimits) throws -> RingCall {
        RingCall(
            method: .post, url: try #require(URL(string: origin)), operation: .testRead, timeouts: timeouts)
    }

    /// Checks that each of the three ends of a call that gets no connection comes, and in time.
    private func endsInTime(_ transport: RingCurlTransport, _ origin: String) async throws {
        for code in [RingError.Code.timedOut, .deadlineExceeded] {
            var request = try self.request(origin)
            if code == .timedOut {
                request.timeouts?.connect = .milliseconds(150)
            } else {
                request.deadline = RingDeadline(in: .milliseconds(150), clock: RingSystemClock())
            }
            let limited = request
            let start = ContinuousClock.now
            let error = await #expect(throws: RingError.self) { try await transport.send(limited) }
            let took = ContinuousClock.now - start
            #expect(error?.code == code)
            #expect(error?.delivery == .notSent)
            #expect(took > .milliseconds(100) && took < .seconds(15))
        }
        var best = Duration.seconds(100)
        for _ in 0..<3 {
            let task = Task { try await transport.send(self.request(origin)) }
            // Nothing tells from outside that it waits; cancelled earlier, it ends as well.
            try await Task.sleep(for: .milliseconds(20))
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            best = min(best, ContinuousClock.now - start)
        }
        #expect(best <= .milliseconds(100))
    }

    #if os(Linux)
    @Test func endsInTimeWhereNobodyResponds() async throws {
        let port = try UnansweredPort()
        defer { port.close() }
        try await self.endsInTime(RingCurlTransport(), "http://127.0.0.1:\(port.port)")
    }
    #endif

    @Test func endsInTimeWhereNoConnectionIsFree() async throws {
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                if request.target == "/held" { connection.waitUntilClosed() } else { try connection.respond() }
            }
        }
        defer { server.stop() }
        let transport = RingCurlTransport(configuration: RingCurlConfiguration(maximumConnectionsPerHost: 1))
        let url = try #require(URL(string: server.origin + "/held"))
        let held = Task { try await transport.send(RingCall(url: url, operation: .testRead)) }
        while server.acceptedConnections == 0 { await Task.yield() }
        try await self.endsInTime(transport, server.origin)
        #expect(server.acceptedConnections == 1)
        // The next one gets the place of the one that ends.
        let next = Task { try await transport.send(self.request(server.origin)).status }
        held.cancel()
        #expect(try await next.value == 200)
    }

    /// The one repeat of this transport: a read that a closing connection lost.
    @Test func repeatsAReadThatAClosingConnectionLost() async throws {
        // Every response promises to keep the connection, and the server closes it at once.
        let server = try RawServer { connection in
            if try connection.readHead() != nil { try connection.respond() }
        }
        defer { server.stop() }
        let transport = RingCurlTransport()
        let request = RingCall(url: try #require(URL(string: server.origin)), operation: .testRead)
        for _ in 0..<200 { #expect(try await transport.send(request).status == 200) }
    }

    @Test func reachesWhatTheNameOfThisMachineStandsFor() async throws {
        // Only one of the addresses that the name may have is served.
        let server = try RawServer { connection in
            while try connection.readHead() != nil { try connection.respond() }
        }
        defer { server.stop() }
        let response = try await RingCurlTransport().send(self.request("http://localhost:\(server.port)"))
        #expect(response.status == 200)
    }
}
