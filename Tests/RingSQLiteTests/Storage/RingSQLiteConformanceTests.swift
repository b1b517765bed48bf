import RingCore
import RingSQLite
import RingTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingSQLiteConformanceTests {
    /// Whatever a rule did to the file, its structure is whole afterwards.
    @Test(arguments: RingStorageConformance.rules)
    func conformsInAFile(rule: RingStorageConformance.Rule) async throws {
        let folder = TemporaryFolder()
        let clock = LeaseClock()
        let database = try await RingSQLiteDatabase.open(.file(folder.file()), machine: clock.machine)
        try await rule.check(
            .init(
                open: { try await RingSQLiteDatabase.open(.file(folder.file()), machine: clock.machine) },
                wait: { clock.advance(by: $0) }))
        let integrity = try await database.read { try $0.query("PRAGMA integrity_check") { $0.text(0) } }
        #expect(integrity == ["ok"])
        await database.close()
    }

    @Test(arguments: RingStorageConformance.rules)
    func conformsInMemory(rule: RingStorageConformance.Rule) async throws {
        let clock = LeaseClock()
        let first = try await RingSQLiteDatabase.open(.memory, machine: clock.machine)
        try await rule.check(.init(open: { try first.anotherHandle() }, wait: { clock.advance(by: $0) }))
        await first.close()
    }
}

/// This machine, with a clock for leases that a test moves ahead.
final class LeaseClock: Sendable {
    private let ahead = Mutex(Int64(0))

    func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.ahead.withLock { $0 += seconds * 1_000_000_000 + attoseconds / 1_000_000_000 }
    }

    var machine: RingMachine {
        var machine = RingMachine.current
        let uptime = machine.uptime
        machine.uptime = { uptime() + self.ahead.withLock { $0 } }
        return machine
    }
}
