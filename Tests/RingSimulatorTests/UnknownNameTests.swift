import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Synchronization
import Testing

/// Names that there are not, and URLs that hold a secret.
@Suite(.timeLimit(.minutes(5))) struct UnknownNameTests {
    /// A misspelt name is refused where it is given, and nothing happens.
    @Test func aMisspeltNameChangesNothing() async throws {
        var configuration = RingSimulatorConfiguration.still
        configuration.accounts = [
            RingSimulatorAccount(id: "one", state: .completed), RingSimulatorAccount(id: "two", state: .completed),
        ]
        let simulator = try RingSimulator.inProcess(configuration, clock: ManualClock())
        let calls: [(name: String, message: String, call: () async throws -> Void)] = [
            (
                "trigger, device",
                "event: /device: no device has the id or the name Frnt Door; did you mean Front Door",
                { try simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Frnt Door")) }
            ),
            (
                "trigger, account", "event: /account: no account has the id 3; there are one, two",
                { try simulator.trigger(RingSimulatorEvent(type: "app_integration_removed", account: "3")) }
            ),
            (
                "motion", "device: no device has the id or the name Gardn; did you mean Garden",
                { _ = try simulator.motion(at: "Gardn") }
            ),
            ("redirect", Self.message, { _ = try simulator.linkRedirect(account: "three") }),
            ("tokens", Self.message, { _ = try simulator.grantTokens(account: "three") }),
            ("code", Self.message, { _ = try simulator.issueCode(account: "three") }),
            ("delivery", Self.message, { _ = try await simulator.deliverCode(account: "three") }),
            ("state", Self.message, { try simulator.setState(.removed, of: "three") }),
        ]
        for (name, message, call) in calls {
            let error = await #expect(throws: RingSimulatorError.self, "\(name)") { try await call() }
            #expect(error?.message == message, "\(name)")
        }
        #expect(simulator.deliveries.isEmpty)
        #expect(simulator.accounts.map(\.state) == [.completed, .completed])
        await simulator.stop()
    }

    private static let message = "account: no account has the id three; there are one, two"

    /// A user and a password in the URL of a webhook are refused, and shown nowhere when an application set them.
    @Test func credentialsInAURLAreShownNowhere() async throws {
        let lines = Mutex<[String]>([])
        try await Bench.run({ configuration in
            configuration.requestLog = { line in lines.withLock { $0.append(line) } }
            configuration.accountLinkURL = "https://robin:CANARY@service.example/link"
        }) { bench async throws in
            let url = "http://robin:CANARY@127.0.0.1:1/hook?key=value"
            let client = PageClient(origin: bench.simulator.controlURL)
            let control = bench.simulator.controlURL
            for (path, body) in [
                ("/webhook", #"{"url":"\#(url)"}"#), ("/webhook", #"{"token_exchange_url":"\#(url)"}"#),
                ("/code", #"{"url":"\#(url)"}"#), ("/webhook", #"{"url":"ftp://robin:CANARY@127.0.0.1/"}"#),
            ] {
                let reply = try await send("POST", control + path, body: body)
                #expect(reply.status == 400 && !reply.text.contains("CANARY"), "\(reply.text)")
            }
            for name in ["webhook_url", "token_exchange_url", "account_link_url"] {
                let reply = try await client.post("/ui/urls", [name: url])
                #expect(reply.status == 422 && !reply.text.contains("CANARY"), "\(name)")
            }
            bench.simulator.webhookURL = url
            try bench.simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            await bench.simulator.settle()
            #expect(bench.simulator.deliveries.map(\.statuses) == [[0]])
            // A client may name such a URL, too.
            _ = try await bench.send("POST", "/v1/nothing", type: "application/json", body: #"{"callback":"\#(url)"}"#)
            for path in [
                "/state", "/webhook", "/deliveries/1", "/deliveries", "/journal?bodies=true", "/ui/deliveries",
                "/ui/delivery?n=1", "/ui/accounts", "/ui/requests", "/ui/request?n=1",
                "/ui/link?account=\(segment(bench.simulator.accountID.rawValue))",
            ] {
                let reply = try await send("GET", control + path)
                #expect(reply.status == 200, "\(path)")
                #expect(!reply.text.contains("CANARY"), "\(path)")
            }
            let shown = try await send("GET", control + "/webhook").json?["url"]?.string
            #expect(shown == "http://REDACTED@127.0.0.1:1/hook?key=value")
        }
        let log = lines.withLock { $0.joined(separator: "\n") }
        #expect(log.contains("webhook POST http://REDACTED@127.0.0.1:1/hook") && !log.contains("CANARY"))
    }
}
