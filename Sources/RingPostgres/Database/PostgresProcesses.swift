internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Which processes may hold leases: this one, and those of the same machine that have ended.
final class PostgresProcesses: Sendable {
    private struct State {
        /// When the server was told last that this process lives.
        var registeredAt: Duration?
        /// When processes that were not heard of for days were removed last.
        var removedOldAt: Duration?
        /// When processes of this machine were looked at last.
        var sweptAt: Duration?
        /// The server's date less the reading of this process's monotonic clock at the same moment.
        var start: Date?
    }

    private let pool: PostgresPool
    private let sql: PostgresSQL
    private let machine: RingMachine
    private let process: Int64
    private let clock: any RingClock
    private let state = Mutex(State())

    init(_ pool: PostgresPool, _ sql: PostgresSQL, _ machine: RingMachine, process: Int64, clock: any RingClock) {
        self.pool = pool
        self.sql = sql
        self.machine = machine
        self.process = process
        self.clock = clock
    }

    /// Tells the server that this process lives, when it does not know that yet or was not told for some time.
    ///
    /// - Throws: ``PostgresFailure``.
    func register() async throws {
        let now = self.clock.uptime()
        guard self.state.withLock({ $0.registeredAt.map { now - $0 > .seconds(10) } ?? true }) else { return }
        let call = PostgresCall(
            sql: self.sql.register,
            values: [
                .integer(self.process), .text(self.machine.boot), .text(self.machine.namespace),
                .integer(self.machine.pid), .integer(self.machine.started),
            ])
        try await self.noteDate { try await self.pool.run([call], .change) { $0.first?.optionalInteger(0, 0) } }
        let removesOld = self.state.withLock { state in
            state.registeredAt = now
            guard state.removedOldAt.map({ now - $0 > .seconds(3_600) }) ?? true else { return false }
            state.removedOldAt = now
            return true
        }
        guard removesOld else { return }
        do {
            _ = try await self.pool.run([PostgresCall(sql: self.sql.removeOldProcesses)], .change) { $0.count }
        } catch let failure as PostgresFailure where !failure.isPermanent {
            // It is done in an hour. A missing right is reported: the rows would accumulate.
        }
    }

    // MARK: The server's clock

    /// The date by the server's clock, which all machines share.
    var now: Date? { self.state.withLock { $0.start }.map { $0 + Self.seconds(self.clock.uptime()) } }

    /// Asks the server for its date. Later ``register()`` does, from time to time.
    ///
    /// - Throws: ``PostgresFailure``.
    func readClock() async throws {
        let call = PostgresCall(sql: self.sql.clock)
        try await self.noteDate { try await self.pool.run([call], .repeatable) { $0.first?.optionalInteger(0, 0) } }
    }

    private func noteDate(_ read: () async throws -> Int64?) async throws {
        let before = self.clock.uptime()
        guard let microseconds = try await read() else { return }
        let middle = (before + self.clock.uptime()) / 2
        let start = Date(storageMicroseconds: microseconds) - Self.seconds(middle)
        self.state.withLock { $0.start = start }
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// Ends the leases of processes of this machine that have ended: nobody has to wait for them. For processes of other machines
    /// the time alone counts, because a lost connection may also mean a network failure.
    func removeEndedNeighbours() async {
        let machine = self.machine
        guard !machine.boot.isEmpty, !machine.namespace.isEmpty else { return }
        let now = self.clock.uptime()
        let isDue = self.state.withLock { state in
            guard state.sweptAt.map({ now - $0 > .seconds(1) }) ?? true else { return false }
            state.sweptAt = now
            return true
        }
        guard isDue else { return }
        let call = PostgresCall(sql: self.sql.neighbours, values: [.text(machine.boot), .text(machine.namespace)])
        // When this fails, the next read fails too, and reports it.
        let ended = try? await self.pool.run([call], .repeatable) { results in
            guard let result = results.first else { return [Int64]() }
            return (0..<result.count).compactMap { row -> Int64? in
                let (pid, started) = (result.integer(row, 1), result.integer(row, 2))
                if pid == machine.pid, started == machine.started { return nil }
                return machine.isAlive(pid, started) ? nil : result.integer(row, 0)
            }
        }
        guard let ended, !ended.isEmpty else { return }
        await self.remove(ended)
    }

    /// Ends the leases of this process.
    func leave() async {
        guard self.state.withLock({ $0.registeredAt != nil }) else { return }
        await self.remove([self.process])
    }

    private func remove(_ processes: [Int64]) async {
        let call = PostgresCall(sql: self.sql.removeProcesses, values: [.integers(processes)])
        // When that fails, the leases end by time.
        _ = try? await self.pool.run([call], .change) { $0.count }
    }
}
