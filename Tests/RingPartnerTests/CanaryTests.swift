import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// Runs the whole flow with a recording transport, prints every value, and searches the output for the recorded secrets.
@Suite(.timeLimit(.minutes(2)))
struct CanaryTests {
    @Test func nothingSecretIsEverPrinted() async throws {
        let recorder = SecretRecordingTransport()
        let bench = try await PartnerBench(transport: recorder)
        var printed = ""
        func note(_ value: Any) {
            printed += "\(value) \(String(reflecting: value))\n"
            dump(value, to: &printed)
        }

        let account = try await bench.link()
        note(account)
        note(bench.client)
        note(bench.client.configuration)
        note(try await bench.client.tokens.refresh(try #require(account.id)))
        note(
            try await account.api.json(
                try account.api.request(path: ["v1", "users", "me"]), for: .userProfile) as Any)
        let devices = try await account.devices.list()
        note(devices)
        let door = try #require(devices.first).id

        let clip = RingClipRequest(device: door, start: Date(), duration: .seconds(5))
        note(clip)
        note(try await account.media.download(clip, to: bench.folder.appendingPathComponent("a.mp4").path))
        bench.simulator.change { $0.mediaBody = .html }
        note(
            await #expect(throws: RingError.self) {
                try await account.media.download(clip, to: bench.folder.appendingPathComponent("b.mp4").path)
            } as Any)
        bench.simulator.change { $0.mediaBody = .real }

        let offer = try PartnerBench.offer()
        note(offer)
        let session = try await account.live.open(door, offer: offer)
        note(session)
        note(session.checkedAnswer)
        note(await session.close())
        note(
            await #expect(throws: RingError.self) {
                try await account.live.open("no such device", offer: offer)
            } as Any)

        // Every kind of refusal, too.
        for operation in [RingOperation.device, .subscriptions, .playChime] {
            let request = try account.api.request(path: ["v1", "nowhere"])
            note(await #expect(throws: RingError.self) { try await account.api.send(request, for: operation) } as Any)
        }
        let unknown = bench.client.account("nobody")
        note(await #expect(throws: RingError.self) { try await unknown.devices.list(include: []) } as Any)
        await bench.close()
        note(await #expect(throws: RingError.self) { try await account.devices.list(include: []) } as Any)

        printed += bench.observer.transcript
        #expect(bench.observer.all.count > 20)
        #expect(recorder.secrets.count > 8)
        for secret in recorder.secrets {
            #expect(!printed.contains(secret), "something printed a secret that the wire carried")
        }
        #expect(!printed.contains(RingSimulatorSecrets.hmacKey))
        #expect(!printed.contains(RingSimulatorSecrets.clientSecret))
    }
}
