import Foundation
import RingPartner
import RingSQLite
import Support

/// The same calls to the real service, as far as they can be made without Ring calling back.
struct RealService {
    let stage: Stage

    func run() async throws {
        let account = try await self.stage.step("The account, from the environment") { try await self.account() }
        let device = try await self.stage.step("Its devices, with all four includes in one request") {
            let list = try await account.devices.list()
            for device in list { self.stage.say("\(device.name ?? "unnamed") – \(device.likelyKind)") }
            guard let camera = list.first(where: { $0.capabilities?.video != nil }) ?? list.first else {
                throw Missing("the account shares no device with the app")
            }
            return camera
        }
        let query = RingHistoryQuery(limit: 1)
        for try await event in account.devices.history(of: device.id, query) {
            try await self.stage.step("The clip of the newest event") {
                let path = FileManager.default.temporaryDirectory.appendingPathComponent("ring-demo.mp4").path
                let clip = RingClipRequest(device: device.id, start: event.start, duration: .seconds(10))
                do {
                    let file = try await account.media.download(clip, to: path)
                    self.stage.say("\(file.bytes) bytes in \(path)")
                    self.stage.say(Player.look(at: path))
                } catch let error as RingError { self.stage.say(error.message) }
            }
        }
    }

    private func account() async throws -> RingPartnerAccount {
        let settings = Settings()
        if let token = settings.optional("RING_ACCESS_TOKEN") {
            let configuration = try RingPartnerConfiguration(
                credentials: OAuthCredentials(clientID: "playground", clientSecret: OAuthClientSecret("none")),
                storage: RingMemoryStorage(), sealing: nil, apiURL: settings.optional("RING_API_URL") ?? RingURL.api)
            return try RingPartnerClient(configuration).account(token: RingAccessToken(token))
        }
        let client = try await RingPartnerClient(.fromEnvironment(storage: settings.storage()))
        let seeded = try await client.tokens.seed(OAuthRefreshToken(settings.required("RING_REFRESH_TOKEN")))
        guard !RingTokenKeeper.isIdentified(seeded) else { return client.account(seeded) }
        return client.account(try await client.linker.identify(seeded).accountID)
    }
}
