import Foundation
import RingPartner
import RingTesting
import Synchronization
import Testing

@Suite struct AccountTimeoutTests {
    private let clock = ManualClock()

    /// An account whose first calls get an empty list, and all others no response.
    private func account(responses: Int) throws -> (account: RingPartnerAccount, transport: StubTransport) {
        let remaining = Mutex(responses)
        let transport = StubTransport { _ in
            let responds = remaining.withLock { remaining in
                remaining -= 1
                return remaining >= 0
            }
            if responds { return .json(#"{"data":[]}"#) }
            try await Task.sleep(for: .seconds(600))
            throw RingError(code: .closed, message: "the test took too long")
        }
        return (try self.account(transport), transport)
    }

    private func account(_ transport: StubTransport) throws -> RingPartnerAccount {
        let configuration = try RingPartnerConfiguration(
            credentials: OAuthCredentials(clientID: "client", clientSecret: OAuthClientSecret("secret")),
            storage: RingMemoryStorage(), sealing: nil, transport: transport,
            environment: RingEnvironment(clock: self.clock))
        return try RingPartnerClient(configuration).account(token: RingAccessToken("token"))
    }

    private func code(_ call: Task<RingDeviceList, any Error>) async -> RingError.Code? {
        (await #expect(throws: RingError.self) { try await call.value })?.code
    }

    @Test func endsACallWhenTheTimeIsUp() async throws {
        let account = try self.account(responses: 0).account.with(timeout: .seconds(5))

        let call = Task { try await account.devices.list() }
        await self.clock.sleepers(atLeast: 1)
        self.clock.advance(by: .seconds(5))

        #expect(await self.code(call) == .deadlineExceeded)
    }

    @Test func sharesOneDeadlineAmongAllCallsOfTheHandle() async throws {
        let (account, transport) = try self.account(responses: 1)
        let limited = account.with(priority: .background).with(timeout: .seconds(5))
        #expect(try await limited.devices.list().isEmpty)
        self.clock.advance(by: .seconds(3))

        let second = Task { try await limited.devices.list() }
        while transport.requests.count < 2 { await Task.yield() }
        await self.clock.sleepers(atLeast: 1)
        self.clock.advance(by: .seconds(2))
        #expect(await self.code(second) == .deadlineExceeded)

        // Nothing is sent any more.
        #expect(await self.code(Task { try await limited.devices.list() }) == .deadlineExceeded)
        #expect(transport.requests.count == 2)
        #expect(transport.contexts.allSatisfy { $0.deadline?.uptime == transport.contexts.first?.deadline?.uptime })
    }

    @Test func theEarlierOfTwoTimeoutsCounts() async throws {
        let account = try self.account(responses: 0).account.with(timeout: .seconds(5)).with(timeout: .seconds(60))

        let call = Task { try await account.devices.list() }
        await self.clock.sleepers(atLeast: 1)
        self.clock.advance(by: .seconds(5))

        #expect(await self.code(call) == .deadlineExceeded)
    }

    /// The directory's own requests have no deadline of the handle.
    @Test func alsoEndsTheLookUpOfLenses() async throws {
        var media = try self.account(responses: 0).account.with(timeout: .seconds(5)).media
        media.components = { _ in
            try await Task.sleep(for: .seconds(600))
            return nil
        }
        let limited = media
        self.clock.advance(by: .seconds(3))

        let call = Task { try await limited.data(RingStillRequest(device: "d", moment: .at(self.clock.now() - 60))) }
        await self.clock.sleepers(atLeast: 1)
        self.clock.advance(by: .seconds(2))

        let error = await #expect(throws: RingError.self) { try await call.value }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test func countsFromTheCreationOfTheHandle() async throws {
        let account = try self.account(responses: 0).account.with(timeout: .seconds(5))
        let media = account.media
        self.clock.advance(by: .seconds(5))

        let fetching = await #expect(throws: RingError.self) {
            try await media.data(RingStillRequest(device: "d", moment: .at(self.clock.now() - 60)))
        }
        #expect(fetching?.code == .deadlineExceeded)
    }

    @Test func leavesOtherHandlesOfTheAccountAlone() async throws {
        let (account, _) = try self.account(responses: 2)
        _ = account.with(timeout: .zero)

        #expect(try await account.devices.list().isEmpty)
    }

    /// The start of a session ends with the handle's time; without it the start would have twenty seconds.
    @Test func alsoEndsTheStartOfLiveVideo() async throws {
        let (account, transport) = try self.account(responses: 0)
        let live = account.with(timeout: .seconds(5)).live
        self.clock.advance(by: .seconds(3))

        let call = Task { try await live.open("camera", offer: PartnerBench.offer()) }
        while transport.contexts.isEmpty { await Task.yield() }
        let deadline = transport.contexts.first?.deadline?.uptime
        #expect(deadline == .seconds(5))
        // Far enough to end the call in any case.
        self.clock.advance(by: deadline == .seconds(5) ? .seconds(2) : .seconds(60))

        let error = await #expect(throws: RingError.self) { try await call.value }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test func aSessionIsAlsoClosedWhenTheTimeIsUp() async throws {
        let body = try PartnerBench.sample("answer-aiortc-to-chromium156-video")  // SDP
        let transport = StubTransport { request in
            guard request.method == .post else { return RingHTTPResponse(status: 200) }
            return RingHTTPResponse(
                status: 201,
                headerFields: [.contentType: "application/sdp", "Location": request.url.absoluteString + "/s1"],
                body: RingHTTPBody(body))
        }
        let live = try self.account(transport).with(timeout: .seconds(5)).live
        let session = try await live.open("camera", offer: PartnerBench.offer())
        self.clock.advance(by: .seconds(6))

        #expect(await session.close().isOver)
        #expect(transport.requests.map(\.method) == [.post, .delete])
    }
}
