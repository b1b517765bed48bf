import RingCore
import RingCurl
import RingJSONAPI
import RingListener
import RingSimulator
import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Webhooks on their way: attempts, "send again", dead letters, and receivers that take their time.
@Suite(.timeLimit(.minutes(10))) struct DeliveryTests {
    private func control(
        _ bench: Bench, _ method: String, _ path: String, _ body: String? = nil
    ) async throws -> Reply {
        try await send(method, bench.simulator.controlURL + path, body: body)
    }

    private func press(_ bench: Bench) {
        bench.simulator.happen(RingSimulatorEvent(type: "button_press", device: "Front Door"))
    }

    @Test func eachAttemptIsWrittenDown() async throws {
        let listener = try await RingListener.startRaw { _ in
            RingListenerResponse(
                status: 500, contentType: "application/json",
                text: #"{"error":"database","token":"CANARY","rest":"\#(String(repeating: "y", count: 5000))"}"#)
        }
        try await Bench.run { bench async throws in
            bench.simulator.webhookURL = "\(listener.origin)/hook?key=CANARY"
            self.press(bench)
            await bench.simulator.settle()
            let reply = try await self.control(bench, "GET", "/deliveries/1")
            #expect(!reply.text.contains("CANARY"))
            let delivery = try #require(reply.json)
            #expect(delivery["device"]?.string == bench.simulator.id(.doorbell).rawValue)
            #expect(delivery["outcome"]?.string == "pending")
            let attempt = try #require(delivery["attempts"]?.at(0))
            #expect(attempt["status"]?.int64 == 500 && attempt["url"]?.string == "\(listener.origin)/hook")
            #expect(attempt["response_body"]?["text"]?.string?.hasPrefix(#"{"error":"database""#) == true)
            #expect(attempt["response_body"]?["truncated"]?.bool == true)
            #expect(attempt["duration_ms"]?.double ?? 0 > 0)
            let next = try #require(delivery["next_attempt"]?.int64)
            #expect(next - (attempt["time"]?.int64 ?? 0) >= 1000)
            await listener.stop()
            bench.simulator.advance(by: .seconds(2))
            await bench.simulator.settle()
            let second = try #require(try await self.control(bench, "GET", "/deliveries/1").json?["attempts"]?.at(1))
            #expect(second["status"]?.int64 == 0)
            #expect(second["failure"]?.string?.isEmpty == false)
        }
    }

    @Test func anyDeliveryIsSentAgain() async throws {
        let receiver = try await Receiver([400, 503, 200])
        try await Bench.run { bench async throws in
            bench.simulator.webhookURL = receiver.url
            self.press(bench)
            await bench.simulator.settle()
            #expect(bench.simulator.deliveries.map(\.outcome) == [.refused])
            let reply = try await self.control(bench, "POST", "/deliveries/1/send")
            #expect(reply.status == 200 && reply.json?["outcome"]?.string == "pending")
            await bench.simulator.settle()
            bench.simulator.advance(by: .seconds(1))
            await bench.simulator.settle()
            #expect(bench.simulator.deliveries.map(\.statuses) == [[400, 503, 200]])
            #expect(bench.simulator.deliveries.map(\.outcome) == [.delivered])
            #expect(Set(receiver.hooks.map(\.body)).count == 1)
            #expect(Set(receiver.hooks.map(\.signature)).count == 1)
            #expect(try await self.control(bench, "POST", "/deliveries/7/send").status == 404)
            bench.simulator.webhookURL = nil
            let nowhere = try await self.control(bench, "POST", "/deliveries/1/send")
            #expect(nowhere.status == 409 && nowhere.error?["detail"]?.string?.contains("POST /webhook") == true)
        }
        await receiver.stop()
    }

    /// The attempt that was planned before is not made beside the new ones.
    @Test func sendingAgainReplacesWhatWasPlanned() async throws {
        let receiver = try await Receiver([503, 200])
        try await Bench.run { bench async throws in
            bench.simulator.webhookURL = receiver.url
            self.press(bench)
            await bench.simulator.settle()
            #expect(try await self.control(bench, "POST", "/deliveries/1/send").status == 200)
            await bench.simulator.settle()
            bench.simulator.advance(by: .seconds(4000))
            await bench.simulator.settle()
            #expect(bench.simulator.deliveries.map(\.statuses) == [[503, 200]])
        }
        await receiver.stop()
    }

    @Test func deadLettersAreReplayedFor72Hours() async throws {
        let receiver = try await Receiver([500])
        try await Bench.run { bench async throws in
            bench.simulator.webhookURL = receiver.url
            func die() async {
                self.press(bench)
                await bench.simulator.settle()
                for _ in 0..<6 {
                    bench.simulator.advance(by: .seconds(3600))
                    await bench.simulator.settle()
                }
            }
            await die()
            bench.simulator.advance(by: .seconds(72 * 3600))
            await die()
            #expect(bench.simulator.deliveries.map(\.outcome) == [.deadLetter, .deadLetter])
            let none = try await self.control(bench, "POST", "/deliveries/replay", #"{"type":"motion_detected"}"#)
            #expect(none.json?["sent"]?.elements.count == 0 && none.json?["expired"]?.int64 == 0)
            let replay = try await self.control(bench, "POST", "/deliveries/replay")
            #expect(replay.json?["sent"]?.elements.compactMap(\.int64) == [2])
            #expect(replay.json?["expired"]?.int64 == 1)
            await bench.simulator.settle()
            #expect(bench.simulator.deliveries.map(\.statuses.count) == [7, 8])
        }
        await receiver.stop()
    }

    @Test func theyAreFilteredAndBounded() async throws {
        let receiver = try await Receiver([200])
        try await Bench.run({ $0.limitDeliveries(count: 4) }) { bench async throws in
            bench.simulator.webhookURL = receiver.url
            for _ in 0..<5 {
                self.press(bench)
                try bench.simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: "Garden"))
                await bench.simulator.settle()
            }
            let page = try #require(try await self.control(bench, "GET", "/deliveries").json)
            #expect(page["deliveries"]?.elements.compactMap { $0["number"]?.int64 } == [7, 8, 9, 10])
            #expect(page["removed"]?.int64 == 6)
            let garden = try await self.control(bench, "GET", "/deliveries?device=Garden&outcome=delivered&status=2xx")
            #expect(garden.json?["deliveries"]?.elements.compactMap { $0["number"]?.int64 } == [8, 10])
            let wrong = try await self.control(bench, "GET", "/deliveries?device=Gardn")
            #expect(wrong.status == 400 && wrong.error?["detail"]?.string?.contains("did you mean Garden") == true)
            // Those that wait for an attempt stay.
            bench.simulator.webhookURL = "http://127.0.0.1:1/"
            for _ in 0..<9 { self.press(bench) }
            await bench.simulator.settle()
            #expect(bench.simulator.deliveries.count { $0.outcome == .pending } == 9)
        }
        await receiver.stop()
    }

    /// The time that a receiver has ends over the network, too.
    @Test func aReceiverThatNeverRespondsIsGivenUp() async throws {
        let gate = Gate()
        let receiver = try await RingListener.startRaw { _ in
            await gate.wait()
            return RingListenerResponse(status: 200)
        }
        try await Bench.run { bench async throws in
            bench.simulator.change { $0.limits[.webhookResponseMilliseconds] = 50 }
            bench.simulator.webhookURL = "\(receiver.origin)/hook"
            self.press(bench)
            await bench.simulator.settle()
            #expect(bench.simulator.deliveries.map(\.statuses) == [[0]])
            #expect(bench.simulator.deliveries.map(\.outcome) == [.pending])
        }
        gate.open()
        await receiver.stop()
    }

    /// A hundred receivers that respond after a second hold up no request; each reads its device meanwhile, as services do.
    @Test func slowReceiversHoldUpNothing() async throws {
        let (started, more) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        let client = RingCurlTransport()
        let reads = Mutex<[Int]>([])
        try await Bench.run { bench async throws in
            let url = "\(bench.simulator.apiURL)\(bench.device(.doorbell))"
            let token = bench.token
            let receiver = try await RingListener.startRaw { _ in
                more.yield()
                await gate.wait()
                let call = RingCall(
                    url: URL(string: url) ?? URL(filePath: "/"),
                    headerFields: ["Authorization": "Bearer \(token)"], operation: .testRead, timeouts: .patient)
                let status = (try? await client.send(call).status) ?? 0
                reads.withLock { $0.append(status) }
                return RingListenerResponse(status: 200)
            }
            bench.simulator.webhookURL = "\(receiver.origin)/hook"
            bench.simulator.change { $0.limits[.webhookResponseMilliseconds] = 600_000 }
            for _ in 0..<100 { self.press(bench) }
            var count = 0
            for await _ in started {
                count += 1
                if count == 100 { break }
            }
            // All hundred are in flight now, and none ends before the gate opens. Requests do not wait for one of them.
            for _ in 0..<20 { #expect(try await bench.get("/v1/devices").status == 200) }
            // None was given up meanwhile either: a request that had to wait for that would show it here.
            #expect(bench.simulator.deliveries.map(\.statuses) == Array(repeating: [], count: 100))
            let early = reads.withLock { $0.count }
            #expect(early == 0)
            gate.open()
            await bench.simulator.settle()
            #expect(bench.simulator.deliveries.map(\.statuses) == Array(repeating: [200], count: 100))
            #expect(reads.withLock { $0 } == Array(repeating: 200, count: 100))
            await receiver.stop()
        }
    }
}

/// Tasks wait here until it is opened.
private final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = self.state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = self.state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
