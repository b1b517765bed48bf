import RingCore
import RingSimulator
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Clips of a simulator without sockets: they arrive as over the wire, and by the time of the test.
@Suite(.timeLimit(.minutes(5))) struct InProcessMediaTests {
    /// A simulator, its clock, and the pre-signed URL of a clip of five seconds.
    private func withClip(
        _ test: (RingSimulator, ManualClock, URL) async throws -> Void
    ) async throws {
        let clock = ManualClock(autoAdvance: true)
        var configuration = RingSimulatorConfiguration()
        configuration.accounts = [RingSimulatorAccount(state: .completed)]
        configuration.switches.media.insert(.everywhere)
        configuration.switches.limits[.mediaCutBytes] = 1000
        let simulator = try RingSimulator.inProcess(configuration, clock: clock)
        clock.advance(by: .seconds(100))
        let body = #"{"timestamp":\#(simulator.milliseconds - 50_000),"duration":5000}"#
        let url = try #require(URL(string: simulator.path(.doorbell) + "/media/video/download"))
        let reply = try await simulator.transport.send(
            RingHTTPRequest(
                method: .post, url: url,
                headerFields: ["Authorization": "Bearer \(try simulator.grantTokens().access)"],
                body: RingHTTPBody(body)), context: RingRequestContext(operation: .testRead))
        #expect(reply.status == 303)
        try await test(simulator, clock, try #require(reply.headerFields["Location"].flatMap { URL(string: $0) }))
        await simulator.stop()
    }

    private func fetch(_ simulator: RingSimulator, _ url: URL, _ method: RingHTTPMethod = .get) async throws
        -> RingHTTPResponse
    {
        try await simulator.transport.send(
            RingHTTPRequest(method: method, url: url), context: RingRequestContext(operation: .testRead))
    }

    @Test func aClipThatIsCutBreaksOff() async throws {
        try await self.withClip { simulator, _, url async throws in
            simulator.change { $0.next[.mediaCut] = 1 }
            let cut = try await self.fetch(simulator, url)
            var count = 0
            let error = await #expect(throws: RingError.self) {
                for try await piece in cut.body { count += piece.count }
            }
            #expect(error?.code == .connectionLost && count == 1000)
            // A cut behind the end is none.
            simulator.change { ($0.next[.mediaCut], $0.limits[.mediaCutBytes]) = (1, 100_000_000) }
            let whole = try await self.fetch(simulator, url)
            let bytes = try await whole.body.collect(upTo: 8 << 20)
            #expect(whole.headerFields["Content-Length"] == String(bytes.count) && bytes.count > 1000)
            #expect(simulator.switches.next[.mediaCut] == 0)
        }
    }

    @Test func aHeadOfAClipHasNoBody() async throws {
        try await self.withClip { simulator, _, url async throws in
            let whole = try await self.fetch(simulator, url)
            let head = try await self.fetch(simulator, url, .head)
            #expect(head.headerFields["Content-Length"] == whole.headerFields["Content-Length"])
            #expect(try await head.body.collect(upTo: 8 << 20) == [])
        }
    }

    @Test func slowMediaTakeTheTimeOfTheTest() async throws {
        try await self.withClip { simulator, clock, url async throws in
            simulator.change { $0.limits[.mediaBytesPerSecond] = 2000 }
            let response = try await self.fetch(simulator, url)
            let start = clock.uptime()
            let count = try await response.body.collect(upTo: 8 << 20).count
            let expected = Double(count) / 2000
            let passed = clock.uptime() - start
            #expect(passed > .seconds(expected - 0.2) && passed < .seconds(expected + 0.2), "\(count) bytes")
        }
    }
}
