import Foundation
import RingListener
import RingPartner
import RingSQLite
import Support

/// A security dashboard in the browser: devices, live video, events, clips, and processors of pictures.
///
/// Without arguments it reads the settings of an app from the environment, as `RunService` does, and asks for the password in
/// `DASHBOARD_PASSWORD`. With `--simulator` it starts a simulated Ring beside itself, and needs nothing.
@main
struct Dashboard: Program {
    static func run() async throws {
        let signals = Termination.signals()
        let settings = Settings()
        let store = settings.optional("RING_STORE") ?? "ring.sqlite"
        let folder = settings.optional("DASHBOARD_FOLDER") ?? "\(store).dashboard"
        var options = Service.Options(
            port: settings.optional("PORT").flatMap { Int($0) } ?? 8080, folder: URL(fileURLWithPath: folder),
            publicURL: settings.optional("DASHBOARD_URL"))
        if CommandLine.arguments.contains("--simulator") {
            try await SimulatedRing.run(options, isPortFixed: settings.optional("PORT") != nil, until: signals)
            return
        }
        let configuration = try await RingPartnerConfiguration.fromEnvironment(storage: settings.storage())
        // Whoever reaches the port could look through the cameras.
        options.password = settings.required("DASHBOARD_PASSWORD")
        let handler = LateHandler()
        let listener = try await RingListener.start(port: options.port) { await handler.respond(to: $0) }
        let service = try Service(configuration, origin: options.publicURL ?? listener.origin, options: options)
        let inbox = try service.inbox()
        handler.set { await service.respond(to: $0, inbox) }
        Service.say("Token Exchange URL: \(service.origin)/ring/token-exchange")
        Service.say("Account Link URL:   \(service.origin)/ring/link")
        Service.say("Webhook URL:        \(service.origin)/ring/webhooks")
        Service.say("Dashboard:          \(service.origin)/")
        await service.run(listener, inbox, until: signals)
    }
}
