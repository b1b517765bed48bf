import Foundation
import RingListener
import RingPartner
import RingSQLite
import RingSimulator

/// The dashboard with a simulated Ring beside it: no hardware, no account, nothing is left behind.
enum SimulatedRing {
    static func run(_ options: Service.Options, isPortFixed: Bool, until signals: AsyncStream<Int32>) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "ring-dashboard-\(UUID().uuidString)")
        // It may not be there yet; and what is left would be of a simulated Ring, in the system's temporary folder.
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = options
        options.folder = folder
        options.password = nil
        let handler = LateHandler()
        let listener = try await Self.listen(options.port, isFixed: isPortFixed, handler)

        var ring = RingSimulatorConfiguration()
        ring.tokenExchangeURL = listener.origin + "/ring/token-exchange"
        ring.accountLinkURL = listener.origin + "/ring/link"
        ring.webhookURL = listener.origin + "/ring/webhooks"
        ring.events = Self.events
        let simulator = try await RingSimulator.start(ring)

        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let storage = try await RingSQLiteDatabase.open(.file(folder.appendingPathComponent("ring.sqlite").path))
        let configuration = try RingPartnerConfiguration(
            credentials: OAuthCredentials(clientID: ring.clientID, clientSecret: OAuthClientSecret(ring.clientSecret)),
            hmacKeys: [RingHMACKey(ring.hmacKey)], storage: storage,
            sealing: RingSealingKeyRing(active: RingSealingKey.generate()), apiURL: simulator.apiURL,
            oauthURL: simulator.oauthURL)
        var service = try Service(configuration, origin: listener.origin, options: options)
        service.simulatorPage = simulator.controlURL + "/"
        service.simulatedRing = "\(simulator.controlURL)/ui/link?account=\(simulator.accountID.rawValue.queryEncoded)"
        let inbox = try service.inbox()
        let running = service
        handler.set { await running.respond(to: $0, inbox) }
        Service.say("Open \(listener.origin)/")
        await service.run(listener, inbox, until: signals)
        await simulator.stop()
    }

    /// A port that people remember; another one when it is taken and nobody asked for it.
    private static func listen(_ port: Int, isFixed: Bool, _ handler: LateHandler) async throws -> RingListener {
        do {
            return try await RingListener.start(port: port) { await handler.respond(to: $0) }
        } catch let error as RingListenerError where error.code == .addressUnavailable && !isFixed {
            return try await RingListener.start { await handler.respond(to: $0) }
        }
    }

    /// Something happens every half minute, for some hours.
    private static var events: [RingSimulatorEvent] {
        let turns: [(type: String, device: RingDeviceID, subType: String?, components: [String])] = [
            ("motion_detected", "Garden", "human", []), ("button_press", "Front Door", nil, []),
            ("motion_detected", "Driveway", "vehicle", ["1"]),
            ("motion_detected", "Front Door", "package_delivery", []),
            ("flood_detected", "Cellar", nil, []), ("motion_detected", "Garden", "animal", []),
            ("flood_cleared", "Cellar", nil, []), ("contact_sensor_faulted", "Back Door", nil, []),
            ("motion_detected", "Driveway", "human", ["1"]), ("contact_sensor_cleared", "Back Door", nil, []),
        ]
        return (0..<500).map { number in
            let turn = turns[number % turns.count]
            return RingSimulatorEvent(
                type: turn.type, device: turn.device, subType: turn.subType, componentIDs: turn.components,
                recording: .seconds(15), delay: .seconds(20 + 30 * number))
        }
    }
}
