import RingCore
import RingJSONAPI
import RingListener
import RingSimulator
import Synchronization
import Testing

/// The short form of the load that `Scripts/simulator-load.py` makes: many accounts, many deliveries, bounds that hold.
@Suite(.timeLimit(.minutes(10))) struct LoadTests {
    @Test func thousandsOfDeliveriesWithRetriesArriveOnceEach() async throws {
        let received = Mutex<[String: Int]>([:])
        let count = 3000
        let receiver = try await RingListener.startRaw { request in
            let id = (try? JSONAPIValue(parsing: request.body))?["meta"]?["request_id"]?.string ?? ""
            let attempt = received.withLock { received in
                received[id, default: 0] += 1
                return received[id] ?? 0
            }
            // Every fourth id is refused once.
            return RingListenerResponse(status: attempt == 1 && id.hasSuffix("0") ? 503 : 200)
        }
        try await Bench.run { bench async throws in
            bench.simulator.webhookURL = "\(receiver.origin)/hook"
            for _ in 0..<count {
                try bench.simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            }
            await bench.simulator.settle()
            bench.simulator.advance(by: .seconds(1))
            await bench.simulator.settle()
            let deliveries = bench.simulator.deliveries
            #expect(deliveries.count == count)
            #expect(deliveries.allSatisfy { $0.outcome == .delivered })
            let repeated = deliveries.count { $0.statuses == [503, 200] }
            #expect(repeated == deliveries.count { $0.requestID.hasSuffix("0") } && repeated > 0)
            #expect(received.withLock { $0.count } == count)
        }
        await receiver.stop()
    }

    @Test func aThousandAccountsWithTenDevicesAreFoundAtOnce() async throws {
        try await Bench.run({ configuration in
            configuration.usesShortIDs = true
            configuration.accounts = (0..<1000).map { number in
                RingSimulatorAccount(
                    id: RingAccountID(rawValue: "a\(number)"), state: .completed,
                    devices: (0..<10).map { RingSimulatorDevice(kind: .camera, name: "Camera \(number)-\($0)") })
            }
        }) { bench async throws in
            let first = try bench.simulator.grantTokens(account: "a0").access
            let last = try bench.simulator.grantTokens(account: "a999").access
            func time(_ token: String) async throws -> Duration {
                let start = ContinuousClock.now
                let list = try await send("GET", "\(bench.simulator.apiURL)/v1/devices", token: token)
                #expect(list.data?.elements.count == 10)
                return ContinuousClock.now - start
            }
            // A search would find the first account a hundred times sooner than the last. The quickest request of each is
            // compared, and they alternate, so that other work of the machine is no part of it.
            var (early, late) = (Duration.seconds(1000), Duration.seconds(1000))
            for _ in 0..<50 {
                early = min(early, try await time(first))
                late = min(late, try await time(last))
            }
            #expect(late < early * 10, "\(early) \(late)")
            let event = #"{"type":"motion_detected","account":"a999","device":"Camera 999-9"}"#
            let reply = try await send("POST", "\(bench.simulator.controlURL)/events", body: event)
            #expect(reply.status == 200)
            let document = try await send("GET", "\(bench.simulator.controlURL)/accounts")
            #expect(document.json?["accounts"]?.elements.count == 1000)
        }
    }

    /// However many tokens there are, a refresh copies no table of them.
    @Test func aRefreshTakesAsLongWithManyTokens() async throws {
        try await Bench.run { bench async throws in
            var token = bench.simulator.refreshToken
            func time() async throws -> Duration {
                var best = Duration.seconds(1000)
                for _ in 0..<20 {
                    let start = ContinuousClock.now
                    let reply = try await bench.simulator.token("grant_type=refresh_token&refresh_token=\(token)")
                    best = min(best, ContinuousClock.now - start)
                    token = try #require(reply.json?["refresh_token"]?.string)
                }
                return best
            }
            let few = try await time()
            for _ in 0..<40_000 { _ = try bench.simulator.grantTokens() }
            let many = try await time()
            #expect(many < few * 3, "\(few) \(many)")
        }
    }

    /// An account that refreshes all the time loses its own oldest access tokens; no other token ends.
    @Test func theOldestOfManyTokensOfAnAccountAreForgotten() async throws {
        try await Bench.run({ configuration in
            configuration.accounts = ["busy", "idle"].map { RingSimulatorAccount(id: $0, state: .completed) }
        }) { bench async throws in
            let simulator = bench.simulator
            let idle = try simulator.grantTokens(account: "idle")
            let first = try simulator.grantTokens(account: "busy")
            var last = first
            for _ in 0..<6000 { last = try simulator.grantTokens(account: "busy") }
            for (token, status) in [(idle.access, 200), (last.access, 200), (first.access, 401)] {
                let reply = try await send("GET", "\(simulator.apiURL)/v1/devices", token: token)
                #expect(reply.status == status)
            }
            for token in [idle.refresh, first.refresh] {
                let reply = try await simulator.token("grant_type=refresh_token&refresh_token=\(token)")
                #expect(reply.status == 200)
            }
        }
    }

    /// What the journal counts of itself stays within its bound while it turns over several times.
    @Test func theJournalStaysWithinItsBound() async throws {
        try await Bench.run({ $0.limitJournal(count: 100, bytes: 1 << 18) }) { bench async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<120 { _ = try await bench.get("/v1/devices?include=status") } }
                }
                try await group.waitForAll()
            }
            let page = try #require(try await send("GET", "\(bench.simulator.controlURL)/journal?limit=1").json)
            #expect((page["kept_bytes"]?.int64 ?? .max) <= 1 << 18)
            #expect((page["kept"]?.int64 ?? .max) <= 100)
            #expect((page["removed"]?.int64 ?? 0) >= 380)
        }
    }
}
