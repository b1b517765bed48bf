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
        /// Whether the machine let a process or the simulator wait for a processor. Requests that were permitted in different
        /// seconds may then arrive in the same one.
        var isLate = false
    }

    /// Tries again, up to twice, when the machine was late. That no more was permitted than the limit holds always.
    private func expect(_ isGood: (Tally) -> Bool, of run: () async throws -> Tally) async throws {
        var tally = try await run()
        for _ in 0..<2 where tally.isLate && !isGood(tally) { tally = try await run() }
        print("\(Self.seconds) s: \(tally)")
        #expect(isGood(tally) || tally.isLate, "\(tally)")
    }

    @Test func aFleetIsNeverRefused() async throws {
        try await self.expect {
            $0.refused == 0 && Double($0.accepted) >= 0.9 * 95 * Double(Self.seconds)
        } of: {
            try await self.run { fleet in
                for _ in 0..<5 { try await fleet.start(rate: 19, seconds: Self.seconds) }
                for worker in fleet.workers { _ = await worker.outcome() }
            }
        }
    }

    @Test func aFleetWithCrashesIsHardlyEverRefused() async throws {
        try await self.expect {
            Double($0.refused) <= 0.01 * Double($0.accepted)
                && Double($0.accepted) >= 0.9 * 95 * 0.9 * Double(Self.seconds)
        } of: {
            try await self.run { fleet in
                for _ in 0..<5 { try await fleet.start(rate: 19, seconds: Self.seconds) }
                let end = ContinuousClock.now + .seconds(Self.seconds)
                let pause = Duration.seconds(max(Self.seconds / 6, 1))
                var oldest = 0
                while ContinuousClock.now + pause < end {
                    // The rhythm of the crashes; nothing is waited for.
                    try await Task.sleep(for: pause)
                    fleet.workers[oldest].signal(SIGKILL)
                    oldest += 1
                    try await fleet.start(rate: 19, seconds: Self.seconds)
                }
                try await Task.sleep(until: end, clock: .continuous)
            }
        }
    }

    /// The others leave the share of a process that is cut off to it, also those that join meanwhile.
    @Test func aFleetThatGrowsWhileAProcessIsCutOffIsNeverRefused() async throws {
        let proxy = try CutProxy(server: try await PostgresServer.shared.value.folder)
        // Five seconds at the limit, at least.
        try await self.expect {
            $0.refused == 0 && $0.accepted > 500
        } of: {
            let tally = try await self.run { fleet in
                for url in [nil, proxy.url] { try await fleet.start(rate: 60, seconds: 60, at: url) }
                try await fleet.waits(until: "HAVING count(*) = 2 AND min(share) = 50")
                proxy.cut()
                for _ in 0..<3 { try await fleet.start(rate: 40, seconds: 60) }
                // Its share is used after four seconds, and kept for half a minute.
                try await fleet.waits(until: "HAVING min(seen) < clock_timestamp() - interval '9 seconds'")
            }
            proxy.mend()
            return tally
        }
        proxy.close()
    }

    /// Processes that send requests, the database that they share, and the simulator whose limiter they meet.
    private struct Fleet {
        let simulator: RingSimulator
        let server: PostgresServer
        let database: RingPostgresDatabase
        var workers: [ChildProcess] = []

        init() async throws {
            var configuration = RingSimulatorConfiguration()
            configuration.accounts = [RingSimulatorAccount(id: "account", state: .completed, devices: [])]
            configuration.switches.limits[.requestsPerSecond] = 100
            self.simulator = try await RingSimulator.start(configuration)
            self.server = try await PostgresServer.shared.value
            var options = PostgresServer.options(PostgresServer.newSchema())
            options.requestsPerSecond = nil
            self.database = try await RingPostgresDatabase.open(self.server.url, options: options)
        }

        /// Starts a process.
        ///
        /// - Parameter url: Where it reaches the database; `nil` for the server's own socket.
        mutating func start(rate: Int, seconds: Int, at url: String? = nil) async throws {
            let environment = ProcessInfo.processInfo.environment.merging([
                "STORE": url ?? self.server.url, "SCHEMA": self.database.schema,
                "OAUTH_URL": self.simulator.oauthURL, "API_URL": self.simulator.apiURL, "MODE": "rate",
                "RATE": "\(rate)", "SECONDS": "\(seconds)",
                "ACCESS_TOKEN": try self.simulator.grantTokens(account: "account").access,
            ]) { $1 }
            let worker = try ChildProcess(
                ChildProcess.builtPrograms + "/RingTokenWorker", environment: environment, input: nil)
            _ = await worker.line { $0 == "ready" }
            worker.write(Array("go\n".utf8))
            self.workers.append(worker)
        }

        /// Waits for a condition of the table of processes.
        func waits(until condition: String) async throws {
            let query = "SELECT 1 FROM \(self.database.schema).ring_rate_member \(condition)"
            while try await self.database.execute(query) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        }

        func end(isLate: Bool) async -> Tally {
            var isLate = isLate
            for worker in self.workers { worker.signal(SIGKILL) }
            for worker in self.workers { isLate = await worker.outcome().outputText.contains("late") || isLate }
            let statuses = self.simulator.journal.filter { $0.origin == .api }.map(\.status)
            await self.simulator.stop()
            await self.database.close()
            return Tally(
                accepted: statuses.count { $0 == 200 }, refused: statuses.count { $0 == 429 }, isLate: isLate)
        }
    }

    private func run(_ body: (inout Fleet) async throws -> Void) async throws -> Tally {
        var fleet = try await Fleet()
        let database = fleet.database
        let watch = Task {
            // The limit holds in the database, whatever the machine does with the processes.
            let isExceeded =
                "SELECT 1 FROM \(database.schema).ring_rate WHERE (SELECT sum(c) FROM unnest(counts) c) > 100"
            var exceeded = 0
            while !Task.isCancelled { exceeded += try await database.execute(isExceeded) }
            return exceeded
        }
        let lateness = Task {
            var isLate = false
            while !Task.isCancelled {
                let start = ContinuousClock.now
                // Ends early when it is cancelled.
                try? await Task.sleep(for: .milliseconds(5))
                isLate = isLate || ContinuousClock.now - start > .milliseconds(25)
            }
            return isLate
        }
        try await body(&fleet)
        watch.cancel()
        lateness.cancel()
        #expect(try await watch.value == 0)
        return await fleet.end(isLate: await lateness.value)
    }
}
