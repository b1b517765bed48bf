import Foundation
import PostgresServer
import RingCore
import RingPostgres
import RingSimulator
import RingTesting
import Testing

/// Five processes at 95 % of Ring's limit, with one budget in PostgreSQL, against the limiter of the simulator.
///
/// `RING_FLEET_SECONDS` sets how long, 5 seconds by default.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct FleetRateTests {
    private static let seconds =
        ProcessInfo.processInfo.environment["RING_FLEET_SECONDS"].flatMap { Int($0) } ?? 5

    private struct Tally {
        var accepted = 0
        var refused = 0
    }

    @Test func aFleetIsNeverRefused() async throws {
        let tally = try await self.run(killingEvery: nil)
        #expect(tally.refused == 0, "\(tally)")
        #expect(Double(tally.accepted) >= 0.9 * 95 * Double(Self.seconds), "\(tally)")
        print("\(Self.seconds) s: \(tally)")
    }

    @Test func aFleetWithCrashesIsHardlyEverRefused() async throws {
        let tally = try await self.run(killingEvery: .seconds(max(Self.seconds / 6, 1)))
        #expect(Double(tally.refused) <= 0.01 * Double(tally.accepted), "\(tally)")
        #expect(Double(tally.accepted) >= 0.9 * 95 * 0.9 * Double(Self.seconds), "\(tally)")
        print("\(Self.seconds) s with crashes: \(tally)")
    }

    private func run(killingEvery pause: Duration?) async throws -> Tally {
        let server = try await PostgresServer.shared.value
        var configuration = RingSimulatorConfiguration()
        configuration.accounts = [RingSimulatorAccount(id: "account", state: .completed, devices: [])]
        configuration.switches.limits[.requestsPerSecond] = 100
        let simulator = try await RingSimulator.start(configuration)
        let environment = ProcessInfo.processInfo.environment.merging([
            "STORE": server.url, "SCHEMA": PostgresServer.newSchema(), "OAUTH_URL": simulator.oauthURL,
            "API_URL": simulator.apiURL, "MODE": "rate", "RATE": "19", "SECONDS": "\(Self.seconds)",
            "ACCESS_TOKEN": simulator.grantTokens(account: "account").access,
        ]) { $1 }
        func start() async throws -> ChildProcess {
            let worker = try ChildProcess(
                ChildProcess.builtPrograms + "/RingTokenWorker", environment: environment, input: nil)
            _ = await worker.line { $0 == "ready" }
            worker.write(Array("go\n".utf8))
            return worker
        }
        var workers: [ChildProcess] = []
        for _ in 0..<5 { workers.append(try await start()) }
        let end = ContinuousClock.now + .seconds(Self.seconds)
        if let pause {
            while ContinuousClock.now + pause < end {
                // The rhythm of the crashes; nothing is waited for.
                try await Task.sleep(for: pause)
                workers.removeFirst().signal(SIGKILL)
                workers.append(try await start())
            }
            try await Task.sleep(until: end, clock: .continuous)
            for worker in workers { worker.signal(SIGKILL) }
        }
        for worker in workers { _ = await worker.outcome() }
        let statuses = simulator.journal.filter { $0.origin == .api }.map(\.status)
        await simulator.stop()
        return Tally(accepted: statuses.count { $0 == 200 }, refused: statuses.count { $0 == 429 })
    }
}
