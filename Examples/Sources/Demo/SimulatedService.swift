import Foundation
import RingListener
import RingPartner
import RingSQLite
import RingSimulator
import Support

/// The whole flow against the simulator: real HTTP on loopback, a real database file, real media.
enum SimulatedService {
    static func run(_ stage: Stage) async throws {
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

        // The partner's service: the client, its storage, and the four URLs that Ring knows.
        let storage = try await RingSQLiteDatabase.open(.file(folder.appendingPathComponent("ring.sqlite").path))
        let client = try RingPartnerClient(
            RingPartnerConfiguration(
                credentials: OAuthCredentials(
                    clientID: ring.clientID, clientSecret: OAuthClientSecret(ring.clientSecret)),
                hmacKeys: [RingHMACKey(ring.hmacKey)], storage: storage,
                sealing: RingSealingKeyRing(active: RingSealingKey.generate()), apiURL: simulator.apiURL,
                oauthURL: simulator.oauthURL))
        let service = try await PartnerService.start(client)
        let working = Task { await client.run(inbox: service.inbox) }
        defer { working.cancel() }

        try await stage.step("Ring posts an authorization code; it is exchanged, and the account waits unclaimed") {
            let response = try await simulator.deliverCode(to: service.origin + "/ring/token-exchange")
            let status = try await client.tokens.statuses().first
            stage.say("response \(response); \(status?.accountID.rawValue ?? "nobody")")
            stage.say("is \(status?.state.rawValue ?? "?") in SQLite, its tokens sealed with AES-256-GCM")
        }

        let account = try await stage.step(
            "Ring redirects the user with a nonce; after signing in, the account is theirs"
        ) {
            let redirect = try simulator.linkRedirect()
            let link = RingLinkRedirect(nonce: redirect.nonce, time: redirect.time)
            let result = try await client.linker.link(
                link, for: RingPrincipal(rawValue: "robin@partner.example"), accountIdentifier: "r***n@partner.example")
            stage.say("nonce matched in constant time, POST confirmed, PATCH completed")
            return client.account(result.account)
        }

        let doorbell = try await stage.step("The account's devices, with all four includes in one request") {
            let list = try await account.devices.list()
            for device in list {
                let state = device.status?.isOnline == false ? "offline" : "online"
                stage.say("\(device.name ?? "unnamed") – \(device.likelyKind), \(state)")
            }
            guard let first = list.first else { throw Missing("the simulator has no device") }
            return first
        }

        let motion = try await stage.step("Motion at the front door: a signed webhook arrives twice") {
            simulator.webhookURL = service.origin + "/ring/webhooks"
            simulator.change { $0.limits[.webhookDuplicates] = 1 }
            try simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: doorbell.id, subType: "human"))
            await simulator.settle()
            stage.say("responses: \(service.responses.joined(separator: ", then "))")
            let genuine = try simulator.motion(at: doorbell.id)
            let forged = try await service.post(
                "/ring/webhooks", body: genuine.body + [0x0A], signature: genuine.signature)
            stage.say("one with an additional byte under the same signature: \(forged)")
            let event = try await service.nextEvent()
            stage.say("handled once: \(event.kind), a \(event.subType?.rawValue ?? "?")")
            return event
        }

        try await stage.step("The clip of that motion, through the 303 and the pre-signed URL, into a file") {
            simulator.advance(by: .seconds(15))  // until Ring has recorded it
            let path = folder.appendingPathComponent("motion.mp4").path
            let request = RingClipRequest(
                device: doorbell.id, start: motion.occurredAt ?? Date(timeIntervalSinceNow: -5),
                duration: .seconds(10))
            let file = try await account.media.download(request, to: path)
            stage.say("\(file.bytes) bytes in \(path)")
            stage.say(Player.look(at: path))
            stage.say(
                "an access token at the media origin: \(simulator.mediaReceivedAuthorization ? "yes – that is a bug" : "never")"
            )
        }

        try await stage.step("A live session, offered by a real browser's WebRTC engine") {
            let offer = try SDP(parsing: Self.browserOffer())
            let said = try await account.live.withLiveSession(doorbell.id, offer: offer) { session in
                let checked = session.checkedAnswer
                let codec = checked.sdp.video?.codec?.name ?? "unknown"
                return [
                    "SDP answer with the video codec \(codec), \(checked.repairs.count) repairs",
                    "to be closed in \(session.remaining.components.seconds) s at the latest",
                ]
            }
            for line in said { stage.say(line) }
            stage.say("closed; open at Ring now: \(simulator.openSessions)")
        }
        await service.stop()
        let report = await client.shutdown(within: .seconds(10))
        stage.say("shut down: \(report.isComplete ? "everything is stored" : "\(report)")")
        await simulator.stop()
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
