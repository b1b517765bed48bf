import Foundation
import RingCore
import RingSQLite
import RingTesting
import Synchronization
import Testing

/// How leases are judged on machines that a test describes.
@Suite(.timeLimit(.minutes(1))) struct RingSQLiteLeaseTests {
    private static let things = RingStorageCollection(name: "things", indexes: [])
    private static let id = RingStorageID(Self.things, "a")

    /// A machine at a time, and the processes that run on it.
    private final class World: Sendable {
        let time = Mutex(Int64(1_000_000_000_000))
        let living = Mutex<[Int64: Int64]>([:])

        func machine(
            boot: String = "boot", namespace: String = "namespace", pid: Int64, started: Int64 = 5
        ) -> RingMachine {
            RingMachine(
                boot: boot, namespace: namespace, pid: pid, started: started,
                uptime: { self.time.withLock { $0 } },
                isAlive: { pid, started in self.living.withLock { $0[pid] == started } })
        }
    }

    private struct Pair {
        let folder = TemporaryFolder()
        let world = World()
        let holder: RingSQLiteDatabase
        let reader: RingSQLiteDatabase

        init(
            _ holder: (World) -> RingMachine, _ reader: (World) -> RingMachine, alive: [Int64: Int64] = [:]
        ) async throws {
            self.world.living.withLock { $0 = alive }
            self.holder = try await .open(.file(self.folder.file()), machine: holder(self.world))
            self.reader = try await .open(.file(self.folder.file()), machine: reader(self.world))
            let record = RingStorageRecord(id: RingSQLiteLeaseTests.id, version: 1)
            let lease = RingLeaseChange.take(token: 7, for: .seconds(15))
            #expect(try await self.holder.commit([.put(record, replacing: nil, lease: lease)]))
        }

        var token: Int64? {
            get async throws { try await self.reader.record(RingSQLiteLeaseTests.id)?.leaseToken }
        }

        func processes() async throws -> Int64 {
            try await self.reader.read { try $0.first("SELECT count(*) FROM ring_process") { $0.integer(0) } } ?? -1
        }
    }

    @Test func aLivingHolderHoldsUntilTheEnd() async throws {
        let pair = try await Pair({ $0.machine(pid: 10) }, { $0.machine(pid: 11) }, alive: [10: 5])
        #expect(try await pair.token == 7)
        pair.world.time.withLock { $0 += 14_999_999_999 }
        #expect(try await pair.token == 7)
        pair.world.time.withLock { $0 += 1 }
        #expect(try await pair.token == nil)
    }

    @Test func aDeadHolderHoldsNothing() async throws {
        let pair = try await Pair({ $0.machine(pid: 10) }, { $0.machine(pid: 11) }, alive: [10: 5])
        pair.world.living.withLock { $0 = [:] }
        #expect(try await pair.token == nil)
        // Another process with its number is not the holder.
        pair.world.living.withLock { $0 = [10: 6] }
        #expect(try await pair.token == nil)
    }

    @Test func anotherNamespaceIsJudgedByTimeAlone() async throws {
        let pair = try await Pair({ $0.machine(namespace: "theirs", pid: 10) }, { $0.machine(pid: 11) })
        #expect(try await pair.token == 7)
        pair.world.time.withLock { $0 += 15_000_000_000 }
        #expect(try await pair.token == nil)
    }

    @Test func theSameNumberInAnotherNamespaceIsSomebodyElse() async throws {
        let pair = try await Pair({ $0.machine(namespace: "theirs", pid: 11) }, { $0.machine(pid: 11) })
        #expect(try await pair.token == 7)
    }

    @Test func aMachineThatWasStartedAgainHoldsNothing() async throws {
        let pair = try await Pair({ $0.machine(boot: "old", pid: 10) }, { $0.machine(pid: 11) }, alive: [10: 5])
        #expect(try await pair.token == nil)
        // Its clock began anew, so the stored end would lie far ahead.
        pair.world.time.withLock { $0 = 1 }
        #expect(try await pair.token == nil)
    }

    @Test func withoutBootAndNamespaceTheTimeCounts() async throws {
        for (holder, reader) in [("", ""), ("boot", ""), ("", "boot")] {
            let pair = try await Pair(
                { $0.machine(boot: holder, namespace: "", pid: 10) },
                { $0.machine(boot: reader, namespace: "", pid: 11) })
            #expect(try await pair.token == 7)
            pair.world.time.withLock { $0 += 15_000_000_000 }
            #expect(try await pair.token == nil)
        }
    }

    @Test func closingRemovesTheHolderFromTheFile() async throws {
        let pair = try await Pair({ $0.machine(pid: 10) }, { $0.machine(pid: 11) }, alive: [10: 5])
        #expect(try await pair.processes() == 1)
        await pair.holder.close()
        #expect(try await pair.processes() == 0)
        #expect(try await pair.token == nil)
    }

    @Test func lettingGoOfAHolderRemovesItFromTheFile() async throws {
        let folder = TemporaryFolder()
        let reader = try await RingSQLiteDatabase.open(.file(folder.file()))
        do {
            let holder = try await RingSQLiteDatabase.open(.file(folder.file()))
            let record = RingStorageRecord(id: Self.id, version: 1)
            let lease = RingLeaseChange.take(token: 7, for: .seconds(3_600))
            #expect(try await holder.commit([.put(record, replacing: nil, lease: lease)]))
            #expect(try await reader.record(Self.id)?.leaseToken == 7)
        }
        // Requests that were made after the holder ended are done after its removal.
        #expect(try await reader.write { try $0.first("SELECT count(*) FROM ring_process") { $0.integer(0) } } == 0)
        #expect(try await reader.record(Self.id)?.leaseToken == nil)
    }

    @Test func thoseWhoEndedAreForgottenByTheNextHolder() async throws {
        let pair = try await Pair({ $0.machine(pid: 10) }, { $0.machine(pid: 11) }, alive: [10: 5])
        let record = RingStorageRecord(id: RingStorageID(Self.things, "b"), version: 1)
        let lease = RingLeaseChange.take(token: 8, for: .seconds(15))
        // Dead here, of an earlier start of the machine, of another namespace and long silent, and of one and not silent.
        let far = Int64.max
        for (id, values) in [
            (1, "'boot', 'namespace', 99, 5, \(far)"), (2, "'old', 'namespace', 10, 5, \(far)"),
            (3, "'boot', 'theirs', 99, 5, 1"), (4, "'boot', 'theirs', 99, 5, \(far)"),
        ] {
            try await pair.reader.write { try $0.execute("INSERT INTO ring_process VALUES (\(id), \(values))") }
        }
        #expect(try await pair.reader.commit([.put(record, replacing: nil, lease: lease)]))
        let known = try await pair.reader.read { connection in
            try connection.query("SELECT id FROM ring_process WHERE id < 10 ORDER BY id") { $0.integer(0) }
        }
        #expect(known == [4])
        #expect(try await pair.processes() == 3)
        #expect(try await pair.token == 7)
    }

    @Test func aHolderStaysRegisteredWhileItExtends() async throws {
        let pair = try await Pair({ $0.machine(pid: 10) }, { $0.machine(pid: 11) }, alive: [10: 5])
        let lease = RingStorageLease(id: Self.id, token: 7)
        for _ in 0..<6 {
            pair.world.time.withLock { $0 += 1_800_000_000_000 }
            #expect(try await pair.holder.extend([lease], by: .seconds(15)) == [lease])
            #expect(try await pair.token == 7)
        }
        // Removed by mistake, it comes back with its next lease.
        try await pair.reader.write { try $0.execute("DELETE FROM ring_process") }
        #expect(try await pair.token == nil)
        #expect(try await pair.holder.extend([lease], by: .seconds(15)) == [lease])
        #expect(try await pair.token == 7)
    }

    @Test func absurdDurationsDoNotOverflow() async throws {
        let storage = try await RingSQLiteDatabase.open(.memory)
        for (number, duration) in [Duration.seconds(Int64.max), .zero, .seconds(-5)].enumerated() {
            let record = RingStorageRecord(id: RingStorageID(Self.things, "n\(number)"), version: 1)
            let lease = RingLeaseChange.take(token: 1, for: duration)
            #expect(try await storage.commit([.put(record, replacing: nil, lease: lease)]))
        }
        let found = try await storage.records(matching: RingStorageQuery(Self.things))
        #expect(found.map(\.isLeased) == [true, false, false])
    }
}

