import Foundation
import RingCore
import RingCurl
import RingJSONAPI
import RingTesting
import Synchronization
import Testing

/// `ringctl simulator` as a process: its state over restarts and kills, its log, and the file that says where it is.
@Suite(.timeLimit(.minutes(10))) struct SimulatorCommandTests {
    private final class Bench: Sendable {
        let folder: URL

        init() throws {
            self.folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-sim-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        }

        var state: String { self.folder.appending(path: "state.json").path() }
        var running: URL { self.folder.appending(path: "ringctl/simulator.json") }

        /// Starts one and waits until it serves.
        func start(_ words: String...) async throws -> (process: ChildProcess, origins: JSONAPIValue) {
            let process = try ChildProcess(
                Ringctl.path, ["simulator"] + words,
                environment: ["XDG_RUNTIME_DIR": self.folder.path(), "HOME": self.folder.path()])
            let line = try #require(await process.line(where: { $0.contains("control_url") }))
            return (process, try JSONAPIValue(parsing: Array(line.utf8)))
        }

        func end() { try? FileManager.default.removeItem(at: self.folder) }
    }

    private func post(_ origins: JSONAPIValue, _ path: String, _ body: String) async throws -> JSONAPIValue {
        let url = try #require(URL(string: (origins["control_url"]?.string ?? "") + path))
        let call = RingCall(
            method: .post, url: url, body: RingHTTPBody(Array(body.utf8)), operation: .testRead)
        let response = try await Self.transport.send(call)
        #expect(response.status == 200, "\(path)")
        return try JSONAPIValue(parsing: try await response.body.collect(upTo: 1 << 20))
    }

    private static let transport = RingCurlTransport()

    @Test func theStateSurvivesAKillAtAnyTime() async throws {
        let bench = try Bench()
        defer { bench.end() }
        var refresh = ""
        for round in 0..<6 {
            let (process, origins) = try await bench.start("--state", bench.state)
            if round > 0 {
                let account = try #require(
                    try await self.get(origins, "/accounts")["accounts"]?.elements.first?["state"]?.string)
                #expect(account == "pending")
            }
            for _ in 0..<(round * 20) { _ = try await self.post(origins, "/tokens", "{}") }
            refresh = try #require(try await self.post(origins, "/tokens", "{}")["refresh_token"]?.string)
            process.signal(SIGKILL)
            _ = await process.outcome()
            let mode = try FileManager.default.attributesOfItem(atPath: bench.state)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let document = try JSONAPIValue(parsing: Array(try Data(contentsOf: URL(filePath: bench.state))))
            #expect(document["state_version"]?.int64 == 1)
        }
        // After an orderly end nothing is missing.
        let (process, origins) = try await bench.start("--state", bench.state)
        refresh = try #require(try await self.post(origins, "/tokens", "{}")["refresh_token"]?.string)
        process.signal(SIGTERM)
        #expect(await process.outcome().status == 143)
        #expect(try String(contentsOf: URL(filePath: bench.state), encoding: .utf8).contains(refresh))
    }

    /// What a client was told before a kill.
    private struct Acknowledged: Sendable {
        var tokens: [String] = []
        var webhooks: Set<String> = []
        var now: Int64 = 0

        static func + (left: Self, right: Self) -> Self {
            Self(
                tokens: left.tokens + right.tokens, webhooks: left.webhooks.union(right.webhooks),
                now: max(left.now, right.now))
        }
    }

    /// Kills a process after a number of things that happened.
    private final class Killer: Sendable {
        private let pid: Int32
        private let rest: Mutex<Int>

        init(_ pid: Int32, after number: Int) {
            self.pid = pid
            self.rest = Mutex(number)
        }

        func count() {
            let isLast = self.rest.withLock { rest in
                rest -= 1
                return rest == 0
            }
            if isLast { kill(self.pid, SIGKILL) }
        }
    }

    /// Makes changes until the simulator is killed, and returns those that it responded to.
    private func change(_ origins: JSONAPIValue, _ more: () -> Void) async -> Acknowledged {
        var known = Acknowledged()
        do {
            while true {
                let pair = try await self.post(origins, "/tokens", "{}")
                known.tokens += [pair["access_token"]?.string ?? ""]
                let event = try await self.post(origins, "/events", #"{"type":"button_press","device":"Front Door"}"#)
                known.webhooks.formUnion(event["request_ids"]?.elements.compactMap(\.string) ?? [])
                let clock = try await self.post(origins, "/clock", #"{"advance_ms":3000}"#)
                known.now = clock["now"]?.int64 ?? 0
                more()
            }
        } catch {
            // The kill: what it interrupted was not acknowledged.
            return known
        }
    }

    /// Many kills while several clients change something: each change that was responded to is in the file.
    @Test func nothingThatWasAcknowledgedIsLostByAKill() async throws {
        let bench = try Bench()
        defer { bench.end() }
        let scenario = bench.folder.appending(path: "scenario.json")
        try Data(#"{"speed":1,"accounts":[{"state":"completed"}]}"#.utf8).write(to: scenario)
        var known = Acknowledged()
        for round in 0..<15 {
            let (process, origins) = try await bench.start("--state", bench.state, "--scenario", scenario.path())
            // All of the kills before.
            let deliveries = try await self.get(origins, "/deliveries?limit=1000")
            let there = Set(deliveries["deliveries"]?.elements.compactMap { $0["request_id"]?.string } ?? [])
            #expect(known.webhooks.subtracting(there) == [], "round \(round)")
            #expect(try await self.get(origins, "/clock")["now"]?.int64 ?? 0 >= known.now, "round \(round)")
            let me = try #require(URL(string: (origins["api_url"]?.string ?? "") + "/v1/devices"))
            for token in known.tokens.suffix(40) {
                let call = RingCall(
                    url: me, headerFields: ["Authorization": "Bearer \(token)"], operation: .testRead)
                #expect(try await Self.transport.send(call).status == 200, "round \(round)")
            }
            let killer = Killer(process.pid, after: 1 + round * 7 % 12)
            let changed = await withTaskGroup(of: Acknowledged.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        await self.change(origins) { killer.count() }
                    }
                }
                return await group.reduce(Acknowledged(), +)
            }
            _ = await process.outcome()
            #expect(!changed.tokens.isEmpty && changed.now > known.now)
            known = known + changed
            // Nothing is half written, and nothing is left of the writing that a kill interrupted but one file.
            _ = try JSONAPIValue(parsing: Array(try Data(contentsOf: URL(filePath: bench.state))))
            let files = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path())
            #expect(files.count { $0.hasSuffix(".part") } <= 1)
        }
    }

    private func get(_ origins: JSONAPIValue, _ path: String) async throws -> JSONAPIValue {
        let url = try #require(URL(string: (origins["control_url"]?.string ?? "") + path))
        let response = try await Self.transport.send(RingCall(url: url, operation: .testRead))
        return try JSONAPIValue(parsing: try await response.body.collect(upTo: 4 << 20))
    }

    @Test func aStateOfAnotherVersionIsAUsageError() async throws {
        let bench = try Bench()
        defer { bench.end() }
        try Data(#"{"state_version":7}"#.utf8).write(to: URL(filePath: bench.state))
        let outcome = try await Ringctl(environment: ["HOME": bench.folder.path()])
            .run("simulator", "--state", bench.state, "--json")
        #expect(outcome.status == 2)
        #expect(outcome.errorText.contains("its state version is 7"))
    }

    @Test func aLineForEachRequestIsOnStandardError() async throws {
        let bench = try Bench()
        defer { bench.end() }
        let (process, origins) = try await bench.start("--verbose")
        let api = try #require(origins["api_url"]?.string)
        for path in ["/v1/devices?include=status", "/v1/%0A%1B%5B31m", "/x?code=SECRET"] {
            let url = try #require(URL(string: api + path))
            _ = try await Self.transport.send(RingCall(url: url, operation: .testRead))
        }
        process.signal(SIGTERM)
        let outcome = await process.outcome()
        let lines = outcome.errorText.split(separator: "\n")
        #expect(lines.count == 3, "\(outcome.errorText)")
        #expect(lines.first?.contains(" api GET /v1/devices?include=status 401 ") == true)
        #expect(!outcome.errorText.contains("SECRET"))
        #expect(!outcome.errorText.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }

    @Test func theOneStartedLastIsFound() async throws {
        let bench = try Bench()
        defer { bench.end() }
        let (first, firstOrigins) = try await bench.start()
        let file = try JSONAPIValue(parsing: Array(try Data(contentsOf: bench.running)))
        #expect(file["control_url"]?.string == firstOrigins["control_url"]?.string)
        #expect(file["pid"]?.int64 == Int64(first.pid))
        let mode = try FileManager.default.attributesOfItem(atPath: bench.running.path())[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let (second, secondOrigins) = try await bench.start()
        let newer = try JSONAPIValue(parsing: Array(try Data(contentsOf: bench.running)))
        #expect(newer["control_url"]?.string == secondOrigins["control_url"]?.string)
        // The end of the first one leaves the file of the second.
        first.signal(SIGTERM)
        _ = await first.outcome()
        #expect(FileManager.default.fileExists(atPath: bench.running.path()))
        second.signal(SIGTERM)
        _ = await second.outcome()
        #expect(!FileManager.default.fileExists(atPath: bench.running.path()))
    }
}
