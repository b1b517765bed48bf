import RingCore
import RingCurl
import RingSimulator
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let transport = RingCurlTransport()

/// The stream that keeps a page current, and that nothing of it remains.
@Suite(.timeLimit(.minutes(5))) struct PageStreamTests {
    private func open(_ simulator: RingSimulator) async throws -> RingHTTPResponse {
        let url = try #require(URL(string: simulator.controlURL + "/ui/changes"))
        let response = try await transport.send(RingCall(url: url, operation: .testRead, timeouts: .patient))
        #expect(response.status == 200)
        #expect(response.headerFields["Content-Type"] == "text/event-stream")
        return response
    }

    @Test func aChangeIsToldWhenItHappens() async throws {
        try await Bench.run { bench async throws in
            var events = try await self.open(bench.simulator).body.makeAsyncIterator()
            let first = try #require(try await events.next())
            #expect(String(decoding: first, as: UTF8.self).contains("data: open\n\n"))
            try bench.simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            let second = try #require(try await events.next())
            #expect(String(decoding: second, as: UTF8.self).contains("deliveries"))
        }
    }

    @Test func nothingRemainsOfAPageThatWasClosed() async throws {
        try await Bench.run { bench async throws in
            let task = Task {
                for try await _ in try await self.open(bench.simulator).body {}
            }
            await bench.simulator.waitForStreams(1)
            task.cancel()
            await bench.simulator.waitForStreams(0)
            _ = await task.result
        }
    }

    /// More streams than a browser opens are refused, and do not keep others out for good.
    @Test func streamsAreBounded() async throws {
        try await Bench.run { bench async throws in
            let tasks = (0..<32).map { _ in Task { for try await _ in try await self.open(bench.simulator).body {} } }
            await bench.simulator.waitForStreams(32)
            #expect(try await send("GET", bench.simulator.controlURL + "/ui/changes").status == 503)
            for task in tasks { task.cancel() }
            await bench.simulator.waitForStreams(0)
        }
    }

    /// An open page does not delay the end: its stream ends by itself, long before the time for requests under way is over.
    @Test func anOpenPageDoesNotKeepTheSimulatorFromStopping() async throws {
        var configuration = RingSimulatorConfiguration()
        configuration.graceAtStop = .seconds(100)
        let simulator = try await RingSimulator.start(configuration)
        let task = Task { for try await _ in try await self.open(simulator).body {} }
        await simulator.waitForStreams(1)
        let start = ContinuousClock.now
        await simulator.stop()
        #expect(ContinuousClock.now - start < .seconds(60))
        // A stream that is cut off is an error for its reader.
        try await task.value
    }
}
