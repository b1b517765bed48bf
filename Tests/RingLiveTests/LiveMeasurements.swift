import Foundation
import RingCore
import RingCurl
import RingJSONAPI
import RingLive
import RingTesting
import RingWHEP
import Testing

/// What `Scripts/live.sh` passes on.
private enum MeasurementVariables {
    static let ringctl = Self.value("RING_LIVE_RINGCTL")

    static func value(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
}

/// Figures of the live engine, for `make live`: not bounds of a test, because they depend on the machine. The peer is
/// `ringctl simulator` in another process, with a film.
@Suite(.serialized, .enabled(if: MeasurementVariables.ringctl != nil, "skipped: part of `make live`"))
struct LiveMeasurements {
    /// A simulator in another process, and a client of it.
    private final class Simulator {
        let client: RingLiveClient
        let devices: [RingDeviceID]
        private let process: ChildProcess

        init(film: String) async throws {
            let ringctl = try #require(MeasurementVariables.ringctl)
            // The pipe to its input ends with this process.
            self.process = try ChildProcess(
                "/bin/sh",
                [
                    "-c",
                    #""$0" simulator --scenario "$1" --video "$2" </dev/null & server=$!; cat >/dev/null; kill $server"#,
                    ringctl, try #require(MeasurementVariables.value("RING_LIVE_SCENARIO")),
                    try #require(MeasurementVariables.value(film)),
                ], input: nil)
            let line = try #require(await self.process.line { $0.hasPrefix(#"{"api_url""#) })
            let origins = try JSONAPIValue(parsing: Array(line.utf8))
            let api = try #require(origins["api_url"]?.string.flatMap { URL(string: $0) })
            let control = try #require(origins["control_url"]?.string)
            let state = try await Self.send(.get, control + "/state")
            let devices = try #require(state["accounts"]?.elements.first?["devices"]).elements
            self.devices = try devices.map { RingDeviceID(rawValue: try #require($0["id"]?.string)) }
            let tokens = try await Self.send(.post, control + "/tokens")
            let token = try #require((tokens["access_token"] ?? tokens["access"])?.string)
            let shared = RingSharedPipeline(transport: RingCurlTransport.shared, callLimit: nil)
            self.client = RingLiveClient(
                WHEPClient(
                    api: RingAPIClient(
                        baseURL: api, account: "account-1",
                        transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken(token)), origin: api)),
                    configuration: WHEPConfiguration(closeTimeout: .seconds(20)), ledger: nil,
                    governor: WHEPGovernor(limits: .none)))
        }

        var device: RingDeviceID { self.devices[0] }

        private static func send(_ method: RingHTTPMethod, _ url: String) async throws -> JSONAPIValue {
            let response = try await RingCurlTransport.shared.send(
                RingCall(
                    method: method, url: try #require(URL(string: url)),
                    headerFields: ["Content-Type": "application/json"],
                    body: method == .post ? RingHTTPBody(Array("{}".utf8)) : .empty, operation: .testRead))
            return try JSONAPIValue(parsing: try await response.body.collect(upTo: 1 << 20))
        }
    }

    /// What this process uses.
    private struct Usage: CustomStringConvertible {
        var seconds: Double
        var megabytes: Double
        var threads: Int
        var descriptors: Int

        init() throws {
            var time = timespec()
            unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            self.seconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            self.megabytes = (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1024
            self.threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
            self.descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }

        var description: String {
            "\(Int(self.megabytes)) MB, \(self.threads) threads, \(self.descriptors) descriptors"
        }
    }

    @Test func timeToTheFirstPicture() async throws {
        let simulator = try await Simulator(film: "RING_LIVE_FILM")
        var times: [Duration] = []
        for round in 0...50 {
            let start = ContinuousClock.now
            let time = try await simulator.client.withSession(simulator.device) { session in
                for try await _ in session.accessUnits { return ContinuousClock.now - start }
                return .seconds(60)
            }
            if round > 0 { times.append(time) }
        }
        times.sort()
        print("first picture after the call, 50 warm starts: median \(times[25]), least \(times[0]), most \(times[49])")
        #expect(times[49] < .seconds(60))
    }

    @Test func timeToTheFirstStillOf1080p() async throws {
        let simulator = try await Simulator(film: "RING_LIVE_LARGE_FILM")
        var (stills, opened, keyFrames): ([Duration], [Duration], [Duration]) = ([], [], [])
        for round in 0...30 {
            let still = try await simulator.client.snapshot(simulator.device)
            let start = ContinuousClock.now
            let (open, key) = try await simulator.client.withSession(simulator.device) { session in
                let open = ContinuousClock.now - start
                for try await unit in session.accessUnits where unit.isKeyFrame {
                    return (open, ContinuousClock.now - start)
                }
                return (open, .seconds(60))
            }
            guard round > 0 else { continue }
            stills.append(still.elapsed)
            opened.append(open)
            keyFrames.append(key)
        }
        for (what, times) in [
            ("JPEG of 1080p", stills.sorted()), ("  session open", opened.sorted()),
            ("  key frame", keyFrames.sorted()),
        ] {
            print("\(what) after the call, 30 warm starts: median \(times[15]), least \(times[0]), most \(times[29])")
        }
        #expect(stills.allSatisfy { $0 < .seconds(60) })
    }

    @Test func tenSessionsOf1080p() async throws {
        let simulator = try await Simulator(film: "RING_LIVE_LARGE_FILM")
        try await simulator.client.withSession(simulator.device) { session in
            for try await _ in session.accessUnits { break }
        }
        let before = try Usage()
        let length = Duration.seconds(20)
        let start = ContinuousClock.now
        let client = simulator.client
        let results = try await withThrowingTaskGroup(
            of: (Int, Double).self, returning: [(Int, Double)].self
        ) { group in
            for device in simulator.devices.prefix(10) {
                group.addTask {
                    try await client.withSession(device) { session in
                        var count = 0
                        for try await _ in session.accessUnits {
                            count += 1
                            if ContinuousClock.now - start > length { break }
                        }
                        return (count, try Usage().megabytes)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let after = try Usage()
        let share = (after.seconds - before.seconds) / ((ContinuousClock.now - start) / .seconds(1)) / 10
        let most = results.map(\.1).max() ?? 0
        print(
            "ten sessions of 1080p20: \(results.map(\.0)) pictures in \(length), \(share * 100) % of a core each, "
                + "\((most - before.megabytes) / 10) MB each")
        #expect(results.count == 10)
    }

    @Test func aThousandSessionsLeaveNothing() async throws {
        let simulator = try await Simulator(film: "RING_LIVE_FILM")
        for round in 1...1000 {
            try await simulator.client.withSession(simulator.device) { session in
                for try await _ in session.accessUnits { break }
            }
            if [1, 100, 500, 1000].contains(round) { print("after \(round) sessions: \(try Usage())") }
        }
    }
}
