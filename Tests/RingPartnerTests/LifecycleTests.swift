import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// What the modules do when Ring reports that access changed.
@Suite(.timeLimit(.minutes(2)))
struct LifecycleTests {
    /// Delivers a signed webhook the way Ring does.
    private func deliver(_ text: String, to inbox: RingWebhookInbox) async throws -> Int {
        let body = Array(text.utf8)
        let key = try RingHMACKey(RingSimulatorSecrets.hmacKey)
        return await inbox.handle(
            headers: [
                .contentType: "application/json",
                .signature: RingWebhookSignature(signing: body, key: key).headerValue,
            ], body: body
        ).status
    }

    private func removal(of account: RingAccountID, at date: Date) -> String {
        let time = JSONAPITime.format(Date())
        let milliseconds = Int64(date.timeIntervalSince1970 * 1_000)
        return """
            {"meta":{"version":"1.1","time":"\(time)","request_id":"r-1","account_id":"\(account)"},"data":{"id":"e-1",\
            "type":"app_integration_removed","attributes":{"source":"\(account)","source_type":"users",\
            "timestamp":\(milliseconds)}}}
            """
    }

    @Test func aRemovedAppLosesItsTokensAndItsCachedDevices() async throws {
        let bench = try await PartnerBench()
        let account = try await bench.link()
        let id = try #require(account.id)
        _ = try await bench.client.directory.devices(of: id)
        let done = AsyncStream<Void>.makeStream()
        var router = RingWebhookRouter()
        router.on(.appIntegrationRemoved) { _ in done.continuation.yield() }
        let inbox = try bench.inbox(router)
        let work = Task { await inbox.run() }

        #expect(try await self.deliver(self.removal(of: id, at: Date(timeIntervalSinceNow: 1)), to: inbox) == 200)
        for await _ in done.stream { break }
        work.cancel()

        #expect(try await bench.client.tokens.status(of: id).state == .removed)
        let error = await #expect(throws: RingError.self) { try await account.devices.list(include: []) }
        #expect(error?.code == .accountRemoved)
        await bench.close()
    }

    /// The handler of a removal can still read the names of the removed devices; afterwards they are deleted.
    @Test func namesAreKnownUntilTheHandlerOfARemovalHasEnded() async throws {
        let bench = try await PartnerBench()
        let id = try #require(try await bench.link().id)
        let names = try await bench.client.directory.devices(of: id).entries.compactMap(\.device.name)
        #expect(!names.isEmpty)
        let done = AsyncStream<[String]>.makeStream()
        var router = RingWebhookRouter()
        router.on(.appIntegrationRemoved) { _ in
            done.continuation.yield(try await bench.client.directory.devices(of: id).entries.compactMap(\.device.name))
        }
        let inbox = try bench.inbox(router)
        let work = Task { await inbox.run() }
        #expect(try await self.deliver(self.removal(of: id, at: Date(timeIntervalSinceNow: 1)), to: inbox) == 200)
        for await known in done.stream {
            #expect(known == names)
            break
        }
        while try await inbox.counts().done == 0 { await Task.yield() }
        let error = await #expect(throws: RingError.self) { try await bench.client.directory.devices(of: id) }
        #expect(error?.code == .accountRemoved)
        work.cancel()
        await work.value
        await bench.close()
    }

    /// A loop over deliveries gets a removal after the tokens were erased; its names are deleted once it has finished.
    @Test func aRemovalThroughALoopErasesTokensAndNames() async throws {
        let bench = try await PartnerBench()
        let id = try #require(try await bench.link().id)
        let names = try await bench.client.directory.devices(of: id).entries.compactMap(\.device.name)
        let inbox = try bench.inbox()
        let loop = Task {
            for await webhook in inbox.deliveries() {
                let state = try await bench.client.tokens.status(of: id).state
                let known = try await bench.client.directory.devices(of: id).entries.compactMap(\.device.name)
                #expect(state == .removed && known == names)
                webhook.finish()
            }
        }
        #expect(try await self.deliver(self.removal(of: id, at: Date(timeIntervalSinceNow: 1)), to: inbox) == 200)
        while try await inbox.counts().done == 0 { await Task.yield() }
        #expect(try await bench.client.tokens.status(of: id).state == .removed)
        let error = await #expect(throws: RingError.self) { try await bench.client.directory.devices(of: id) }
        #expect(error?.code == .accountRemoved)
        loop.cancel()
        try await loop.value
        await bench.close()
    }

    /// Reads the names of the devices when the handlers have succeeded.
    private struct LateReader: RingLifecycleResponder {
        let client: RingPartnerClient
        let names: AsyncStream<[String]>.Continuation

