import Browser
import Foundation
import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Synchronization

/// A simulator, the dashboard as a process of its own, and the folder of its files.
final class DashboardBench: Sendable {
    let simulator: RingSimulator
    let folder: String
    private let state: Mutex<(process: ChildProcess, origin: String)>

    /// Where browsers find the dashboard.
    var origin: String { self.state.withLock { $0.origin } }

    private var process: ChildProcess { self.state.withLock { $0.process } }

    /// Runs a test, and leaves nothing behind.
    static func run(
        _ configure: (inout RingSimulatorConfiguration) -> Void = { _ in },
        _ test: (DashboardBench) async throws -> Void
    ) async throws {
        var configuration = RingSimulatorConfiguration()
        configure(&configuration)
        let simulator = try await RingSimulator.start(configuration)
        let folder = FileManager.default.temporaryDirectory.path + "/ring-dashboard-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do {
            let (process, origin) = try await Self.start(simulator, folder, port: 0)
            let bench = DashboardBench(simulator, folder, process, origin)
            do {
                try await bench.setURLs()
                try await test(bench)
            } catch {
                print("the dashboard wrote:\n\(await bench.stop().errorText)")
                throw error
            }
            await bench.stop()
        } catch {
            await simulator.stop()
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        await simulator.stop()
        try FileManager.default.removeItem(atPath: folder)
    }

    /// The same in a browser, which is signed in and has the account linked, at the first page.
    static func run(
        _ options: Browser.Options, _ configure: (inout RingSimulatorConfiguration) -> Void = { _ in },
        _ test: (DashboardBench, Browser) async throws -> Void
    ) async throws {
        try await Self.run(configure) { bench async throws in
            try await Browser.run(options) { browser async throws in
                try await bench.link(in: browser)
                try await test(bench, browser)
            }
        }
    }

    private init(_ simulator: RingSimulator, _ folder: String, _ process: ChildProcess, _ origin: String) {
        self.simulator = simulator
        self.folder = folder
        self.state = Mutex((process, origin))
    }

    /// A key that stays the same over restarts.
    private static let sealingKey = Data((0..<32).map { UInt8($0) }).base64EncodedString()

    private static func start(
        _ simulator: RingSimulator, _ folder: String, port: Int
    ) async throws -> (ChildProcess, String) {
        let configuration = simulator.configuration
        let process = try Examples.start(
            "Dashboard",
            environment: [
                "RING_CLIENT_ID": configuration.clientID, "RING_CLIENT_SECRET": configuration.clientSecret,
                "RING_HMAC_KEY": configuration.hmacKey, "RING_API_URL": simulator.apiURL,
                "RING_OAUTH_URL": simulator.oauthURL, "RING_SEALING_KEYS": Self.sealingKey,
                "RING_STORE": "\(folder)/ring.sqlite", "DASHBOARD_FOLDER": "\(folder)/dashboard",
                "DASHBOARD_PASSWORD": "correct horse", "PORT": String(port),
            ])
        guard let line = await process.line(where: { $0.hasPrefix("Dashboard:") }),
            let url = line.split(separator: " ").last
        else {
            let outcome = await process.outcome()
            throw RingError(code: .misconfigured, message: "the dashboard did not start: \(outcome.errorText)")
        }
        return (process, String(url.dropLast()))
    }

    /// Enters the service's URLs, as the simulator's page does.
    private func setURLs() async throws {
        let urls = [
            ("token_exchange_url", "token-exchange"), ("account_link_url", "link"), ("webhook_url", "webhooks"),
        ]
        let body = urls.map { "\($0)=\(self.origin)/ring/\($1)" }.joined(separator: "&")
        let control = self.simulator.controlURL
        let fields: RingHTTPFields = ["Content-Type": "application/x-www-form-urlencoded", "Origin": control]
        let reply = try await send("POST", "\(control)/ui/urls", fields, body: body)
        guard reply.status == 303 else { throw RingError(code: .misconfigured, message: reply.text) }
    }

    /// Ends the process without a chance to do anything, as a crash does.
    func kill() async {
        self.process.signal(SIGKILL)
        _ = await self.process.outcome()
    }

    /// Ends it as an operator does.
    @discardableResult
    func stop() async -> ChildProcess.Outcome {
        self.process.signal(SIGTERM)
        return await self.process.outcome()
    }

    /// Starts it again at the same port with the same files.
    func startAgain() async throws {
        let port = self.origin.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let started = try await Self.start(self.simulator, self.folder, port: port)
        self.state.withLock { $0 = started }
    }

    // MARK: In the browser

    func signIn(in browser: Browser, as name: String = "robin@example.org") async throws {
        try await browser.fill("#name", with: name)
        try await browser.fill("#password", with: "correct horse")
    }

    /// Links the account as its user does: at Ring, then in the dashboard.
    func link(in browser: Browser) async throws {
        try await browser.open("\(self.simulator.controlURL)/ui/link?account=\(self.simulator.accountID)")
        try await browser.click("Allow and link")
        try await browser.wait(until: "location.pathname === '/ring/link'")
        try await self.signIn(in: browser)
        try await browser.click("Sign in and link Ring")
        try await browser.wait(for: "Your Ring account is linked.")
        try await browser.wait(until: "document.querySelector('#dot').classList.contains('on')")
        // Ring reports the devices that were shared. The service needs to know since when it may read their media.
        let count = self.simulator.devices.count
        try await browser.wait(until: "\(Self.rows("device_added")) === \(count)")
    }

    /// Makes something happen, and waits until the panel shows it.
    func trigger(_ type: String, at device: RingDeviceID, subType: String? = nil, in browser: Browser) async throws {
        let rows = Self.rows(type)
        let count = try await browser.value(of: rows).int64 ?? 0
        let start = ContinuousClock.now
        try self.simulator.trigger(
            RingSimulatorEvent(type: type, device: device, subType: subType, recording: .seconds(10)))
        try await browser.wait(until: "\(rows) > \(count)")
        print("\(type): the panel showed it after \(start.duration(to: .now))")
    }

    /// How many events of a type the panel shows.
    static func rows(_ type: String) -> String { "document.querySelectorAll('.event[data-type=\(type)]').length" }

    /// The page of a camera.
    func openDevice(_ name: String, in browser: Browser) async throws {
        try await browser.open(self.origin + "/")
        try await browser.click(name)
        try await browser.wait(
            until: "location.pathname === '/device' && document.documentElement.dataset.ready === ''")
    }
}
