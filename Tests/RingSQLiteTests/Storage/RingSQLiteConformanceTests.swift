import RingCore
import RingSQLite
import RingTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingSQLiteConformanceTests {
    @Test(arguments: RingStorageConformance.rules)
    func conformsInAFile(rule: RingStorageConformance.Rule) async throws {
        let folder = TemporaryFolder()
        let clock = LeaseClock()
        try await rule.check(
            .init(
                open: { try await RingSQLiteDatabase.open(.file(folder.file()), machine: clock.machine) },
                wait: { clock.advance(by: $0) }))
    }

    @Test(arguments: RingStorageConformance.rules)
    func conformsInMemory(rule: RingStorageConformance.Rule) async throws {
        let first = try await RingSQLiteDatabase.open(.memory)
        try await rule.check(.init(open: { first.anotherHandle() }))
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

    var machine: RingSQLiteMachine {
        var machine = RingSQLiteMachine.current
        let uptime = machine.uptime
        machine.uptime = { uptime() + self.ahead.withLock { $0 } }
        return machine
    }
}
