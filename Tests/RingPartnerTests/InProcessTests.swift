import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// A client and a simulator in one process: no socket, and only the time that a test gives.
struct InProcessBench {
    let clock: ManualClock
    let simulator: RingSimulator
    let client: RingPartnerClient
    let inbox: RingWebhookInbox
    let observer = RecordingObserver()

    init(
        clock: ManualClock = ManualClock(), change: (inout RingSimulatorConfiguration) -> Void = { _ in },
        wrapping wrap: (any RingTransport) -> any RingTransport = { $0 }
    ) throws {
        var ring = RingSimulatorConfiguration()
        change(&ring)
        self.clock = clock
        let simulator = try RingSimulator.inProcess(ring, clock: clock)
        self.simulator = simulator
        let client = try RingPartnerClient(
            RingPartnerConfiguration(
                credentials: OAuthCredentials(
                    clientID: ring.clientID, clientSecret: OAuthClientSecret(ring.clientSecret)),
                hmacKeys: [RingHMACKey(ring.hmacKey)],
                storage: RingMemoryStorage(uptime: { simulator.clock.uptime() }), sealing: nil,
                apiURL: simulator.apiURL, oauthURL: simulator.oauthURL, transport: wrap(simulator.transport),
                environment: RingEnvironment(clock: simulator.clock, observer: self.observer)))
        let inbox = try client.webhookInbox(router: RingWebhookRouter())
        self.client = client
        self.inbox = inbox
        simulator.setReceiver { request in
            request.url.path() == "/code" ? await client.linker.handle(request) : await inbox.handle(request)
        }
    }

    func link() async throws -> RingPartnerAccount {
        #expect(try await self.simulator.deliverCode() == 200)
        self.clock.advance(by: .seconds(1))
        let redirect = try self.simulator.linkRedirect()
        let result = try await self.client.linker.link(
            RingLinkRedirect(nonce: redirect.nonce, time: redirect.time), for: RingPrincipal(rawValue: "robin"))
        return self.client.account(result.account)
    }
}

