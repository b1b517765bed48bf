import Foundation
import RingListener
import RingPartner
import RingSQLite
import RingSimulator
import Support

/// The road against the simulator: real HTTP on loopback, a real database file, real media.
enum SimulatedRoad {
    static func walk(_ stage: Stage) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ring-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let ring = RingSimulatorConfiguration()

        let simulator = try await stage.step(
            "A simulated Ring starts, with origins of its own for API, OAuth and media"
        ) {
            let simulator = try await RingSimulator.start(ring)
            stage.say("API \(simulator.apiURL), OAuth \(simulator.oauthURL), media \(simulator.mediaURL)")
            return simulator
        }

        // The partner's service: the client, its database, and the four URLs that Ring knows.
        let database = try await RingSQLiteDatabase.open(.file(folder.appendingPathComponent("ring.sqlite").path))
        let client = try RingPartnerClient(
            RingPartnerConfiguration(
                credentials: OAuthCredentials(
                    clientID: ring.clientID, clientSecret: OAuthClientSecret(ring.clientSecret)),
                hmacKeys: [RingHMACKey(ring.hmacKey)],
                tokenStore: try await RingSQLiteTokenStore(
                    in: database, sealing: RingSealingKeyRing(active: RingSealingKey.generate())),
                apiURL: simulator.apiURL, oauthURL: simulator.oauthURL))
        let service = try await PartnerService.start(client, database)
        let working = Task { await client.run(inbox: service.inbox) }
        defer { working.cancel() }

        try await stage.step("Ring posts an authorization code; it is exchanged, and the account waits unclaimed") {
            let answer = try await service.post(
                "/ring/token-exchange", form: "code=\(RingURL.encode(simulator.makeCode()))")
            let status = try await client.tokens.statuses().first
            stage.say(
                "answered \(answer); \(status?.accountID.rawValue ?? "nobody") is \(status?.state.rawValue ?? "?") in SQLite"
            )
        }

        let account = try await stage.step(
            "Ring redirects the user with a nonce; after signing in, the account is theirs"
        ) {
            let redirect = simulator.makeRedirect()
            let link = RingLinkRedirect(nonce: redirect.nonce, time: redirect.time)
            let result = try await client.linker.link(
                link, for: RingPrincipal(rawValue: "robin@partner.example"), accountIdentifier: "r***n@partner.example")
            stage.say("nonce matched in constant time, POST confirmed, PATCH \(result.status)")
            return client.account(result.account)
        }

        let doorbell = try await stage.step("The account's devices, with all four includes in one request") {
            let list = try await account.devices.devices(include: .all)
            for device in list.devices {
                let state = device.status?.isOnline == false ? "offline" : "online"
                stage.say("\(device.name ?? "unnamed") – \(device.kind().kind), \(state)")
            }
            guard let first = list.devices.first else { throw Missing("the simulator has no device") }
            return first
        }

        try await stage.step("Motion at the front door: a signed webhook arrives, and comes a second time") {
            let webhook = simulator.motion(at: doorbell.id.rawValue)
            for name in ["first", "duplicate"] {
                let begin = ContinuousClock.now
                let answer = try await service.post("/ring/webhooks", body: webhook.body, signature: webhook.signature)
                let taken = (ContinuousClock.now - begin) / .milliseconds(1)
                stage.say("\(name): answered \(answer) in \(String(format: "%.0f", taken)) ms")
            }
            let forged = try await service.post(
                "/ring/webhooks", body: webhook.body + [0x0A], signature: webhook.signature)
            stage.say("one byte more, same signature: answered \(forged)")
            let event = try await service.nextEvent()
            stage.say("worked on once: \(event.kind), a \(event.subType?.rawValue ?? "?")")
        }

        try await stage.step("The clip of that motion, through the 303 and the pre-signed URL, into a file") {
            let path = folder.appendingPathComponent("motion.mp4").path
            let request = RingClipRequest(
                device: doorbell.id, start: Date(timeIntervalSinceNow: -6), duration: .seconds(5))
            let file = try await account.media.download(request, to: path)
            stage.say("\(file.bytes) bytes in \(path)")
            stage.say(Player.look(at: path))
            stage.say(
                "a bearer at the media origin: \(simulator.mediaSawAuthorization ? "yes – that is a bug" : "never")")
        }

        try await stage.step("A live session, offered by a real browser's WebRTC engine") {
            let offer = try SDP(parsing: Self.browserOffer())
            let said = try await account.live.withLiveSession(doorbell.id, offer: offer) { session in
                let answer = session.answer
                return [
                    "answered with \(answer.answer.media.count) section(s), \(answer.repairs.count) repairs",
                    "to be closed in \(session.remaining.components.seconds) s at the latest",
                ]
            }
            for line in said { stage.say(line) }
            stage.say("closed; open at Ring now: \(simulator.openSessions)")
        }
        await service.stop()
        await simulator.stop()
        await database.close()
        stage.say("")
        stage.say("Everything is in \(folder.path)")
    }

    private static func browserOffer() throws -> [UInt8] {
        guard let url = Bundle.module.url(forResource: "offer", withExtension: "sdp") else {
            throw Missing("the sample offer is not beside the program")
        }
        return [UInt8](try Data(contentsOf: url))
    }
}

/// Something the demo needs is not there.
struct Missing: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
