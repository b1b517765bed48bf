import Foundation
import RingJSONAPI
import RingListener
import RingTesting
import Synchronization
import Testing

/// `trigger`, `events resend` and `logs` against a simulator that runs as a process.
@Suite(.timeLimit(.minutes(3))) struct TriggerCommandTests {
    private final class Bench: Sendable {
        let folder: URL
        let ringctl: Ringctl
        let receiver: RingListener
        private let simulators = Mutex<[ChildProcess]>([])
        /// The statuses of the next responses; then 200.
        let statuses: Statuses

        final class Statuses: Sendable {
            let next = Mutex<[Int]>([])
            let bodies = Mutex<[JSONAPIValue]>([])
        }

        init() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-trig-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            self.folder = folder
            self.ringctl = Ringctl(environment: [
                "XDG_RUNTIME_DIR": folder.path(), "HOME": folder.path(), "RING_STORE": "memory",
            ])
            let statuses = Statuses()
            self.statuses = statuses
            self.receiver = try await RingListener.startRaw { request in
                if let body = try? JSONAPIValue(parsing: request.body) { statuses.bodies.withLock { $0.append(body) } }
                return RingListenerResponse(status: statuses.next.withLock { $0.isEmpty ? 200 : $0.removeFirst() })
            }
        }

        /// Starts a simulator whose account is linked.
        func start(webhooks: Bool = true) async throws -> JSONAPIValue {
            let scenario = self.folder.appending(path: "\(UUID().uuidString).json")
            let webhook = webhooks ? #""webhook_url":"\#(self.receiver.origin)/ring","# : ""
            try Data(
                #"{\#(webhook)"accounts":[{"state":"completed","devices":[{"kind":"doorbell","name":"Front Door"},{"kind":"camera","name":"Twin"},{"kind":"camera","name":"Twin"}]}]}"#
                    .utf8
            )
            .write(to: scenario)
            let process = try ChildProcess(
                Ringctl.path, ["simulator", "--scenario", scenario.path()], environment: self.ringctl.environment)
            self.simulators.withLock { $0.append(process) }
            let line = try #require(await process.line(where: { $0.contains("control_url") }))
            return try JSONAPIValue(parsing: Array(line.utf8))
        }

        func end() async {
            for process in self.simulators.withLock({ $0 }) {
                process.signal(SIGTERM)
                _ = await process.outcome()
            }
            await self.receiver.stop()
            try? FileManager.default.removeItem(at: self.folder)
        }
    }

    private func with(_ body: (Bench) async throws -> Void) async throws {
        let bench = try await Bench()
        do { try await body(bench) } catch {
            await bench.end()
            throw error
        }
        await bench.end()
    }

    @Test func anEventAtADeviceByItsNameIsDelivered() async throws {
        try await self.with { bench in
            _ = try await bench.start()
            let outcome = try await bench.ringctl.run(
                "trigger", "motion", "--device", "Front Door", "--set", "sub_type=human", "--at", "-5m", "--json")
            #expect(outcome.status == 0, "\(outcome.errorText)")
            let result = try #require(try outcome.results.first)
            #expect(result["delivered"]?.elements.map(\.int64) == [200])
            let body = try #require(bench.statuses.bodies.withLock { $0.last })
            #expect(result["event_id"]?.string == body["data"]?["id"]?.string)
            #expect(body["data"]?["type"]?.string == "motion_detected")
            #expect(body["data"]?["attributes"]?["sub_type"]?.string == "human")
            let happened = try #require(body["data"]?["attributes"]?["timestamp"]?.int64)
            let sent = try #require(body["meta"]?["time"]?.date)
            let minutes = (sent.timeIntervalSince1970 - Double(happened) / 1_000) / 60
            #expect((4.9...5.5).contains(minutes), "\(minutes)")

            // By its id, several times, at a person's terminal.
            let id = try #require(body["data"]?["attributes"]?["source"]?.string)
            let ding = try await bench.ringctl.run("trigger", "ding", "--device", id, "--count", "3")
            #expect(ding.status == 0, "\(ding.errorText)")
            #expect(ding.outputText.split(separator: "\n").count == 3)
            #expect(ding.outputText.split(separator: "\n").allSatisfy { $0.hasSuffix(" 200") })
            #expect(bench.statuses.bodies.withLock { $0.last }?["data"]?["type"]?.string == "button_press")
        }
    }

    @Test func mistakesAreNamed() async throws {
        try await self.with { bench in
            let none = try await bench.ringctl.run("trigger", "motion", "--json")
            #expect(none.status == 8 && none.failure?["code"]?.string == "simulator_not_running")
            _ = try await bench.start()
            let device = try await bench.ringctl.run("trigger", "motion", "--device", "Frnt Door", "--json")
            #expect(device.status == 4 && device.failure?["code"]?.string == "device_not_found")
            #expect(device.errorText.contains("Front Door"))
            let twin = try await bench.ringctl.run("trigger", "motion", "--device", "Twin")
            #expect(twin.status == 2 && twin.errorText.contains("2 devices"))
            let member = try await bench.ringctl.run("trigger", "motion", "--set", "subtype=human")
            #expect(member.status == 1 && member.errorText.contains("sub_type"), "\(member.errorText)")
            for words in [
                ["--set", "human"], ["--set", "=x"], ["--set", "type=x"], ["--at", "+5m"], ["--at", "soon"],
                ["--count", "0"], ["--control-url", "http://ring.example"],
            ] {
                #expect(try await bench.ringctl.run(["trigger", "motion"] + words).status == 2, "\(words)")
            }
            // A port where nothing listens, and a server that is no simulator.
            let gone = try await bench.ringctl.run("trigger", "motion", "--control-url", "http://127.0.0.1:1")
            #expect(gone.status == 8)
            let other = try await bench.ringctl.run("trigger", "motion", "--control-url", bench.receiver.origin)
            #expect(other.status == 1 && other.errorText.contains("--control-url"))
        }
    }

    @Test func aWebhookIsDeliveredAgain() async throws {
        try await self.with { bench in
            _ = try await bench.start()
            bench.statuses.next.withLock { $0 = [400] }
            let outcome = try await bench.ringctl.run("trigger", "motion", "--device", "Front Door", "--json")
            let first = try #require(try outcome.results.first)
            #expect(first["delivered"]?.elements.map(\.int64) == [400])
            for (name, count) in [("event_id", 2), ("request_id", 3)] {
                let id = try #require(first[name]?.string)
                let again = try await bench.ringctl.run("events", "resend", id, "--json")
                #expect(again.status == 0, "\(again.errorText)")
                #expect(try again.results.first?["delivered"]?.elements.count == count)
                #expect(try again.results.first?["delivered"]?.elements.last?.int64 == 200)
            }
            #expect(bench.statuses.bodies.withLock { $0.count } == 3)
            let number = try await bench.ringctl.run("events", "resend", "1")
            #expect(number.status == 0, "\(number.errorText)")
            #expect(try await bench.ringctl.run("events", "resend", "none").status == 4)
            #expect(try await bench.ringctl.run("events", "resend", "99").status == 4)
        }
    }

    @Test func withoutAReceiverTheEventHappensAllTheSame() async throws {
        try await self.with { bench in
            _ = try await bench.start(webhooks: false)
            let outcome = try await bench.ringctl.run("trigger", "motion", "--device", "Front Door", "--json")
            #expect(outcome.status == 0, "\(outcome.errorText)")
            #expect(try outcome.results.first?["delivered"]?.elements.isEmpty == true)
        }
    }

    @Test func theJournalIsListedAndFollowed() async throws {
        try await self.with { bench in
            let first = try await bench.start()
            let origins = try await bench.start()
            var client = bench.ringctl
            client.environment["RING_API_URL"] = origins["api_url"]?.string
            client.environment["RING_OAUTH_URL"] = origins["oauth_url"]?.string
            client.environment["RING_ACCESS_TOKEN"] = "wrong"
            #expect(try await client.run("devices", "list").status == 3)
            // The one started last is meant.
            let list = try await bench.ringctl.run("logs", "--status", "4xx", "--json")
            #expect(list.status == 0, "\(list.errorText)")
            #expect(try list.results.map { $0["path"]?.string } == ["/v1/devices"])
            #expect(try list.results.first?["status"]?.int64 == 401)
            #expect(try await bench.ringctl.run("logs", "--status", "2xx").outputText.isEmpty)
            #expect(try await bench.ringctl.run("logs", "--path", "users").outputText.isEmpty)
            #expect(
                try await bench.ringctl.run("logs", "--path", "nothing/here").errorText
                    == "the simulator has had no requests that match\n")
            #expect(try await bench.ringctl.run("logs", "--status", "4x").status == 2)
            var named = bench.ringctl
            named.environment["RING_CONTROL_URL"] = first["control_url"]?.string
            #expect(try await named.run("logs").outputText.isEmpty)

            let tail = try ChildProcess(
                Ringctl.path, ["logs", "tail", "--status", "4xx"], environment: bench.ringctl.environment)
            let old = try #require(await tail.line(where: { $0.contains("/v1/devices") }))
            #expect(old.contains(" api GET /v1/devices") && old.contains(" 401 "))
            #expect(try await client.run("account", "me").status != 0)
            #expect(await tail.line(where: { $0.contains("/v1/users/me 40") }) != nil)
            tail.signal(SIGINT)
            #expect(await tail.outcome().status == 130)
        }
    }
}