@Suite(.timeLimit(.minutes(5))) struct InProcessTests {
    /// Everything a partner does with one household. The result is what a program would show of it.
    private func session(_ bench: InProcessBench) async throws -> String {
        var shown = ""
        let account = try await bench.link()
        shown += "\(try await account.profile.user().id)\n"
        let devices = try await account.devices.list(include: .all)
        shown += devices.map { "\($0.id) \($0.name ?? "")\n" }.joined()
        let door = try #require(devices.first { $0.name == "Front Door" })

        try bench.simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: "Front Door", subType: "human"))
        await bench.simulator.settle()
        shown += bench.simulator.deliveries.map { "\($0.requestID) \($0.outcome) \($0.statuses)\n" }.joined()
        bench.clock.advance(by: .seconds(60))
        let events = try await account.devices.history(of: door.id).collect().events
        shown += events.map { "\($0.id) \($0.start)\n" }.joined()
        let start = try #require(events.first?.start)
        let clip = RingClipRequest(device: door.id, start: start, duration: .seconds(5))
        shown += "\(try await account.media.data(clip, upTo: 8 << 20).bytes.count) bytes\n"
        shown +=
            "\(try await account.media.data(RingStillRequest(device: door.id, moment: .at(start))).info.contentType)\n"
        let session = try await account.live.open(door.id, offer: PartnerBench.offer())
        shown += "\(await session.close())\n"
        try await bench.client.tokens.refresh(try #require(account.id))
        shown += bench.simulator.journal.map { "\($0)\n" }.joined()
        await bench.simulator.stop()
        return shown
    }

    @Test func aWholeSessionNeedsNoSocketAndIsTheSameEachTime() async throws {
        let first = try await self.session(InProcessBench())
        #expect(first.contains("delivered") && first.contains("bytes"))
        for _ in 0..<3 { #expect(try await self.session(InProcessBench()) == first) }
        let other = try await self.session(InProcessBench { $0.seed = 2 })
        #expect(other != first)
    }

    @Test func eventsHappenInOrderWhenTheTestMovesTheClock() async throws {
        func run() async throws -> [String] {
            let bench = try InProcessBench {
                $0.events = (0..<40).map { number in
                    RingSimulatorEvent(
                        type: number.isMultiple(of: 3) ? "button_press" : "motion_detected", device: "Front Door",
                        delay: .seconds(10 + number / 2))
                }
            }
            _ = try await bench.link()
            await bench.clock.advanceUntilQuiet(by: .seconds(60))
            await bench.simulator.settle()
            return bench.simulator.deliveries.filter { $0.type == "motion_detected" || $0.type == "button_press" }
                .map { "\($0.requestID) \($0.type) \($0.outcome)" }
        }
        let first = try await run()
        #expect(first.count == 40)
        #expect(first.allSatisfy { $0.hasSuffix("delivered") })
        #expect(try await run() == first)
    }

    @Test func aReceiverThatDoesNotRespondIsTriedAgainBySimulatedTime() async throws {
        let clock = ManualClock()
        let simulator = try RingSimulator.inProcess(clock: clock)
        try simulator.setState(.completed)
        let arrivals = AsyncStream<Void>.makeStream()
        simulator.setReceiver { _ in
            arrivals.continuation.yield()
            // Longer than Ring waits.
            try? await simulator.clock.sleep(for: .seconds(3_600))
            return RingHTTPResponse(status: 200)
        }
        try simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: "Front Door"))
        for await _ in arrivals.stream { break }
        await clock.advanceUntilQuiet(by: .seconds(5))
        #expect(simulator.deliveries.map(\.statuses) == [[0]])
        simulator.setReceiver { _ in RingHTTPResponse(status: 204) }
        await clock.advanceUntilQuiet(by: .seconds(1))
        await simulator.settle()
        #expect(simulator.deliveries.map(\.statuses) == [[0, 204]])
        #expect(simulator.deliveries.map(\.outcome) == [.delivered])
        await simulator.stop()
    }

    @Test func faultsArriveAsOverTheWire() async throws {
        let bench = try InProcessBench(clock: ManualClock(autoAdvance: true)) { $0.switches.media.insert(.everywhere) }
        let account = try await bench.link()
        let door = bench.simulator.devices[0].id
        bench.clock.advance(by: .seconds(100))
        let clip = RingClipRequest(device: door, start: bench.clock.now() - 50, duration: .seconds(5))
        let whole = try await account.media.data(clip, upTo: 8 << 20).bytes
        // Cut once in the middle of the body: it is fetched again.
        bench.simulator.change {
            $0.limits[.mediaCutBytes] = 1000
            $0.next[.mediaCut] = 1
        }
        #expect(try await account.media.data(clip, upTo: 8 << 20).bytes == whole)
        // The response of a refresh is lost after its tokens were made.
        bench.simulator.change { $0.next[.refreshResponseLost] = 1 }
        let error = await #expect(throws: RingError.self) {
            try await bench.client.tokens.refresh(try #require(account.id))
        }
        #expect(error?.code == .connectionLost && error?.delivery == .unknown)
        await bench.simulator.stop()
    }

    @Test func aCancelledCallReturnsAtOnceAndTheServiceGoesOn() async throws {
        let bench = try InProcessBench()
        let account = try await bench.link()
        bench.simulator.change { $0.next[.refreshHeld] = 1 }
        let transport = bench.simulator.transport
        let request = RingHTTPRequest(
            method: .post, url: try #require(URL(string: bench.simulator.oauthURL + "/oauth/token")),
            headerFields: [.contentType: "application/x-www-form-urlencoded"],
            body: RingHTTPBody("grant_type=refresh_token&refresh_token=none&client_id=c&client_secret=s"))
        let call = Task { try await transport.send(request, for: RingOperation("test")) }
        await bench.simulator.waitUntilHeld(1)
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        // Another one ends by its deadline, although the clock is moved by hand.
        bench.simulator.change { $0.next[.refreshHeld] = 1 }
        let clock = bench.simulator.clock
        let late = Task {
            try await transport.send(
                request,
                context: RingRequestContext(
                    operation: RingOperation("test"), deadline: RingDeadline(in: .seconds(3), clock: clock)))
        }
        await bench.simulator.waitUntilHeld(2)
        await bench.clock.advanceUntilQuiet(by: .seconds(3))
        let error = await #expect(throws: RingError.self) { try await late.value }
        #expect(error?.code == .timedOut && error?.delivery == .unknown)
        bench.simulator.release()
        _ = account
        await bench.simulator.stop()
    }

    @Test(arguments: [
        "https://api.amazonvision.com/v1/devices", "http://api.ring-simulator.test/v1/devices",
        "https://api.ring-simulator.test:8443/v1/devices", "https://control.ring-simulator.test/state",
    ])
    func requestsToOtherHostsAreRefused(url: String) async throws {
        let simulator = try RingSimulator.inProcess()
        let request = RingHTTPRequest(url: try #require(URL(string: url)))
        let error = await #expect(throws: RingError.self) {
            try await simulator.transport.send(request, for: RingOperation("test"))
        }
        #expect(error?.code == .hostNotFound && error?.delivery == .notSent)
        #expect(error?.message.contains("https://api.ring-simulator.test") == true)
        await simulator.stop()
    }

    @Test func aKeyThatIsNoneIsNamed() {
        var configuration = RingSimulatorConfiguration()
        configuration.hmacKey = ""
        #expect(throws: RingSimulatorError.self) { try RingSimulator.inProcess(configuration) }
    }
}