        func phase(of change: RingLifecycleEvent.Change) -> RingLifecyclePhase { .afterHandlers }

        func respond(to event: RingLifecycleEvent) async throws {
            guard let account = event.account else { return }
            let devices = try? await self.client.directory.devices(of: account)
            self.names.yield(devices?.entries.compactMap(\.device.name) ?? [])
        }
    }

    @Test func namesAreKnownToAResponderThatComesAfterTheHandlers() async throws {
        let bench = try await PartnerBench()
        let id = try #require(try await bench.link().id)
        let names = try await bench.client.directory.devices(of: id).entries.compactMap(\.device.name)
        let read = AsyncStream<[String]>.makeStream()
        var router = RingWebhookRouter()
        router.add(LateReader(client: bench.client, names: read.continuation))
        let inbox = try bench.inbox(router)
        let work = Task { await inbox.run() }
        #expect(try await self.deliver(self.removal(of: id, at: Date(timeIntervalSinceNow: 1)), to: inbox) == 200)
        for await known in read.stream {
            #expect(known == names)
            break
        }
        work.cancel()
        await work.value
        await bench.close()
    }

    private struct Broken: Error {}

    @Test(arguments: [RingWebhookError.refused("no"), Broken()] as [any Error])
    func aRemovalThatEndsInQuarantineDeletesTheNamesToo(failure: any Error) async throws {
        let bench = try await PartnerBench()
        let id = try #require(try await bench.link().id)
        _ = try await bench.client.directory.devices(of: id)
        var router = RingWebhookRouter()
        router.onEvery { _ in throw failure }
        var options = RingWebhookInboxOptions()
        options.retries.maximumAttempts = 1
        let inbox = try bench.client.webhookInbox(router: router, options: options)
        let work = Task { await inbox.run() }
        #expect(try await self.deliver(self.removal(of: id, at: Date(timeIntervalSinceNow: 1)), to: inbox) == 200)
        while try await inbox.counts().quarantined == 0 { await Task.yield() }
        let error = await #expect(throws: RingError.self) { try await bench.client.directory.devices(of: id) }
        #expect(error?.code == .accountRemoved)
        work.cancel()
        await work.value
        await bench.close()
    }

    @Test func aRemovalThatIsOlderThanTheLinkChangesNothing() async throws {
        let bench = try await PartnerBench()
        let account = try await bench.link()
        let id = try #require(account.id)
        let done = AsyncStream<Void>.makeStream()
        var router = RingWebhookRouter()
        router.onEvery { _ in done.continuation.yield() }
        let inbox = try bench.inbox(router)
        let work = Task { await inbox.run() }
        #expect(try await self.deliver(self.removal(of: id, at: Date(timeIntervalSinceNow: -3_600)), to: inbox) == 200)
        for await _ in done.stream { break }
        work.cancel()
        #expect(try await bench.client.tokens.status(of: id).state == .linked)
        await bench.close()
    }

    @Test func noHMACKeyNoInbox() async throws {
        let bench = try await PartnerBench { $0.hmacKeys = [] }
        #expect(throws: RingWebhookError.self) { try bench.client.webhookInbox() }
        await bench.close()
    }

    @Test func theMediaOriginNeverGetsTheAccessToken() async throws {
        let bench = try await PartnerBench()
        let account = try await bench.link()
        let door = try #require(try await account.devices.list(include: []).first).id
        for delivery in RingSimulatorSwitches.ClipDelivery.allCases {
            bench.simulator.change { $0.clipDelivery = delivery }
            let clip = RingClipRequest(
                device: door, start: Date(), duration: .seconds(5))
            let file = try await account.media.download(
                clip, to: bench.folder.appendingPathComponent("\(delivery).mp4").path)
            #expect(file.bytes > 10_000)
        }
        #expect(!bench.simulator.mediaReceivedAuthorization)
        await bench.close()
    }

    @Test func aClipOfAMultiCameraDeviceNamesItsLensBeforeAnythingIsSent() async throws {
        let bench = try await PartnerBench()
        let account = try await bench.link()
        let elite = try #require(bench.simulator.devices.first { $0.kind == .elite })
        let device = elite.id
        let path = bench.folder.appendingPathComponent("elite.mp4").path
        var clip = RingClipRequest(device: device, start: Date(), duration: .seconds(5))
        let error = await #expect(throws: RingError.self) { try await account.media.download(clip, to: path) }
        #expect(error?.code == .invalidArgument)
        #expect(!bench.simulator.journal.contains { $0.path.hasSuffix("/download") })
        clip.component = "1"
        #expect(try await account.media.download(clip, to: path).bytes > 10_000)
        await bench.close()
    }
}
