import Foundation
import PostgresServer
import RingCore
import RingPostgres
import RingTesting
import Testing

/// What several processes do to one database.
@Suite(
    .serialized, .timeLimit(.minutes(2)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct RingPostgresProcessTests {
    private static let things = RingStorageCollection(name: "things", indexes: ["key"])

    /// A process that executes commands.
    private struct Probe {
        let child: ChildProcess

        init(_ url: String, _ schema: String, prefix: [String] = [], clockAhead: Int = 0) async throws {
            let words = prefix + [ChildProcess.builtPrograms + "/RingStorageProbe", url, schema]
            let environment = ProcessInfo.processInfo.environment.merging(["CLOCK_AHEAD": "\(clockAhead)"]) { $1 }
            self.child = try ChildProcess(
                words[0], Array(words.dropFirst()), environment: environment, input: nil)
            #expect(await self.child.line { $0 == "open" } == "open")
        }

        func run(_ command: String) async -> String? {
            self.child.write(Array("\(command)\n".utf8))
            let word = String(command.prefix { $0 != " " })
            return await self.child.line { $0.hasPrefix(word) }
        }

        /// What it takes of that is due, if anything.
        func next(_ number: Int) async -> String? {
            self.child.write(Array("next \(number)\n".utf8))
            return await self.child.line { $0.hasPrefix("next \(number) ") }?.split(separator: " ").last.map(
                String.init)
        }

        func finish() async {
            self.child.closeInput()
            #expect(await self.child.outcome().ending == .exited(0))
        }

        func kill() async {
            self.child.signal(9)
            #expect(await self.child.outcome().ending == .signalled(9))
        }
    }

    private func bench() async throws -> (RingPostgresDatabase, url: String, schema: String) {
        let server = try await PostgresServer.shared.value
        let options = PostgresServer.options(PostgresServer.newSchema())
        let storage = try await RingPostgresDatabase.open(server.url, options: options)
        let record = RingStorageRecord(id: RingStorageID(Self.things, "a"), version: 1)
        #expect(try await storage.commit([.put(record, replacing: nil)]))
        return (storage, server.url, options.schema)
    }

    private func token(_ storage: RingPostgresDatabase) async throws -> Int64? {
        try await storage.records([RingStorageID(Self.things, "a")]).first?.leaseToken
    }

    @Test func theLeaseOfAKilledProcessEndsWithinASecondOrTwo() async throws {
        let (storage, url, schema) = try await self.bench()
        let holder = try await Probe(url, schema)
        #expect(await holder.run("take a 7") == "take true")
        #expect(try await self.token(storage) == 7)
        await holder.kill()
        let start = ContinuousClock.now
        // The query for free records finds it as well, without the record being read by name.
        let free = RingStorageQuery(Self.things, isFree: true)
        while try await storage.records(matching: free).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        #expect(ContinuousClock.now - start < .seconds(5))
        await storage.close()
    }

    @Test func theLeaseOfAProcessThatEndsIsGivenUp() async throws {
        let (storage, url, schema) = try await self.bench()
        let holder = try await Probe(url, schema)
        #expect(await holder.run("take a 7") == "take true")
        await holder.finish()
        #expect(try await self.token(storage) == nil)
        await storage.close()
    }

    @Test(.enabled(if: Self.canMakeNamespaces, "unshare --pid is not permitted"))
    func theLeaseOfAnotherNamespaceLastsUntilItsEnd() async throws {
        let (storage, url, schema) = try await self.bench()
        let holder = try await Probe(url, schema, prefix: ["/usr/bin/unshare", "--pid", "--fork", "--kill-child"])
        #expect(await holder.run("take a 7") == "take true")
        await holder.kill()
        for _ in 0..<3 {
            #expect(try await self.token(storage) == 7)
            try await Task.sleep(for: .milliseconds(700))
        }
        _ = try await storage.execute("UPDATE \(schema).ring_record SET lease_until = clock_timestamp()")
        #expect(try await self.token(storage) == nil)
        await storage.close()
    }

    /// Leases and due dates run by the server's clock, whatever the machines' own say.
    @Test func machinesWithDifferentClocksAgree() async throws {
        let (storage, url, schema) = try await self.bench()
        let (slow, fast) = (
            try await Probe(url, schema, clockAhead: -600), try await Probe(url, schema, clockAhead: 600)
        )
        #expect(await fast.run("take a 7") == "take true")
        #expect(await slow.run("token a") == "token 7")
        #expect(await slow.run("due b 5000") == "due true")
        // Not ten minutes too early.
        #expect(await fast.next(1) == "none")
        let start = ContinuousClock.now
        var number = 1
        // Nor ten minutes too late.
        for (probe, name) in [(fast, "b"), (slow, "c")] {
            if name == "c" { #expect(await fast.run("due c 1") != nil) }
            var found: String? = "none"
            while found == "none", ContinuousClock.now - start < .seconds(60) {
                number += 1
                found = await probe.next(number)
            }
            #expect(found == name)
        }
        for probe in [slow, fast] { await probe.finish() }
        await storage.close()
    }

    @Test func processesLoseNoAddition() async throws {
        let (storage, url, schema) = try await self.bench()
        var probes: [Probe] = []
        for _ in 0..<4 { probes.append(try await Probe(url, schema)) }
        await withTaskGroup(of: Void.self) { group in
            for probe in probes { group.addTask { #expect(await probe.run("add a 50") == "add done") } }
        }
        #expect(try await storage.records([RingStorageID(Self.things, "a")]).first?.version == 201)
        for probe in probes { await probe.finish() }
        await storage.close()
    }

    private static let canMakeNamespaces: Bool = {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare") else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["--pid", "--fork", "--kill-child", "/bin/true"]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}