@Suite(.timeLimit(.minutes(1))) struct RingMachineTests {
    @Test(
        arguments: [
            ("7 (swift) S 1 7 7 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 8 0 4711 99 1", 4_711, false),
            ("7 (a ) Z 1) R 1 7 7 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 1 0 12 99 1", 12, false),
            // Killed, and its parent has not taken note.
            ("7 (swift) Z 1 7 7 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 1 0 4711 0 0", 4_711, true),
            ("7 (swift) X 1 7 7 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 0 0 4711 0 0", 4_711, true),
            // Its first thread has ended, seven others run.
            ("7 (swift) Z 1 7 7 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 8 0 4711 0 0", 4_711, false),
        ] as [(String, Int64, Bool)])
    func readsTheStateOfAProcess(text: String, started: Int64, hasEnded: Bool) throws {
        let state = try #require(RingProcessState(stat: text))
        #expect(state.started == started)
        #expect(state.hasEnded == hasEnded)
    }

    @Test(arguments: [
        "", "7", "7 (swift", "7 (swift) S 1 2", "7 (swift) S 1 7 7 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 x 0 1",
    ])
    func refusesWhatIsNoState(text: String) {
        #expect(RingProcessState(stat: text) == nil)
    }

    #if os(Linux)
    @Test func readsTheMachineAndItsClock() throws {
        let machine = RingMachine.current
        #expect(machine.boot.count == 36)
        #expect(machine.namespace.hasPrefix("pid:["))
        #expect(machine.pid == Int64(getpid()))
        #expect(machine.started > 0)
        #expect(machine.isAlive(machine.pid, machine.started))
        #expect(!machine.isAlive(machine.pid, machine.started + 1))
        #expect(!machine.isAlive(0x7FFF_FFFF, 1))
        #expect(!machine.isAlive(.max, 1))
        // The clock is the one that runs since the machine was started, whatever the time of day.
        let text = try String(contentsOfFile: "/proc/uptime", encoding: .utf8)
        let seconds = try #require(text.split(separator: " ").first.flatMap { Double($0) })
        #expect(abs(Double(machine.uptime()) / 1e9 - seconds) < 60)
    }
    #endif
}
