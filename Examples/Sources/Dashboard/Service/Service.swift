import Foundation
import RingListener
import RingPartner
import Support
import Synchronization

/// The dashboard: its pages, the URLs that Ring calls, and the work in the background.
struct Service: Sendable {
    /// What a start needs besides the client's configuration.
    struct Options: Sendable {
        var port: Int
        /// The folder of events, clips and sign-ins.
        var folder: URL
        /// The URL under which browsers and Ring reach it, behind a TLS proxy; `nil` for the port itself.
        var publicURL: String?
        /// What everybody has to enter; `nil` for nothing, which is for a simulated Ring only.
        var password: String?
    }

    let ring: RingPartnerClient
    /// Scheme, host and port, as browsers know them.
    let origin: String
    let signIns: SignIns
    let files: PageFiles
    let feed: EventFeed
    let consents: ConsentTimes
    let stills = StillCache()
    let clips: ClipCache
    let live = LiveViews()
    let motions = MotionViews()
    /// Where linking begins, and the page of the simulator; `nil` without one.
    var simulatedRing: String?
    var simulatorPage: String?

    init(_ configuration: RingPartnerConfiguration, origin: String, options: Options) throws {
        try FileManager.default.createDirectory(
            at: options.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var configuration = configuration
        configuration.environment.observer = WarningObserver()
        self.ring = try RingPartnerClient(configuration)
        self.origin = origin
        self.signIns = SignIns(
            password: options.password, isSecure: origin.hasPrefix("https:"),
            file: options.folder.appendingPathComponent("sign-ins.json"))
        self.files = try PageFiles()
        self.consents = try ConsentTimes(file: options.folder.appendingPathComponent("consents.json"))
        self.feed = try EventFeed(file: options.folder.appendingPathComponent("events.jsonl"))
        self.clips = try ClipCache(folder: options.folder.appendingPathComponent("clips"))
    }

    /// The inbox of webhooks: each event goes to the panel.
    func inbox() throws -> RingWebhookInbox {
        var router = RingWebhookRouter()
        router.onEvery { try await self.note($0) }
        return try self.ring.webhookInbox(router: router)
    }

    /// Works until the process is asked to end, then ends in the right order.
    func run(_ listener: RingListener, _ inbox: RingWebhookInbox, until signals: AsyncStream<Int32>) async {
        async let running: Void = self.ring.run(inbox: inbox)
        let beating = Task {
            while (try? await Task.sleep(for: .seconds(10))) != nil { self.feed.tell(.beat) }
        }
        for await _ in signals { break }
        Self.say("ending")
        beating.cancel()
        // The streams of open pages end with it.
        await listener.stop()
        var report = await self.ring.shutdown(within: .seconds(45))
        // Ending now could lose new token pairs, and with them accounts. A second signal still ends the process at once.
        while !report.isComplete {
            Self.say("not ended yet, trying again: \(report)")
            try? await Task.sleep(for: .seconds(1))
            report = await self.ring.shutdown(within: .seconds(45))
        }
        await running
        Self.say("ended: \(report)")
    }

    /// Writes a line at once, even into a pipe.
    static func say(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    /// Writes what went wrong, for whoever runs the service.
    func report(_ error: any Error, _ place: String) { WarningObserver.write("\(place): \(error.forLogs)") }
}
