import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// Walks the whole road with an ear on the wire, prints everything there is to print, and looks for what was heard.
@Suite(.timeLimit(.minutes(2)))
struct CanaryTests {
    @Test func nothingSecretIsEverPrinted() async throws {
        let ear = EavesdroppingTransport()
        let town = try await Town(transport: ear)
        var printed = ""
        func note(_ value: Any) {
            printed += "\(value) \(String(reflecting: value))\n"
            dump(value, to: &printed)
        }

        let account = try await town.link()
        note(account)
        note(town.client)
        note(town.client.configuration)
        note(try await town.client.tokens.refresh(try #require(account.id)))
        note(try await account.api.json(try account.api.request(.userProfile, path: ["v1", "users", "me"])) as Any)
        let devices = try await account.devices.devices(include: .all)
        note(devices)
        let door = try #require(devices.devices.first).id

        let clip = RingClipRequest(device: door, start: Date(), duration: .seconds(5))
        note(clip)
        note(try await account.media.download(clip, to: town.folder.appendingPathComponent("a.mp4").path))
        town.simulator.change { $0.mediaBody = "html" }
        note(
            await #expect(throws: RingError.self) {
                try await account.media.download(clip, to: town.folder.appendingPathComponent("b.mp4").path)
            } as Any)
        town.simulator.change { $0.mediaBody = "real" }

        let offer = try Town.offer()
        note(offer)
        let session = try await account.live.open(door, offer: offer)
        note(session)
        note(session.answer)
        note(await session.close())
        note(
            await #expect(throws: RingError.self) {
                try await account.live.open("no such device", offer: offer)
            } as Any)

        // Every kind of refusal, too.
        for operation in [RingOperation.device, .subscriptions, .playChime] {
            let request = try account.api.request(operation, path: ["v1", "nowhere"])
            note(await #expect(throws: RingError.self) { try await account.api.send(request) } as Any)
        }
        let unknown = town.client.account("nobody")
        note(await #expect(throws: RingError.self) { try await unknown.devices.devices() } as Any)
        await town.close()
        note(await #expect(throws: RingError.self) { try await account.devices.devices() } as Any)

        printed += town.observer.transcript
        #expect(town.observer.all.count > 20)
        #expect(ear.secrets.count > 8)
        for secret in ear.secrets {
            #expect(!printed.contains(secret), "something printed a secret that the wire carried")
        }
        #expect(!printed.contains(RingSimulatorSecrets.hmacKey))
        #expect(!printed.contains(RingSimulatorSecrets.clientSecret))
    }
}
