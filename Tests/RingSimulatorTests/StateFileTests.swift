import RingCore
import RingCrypto
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The state over restarts, as a document, and a new world.
@Suite(.timeLimit(.minutes(5))) struct StateFileTests: StateTests {
    @Test func everythingIsThereAfterARestart() async throws {
        try await self.withFolder { path in
            let receiver = try await Receiver([503, 200])
            let first = try await RingSimulator.start(self.configuration(path))
            let pair = try first.grantTokens()
            let code = try first.issueCode()
            let door = first.id(.doorbell)
            first.webhookURL = receiver.url
            first.change { $0.limits[.historyPageSize] = 7 }
            try first.trigger(RingSimulatorEvent(type: "motion_detected", device: door, subType: "human"))
            try first.trigger(RingSimulatorEvent(type: "device_removed", device: first.id(.camera)))
            await first.settle()
            first.advance(by: .seconds(86_400))
            await first.settle()
            let (now, devices, switches) = (first.milliseconds, first.devices, first.switches)
            let deliveries = first.deliveries
            await first.stop()

            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let second = try await RingSimulator.start(self.configuration(path))
            #expect(second.devices == devices && second.switches == switches)
            #expect(second.webhookURL == receiver.url)
            #expect(second.milliseconds >= now)
            #expect(second.milliseconds < now + 600_000)
            #expect(second.isValid(refreshToken: pair.refresh))
            #expect(second.deliveries.map(\.statuses) == deliveries.map(\.statuses))
            #expect(second.deliveries.map(\.body) == deliveries.map(\.body))
            let exchange = try await second.token("grant_type=authorization_code&code=\(segment(code))")
            // The code has expired with the simulated day.
            #expect(exchange.status == 400)
            let history = try await send(
                "GET", "\(second.apiURL)/v1/history/devices/\(segment(door.rawValue))/events",
                token: try second.grantTokens().access)
            #expect(history.data?.elements.count == 1)
            // Ids and tokens go on where they were: none is made twice.
            #expect(try second.issueCode() != code && second.grantTokens().access != pair.access)
            await second.stop()
            await receiver.stop()
        }
    }

    @Test func aDeliveryThatWaitedForARetryIsMadeAfterTheRestart() async throws {
        try await self.withFolder { path in
            let receiver = try await Receiver([503, 200])
            let first = try await RingSimulator.start(self.configuration(path))
            first.webhookURL = receiver.url
            try first.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            await first.settle()
            await first.stop()
            let second = try await RingSimulator.start(self.configuration(path))
            second.advance(by: .seconds(2))
            await second.settle()
            #expect(second.deliveries.map(\.statuses) == [[503, 200]])
            #expect(second.deliveries.map(\.outcome) == [.delivered])
            await second.stop()
            await receiver.stop()
        }
    }

    /// What of a scenario has not happened yet happens after the restart, at its time and once.
    @Test func aScenarioGoesOnAfterARestart() async throws {
        try await self.withFolder { path in
            let scenario = """
                {"accounts":[{"id":"a","state":"completed","devices":[{"kind":"doorbell","id":"d"}]},
                             {"id":"b","state":"completed","devices":[{"kind":"camera","id":"c"}]}],
                 "switches":{"webhook_response_milliseconds":60000},
                 "events":[{"type":"button_press","device":"d","after_ms":90000}],
                 "steps":[
                   {"event":{"type":"motion_detected","device":"d","sub_type":"human","recording_ms":7000},
                    "after_ms":10000,"every_ms":10000,"count":4},
                   {"event":{"type":"subscription_activated"},"each_account":true,"after_ms":50000,"every_ms":5000},
                   {"switches":{"media_missing":3,"rate_limit":7},"after_ms":60000},
                   {"state":{"account":"b","state":"pending"},"after_ms":70000},
                   {"unlink":{"account":"a"},"after_ms":100000}]}
                """
            var configuration = try RingSimulatorConfiguration(scenario: Array(scenario.utf8))
            (configuration.speed, configuration.stateFile) = (0, path)
            /// What has been reported, with the seconds since the beginning, after a number of starts.
            func run(_ times: [Duration]) async throws -> [String] {
                var began: Int64?
                var seen: [String] = []
                for (index, time) in times.enumerated() {
                    let simulator = try await RingSimulator.start(configuration)
                    let start = began ?? simulator.milliseconds
                    began = start
                    if index == 1 {
                        let form = ["type": "tamper_detected", "device": "d", "after": "5"]
                        let reply = try await PageClient(origin: simulator.controlURL).post("/ui/events", form)
                        #expect(reply.status == 303)
                    }
                    simulator.advance(by: time)
                    await simulator.settle()
                    seen = simulator.deliveries.map { delivery in
                        let seconds = (delivery.time.timeIntervalSince1970 * 1000 - Double(start)) / 1000
                        return "\(delivery.type) \(Int(seconds.rounded()))"
                    }
                    seen.append(simulator.accounts.map(\.state.rawValue).joined(separator: " "))
                    seen.append("\(simulator.switches.next[.mediaMissing] ?? 0)")
                    await simulator.stop()
                }
                return seen
            }
            #expect(
                try await run([.seconds(25), .seconds(10), .seconds(30), .seconds(36)]) == [
                    "motion_detected 10", "motion_detected 20", "motion_detected 30", "tamper_detected 30",
                    "motion_detected 40", "subscription_activated 50", "subscription_activated 55", "button_press 90",
                    "app_integration_removed 100", "removed pending", "3",
                ])
        }
    }

    @Test(arguments: [
        ("{", "it is not valid JSON"), ("{}", "/state_version is missing"),
        (#"{"state_version":2}"#, "its state version is 2, and this program reads version 1"),
        (#"{"state_version":1}"#, "/now is missing"),
    ])
    func aFileThatIsNoStateIsAnError(text: String, problem: String) async throws {
        try await self.withFolder { path in
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            await #expect {
                _ = try await RingSimulator.start(self.configuration(path))
            } throws: { "\($0)".contains("state file \(path): \(problem)") }
            // It is left as it was.
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(text.utf8))
        }
    }

    @Test func aFileThatCannotBeWrittenIsAnError() async throws {
        await #expect {
            _ = try await RingSimulator.start(self.configuration("/nonexistent/folder/state.json"))
        } throws: {
            "\($0)".contains("it cannot be written")
        }
    }

    /// A disk may be full for a while: it is told once, and once that it is over.
    @Test func aFileThatCannotBeWrittenLaterIsToldOnce() async throws {
        try await self.withFolder { path in
            let (lines, told) = AsyncStream.makeStream(of: String.self)
            var configuration = self.configuration(path)
            configuration.warningLog = { told.yield($0) }
            let simulator = try await RingSimulator.start(configuration)
            var heard = lines.makeAsyncIterator()
            let folder = URL(filePath: path).deletingLastPathComponent()
            try FileManager.default.removeItem(at: folder)
            for _ in 0..<3 { _ = try simulator.issueCode() }
            let failure = await heard.next()
            #expect(failure?.hasPrefix("state file \(path): it could not be written: ") == true)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            _ = try simulator.issueCode()
            #expect(await heard.next() == "state file \(path): it is written again")
            #expect(FileManager.default.fileExists(atPath: path))
            // At the end as well.
            try FileManager.default.removeItem(at: folder)
            await simulator.stop()
            told.finish()
            #expect(await heard.next()?.hasPrefix("state file \(path): it could not be written: ") == true)
            #expect(await heard.next() == nil)
        }
    }

    /// Numbers that no time has would end the process in an addition.
    @Test func numbersOutOfRangeAreRefused() async throws {
        try await Bench.run { bench async throws in
            let control = bench.simulator.controlURL
            let document = try await send("GET", "\(control)/export").text
            let token = try #require(document.firstRange(of: #""expires":"#)?.upperBound)
            let rest = document[token...].drop { $0.isNumber }
            for number in ["9223372036854775807", "-9223372036854775808", "1e30"] {
                let reply = try await send("POST", "\(control)/import", body: document[..<token] + number + rest)
                #expect(reply.status == 400, "\(number)")
                #expect(reply.error?["detail"]?.string?.contains("/records") == true, "\(reply.text)")
            }
            #expect(try await bench.get("/v1/devices").status == 200)
            let clock = try await send("POST", "\(control)/clock", body: #"{"to":-9223372036854775808}"#)
            #expect(clock.status == 400)
        }
    }

    @Test func anExportIsImportedElsewhere() async throws {
        try await Bench.run { bench async throws in
            let simulator = bench.simulator
            try simulator.trigger(RingSimulatorEvent(type: "device_offline", device: "Garden"))
            simulator.change { $0.next[.mediaMissing] = 3 }
            let refresh = try simulator.grantTokens().refresh
            let document = try await send("GET", "\(simulator.controlURL)/export")
            #expect(document.status == 200 && document.json?["state_version"]?.int64 == 1)
            let other = try await RingSimulator.start(self.configuration())
            try other.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            let reply = try await send("POST", "\(other.controlURL)/import", body: document.text)
            #expect(reply.status == 200, "\(reply.text)")
            #expect(other.accounts == simulator.accounts && other.switches == simulator.switches)
            #expect(other.isValid(refreshToken: refresh))
            #expect(other.deliveries.map(\.requestID) == simulator.deliveries.map(\.requestID))
            // What is exported again is the same, but for the times.
            let again = try await send("GET", "\(other.controlURL)/export")
            for name in ["configuration", "switches", "accounts", "records"] {
                #expect(again.json?[name]?.text == document.json?[name]?.text, "\(name)")
            }
            await other.stop()
        }
    }

    /// A member that is added to these types must be added to the document, too.
    @Test func theDocumentHasEveryMember() async throws {
        #expect(Mirror(reflecting: RingSimulatorAccount()).children.count == 8)
        #expect(Mirror(reflecting: RingSimulatorDevice(kind: .camera, name: "")).children.count == 7)
    }

    @Test func aNewWorldBeginsAsTheFirst() async throws {
        try await Bench.run { bench async throws in
            let simulator = bench.simulator
            let devices = simulator.devices
            let refresh = try simulator.grantTokens().refresh
            try simulator.trigger(RingSimulatorEvent(type: "device_offline", device: "Garden"))
            simulator.advance(by: .seconds(86_400))
            let control = simulator.controlURL
            let reply = try await send("POST", "\(control)/reset", body: #"{"now":1760000000000}"#)
            #expect(reply.status == 200)
            #expect(simulator.devices == devices && simulator.deliveries.isEmpty && simulator.journal.isEmpty)
            #expect(!simulator.isValid(refreshToken: refresh))
            #expect((1_760_000_000_000..<1_760_000_600_000).contains(simulator.milliseconds))
            let scenario =
                #"{"scenario":{"accounts":[{"id":"a","devices":[{"kind":"chime","id":"c","name":"Bell"}]}]}}"#
            #expect(try await send("POST", "\(control)/reset", body: scenario).status == 200)
            #expect(simulator.devices.map(\.name) == ["Bell"])
            // The client of the service that is tested is still the same.
            #expect(try await simulator.token("grant_type=refresh_token&refresh_token=x").status == 400)
        }
    }

    @Test func theClockRunsAtAnySpeed() async throws {
        try await Bench.run { bench async throws in
            let control = bench.simulator.controlURL
            let stopped = try #require(try await send("POST", "\(control)/clock", body: #"{"speed":0}"#).json)
            let now = try #require(stopped["now"]?.int64)
            #expect(stopped["speed"]?.double == 0)
            _ = try await bench.get("/v1/devices")
            #expect(bench.simulator.milliseconds == now)
            let moved = try await send("POST", "\(control)/clock", body: #"{"to":\#(now + 60_000)}"#)
            #expect(moved.json?["now"]?.int64 == now + 60_000)
            let change = try #require(moved.json?["change"]?.int64)
            let fast = try await send("POST", "\(control)/clock", body: #"{"speed":3600}"#)
            #expect((fast.json?["change"]?.int64 ?? 0) > change)
            #expect((fast.json?["now"]?.int64 ?? 0) >= now + 60_000)
        }
    }
}
