internal import RingCore

/// Who takes leases: one opened database of one process.
struct RingSQLiteLeaseHolder: Sendable {
    /// Names it in the file; random, so that it is never used twice.
    let id = Int64.random(in: 1 ... .max)
    let machine: RingMachine
}

/// What a connection knows about leases for the length of a batch or a transaction.
struct RingSQLiteLeaseMemory {
    struct Judgement: Hashable {
        var process: Int64
        var judge: Int64
    }

    /// Whether processes live, as looked up in this batch.
    var alive: [Judgement: Bool] = [:]
    /// Until when the holders that this transaction has seen in the file may hold leases.
    var registered: [Int64: Int64] = [:]

    mutating func forgetProcesses() {
        if !self.alive.isEmpty { self.alive.removeAll(keepingCapacity: true) }
    }

    mutating func forgetHolders() {
        if !self.registered.isEmpty { self.registered.removeAll(keepingCapacity: true) }
    }
}

extension RingSQLiteConnection {
    /// How much further than the lease at hand a holder's row reaches, so that it is seldom written.
    private static let registration: Int64 = 3_600_000_000_000
    private static let longestLease: Int64 = 3_600_000_000_000

    /// Whether a lease counts.
    func isHeld(process: Int64, until: Int64, for holder: RingSQLiteLeaseHolder) throws -> Bool {
        let now = holder.machine.uptime()
        // No lease is that long: it was taken before the machine was restarted.
        guard until > now, until - now <= Self.longestLease else { return false }
        if process == holder.id { return true }
        let judgement = RingSQLiteLeaseMemory.Judgement(process: process, judge: holder.id)
        if let known = self.leases.alive[judgement] { return known }
        let isAlive = try self.isAlive(process, for: holder)
        self.leases.alive[judgement] = isAlive
        return isAlive
    }

    private func isAlive(_ process: Int64, for holder: RingSQLiteLeaseHolder) throws -> Bool {
        let statement = try self.statement(.process)
        defer { statement.rest() }
        try statement.bind(1, process)
        guard try statement.step() else { return false }
        let row = statement.row
        return holder.machine.mayLive(
            boot: row.text(0), namespace: row.text(1), pid: row.integer(2), started: row.integer(3))
    }

    /// Sees to it that the file names this holder.
    ///
    /// - Returns: The end of a lease that begins now.
    func register(_ holder: RingSQLiteLeaseHolder, for duration: Duration) throws -> Int64 {
        let now = holder.machine.uptime()
        let until = now.addingSaturated(min(duration.wholeNanoseconds, Self.longestLease))
        if let end = self.leases.registered[holder.id], end >= until { return until }
        let stored = try self.number(.processEnd, holder.id)
        if let stored, stored >= until {
            self.leases.registered[holder.id] = stored
            return until
        }
        let end = until.addingSaturated(Self.registration)
        if stored == nil {
            try self.removeEnded(now: now, for: holder)
            try self.insert(holder, end: end)
        } else {
            let statement = try self.statement(.updateProcess)
            defer { statement.rest() }
            try statement.bind(1, holder.id)
            try statement.bind(2, end)
            _ = try statement.step()
        }
        self.leases.registered[holder.id] = end
        return until
    }

    private func insert(_ holder: RingSQLiteLeaseHolder, end: Int64) throws {
        let statement = try self.statement(.insertProcess)
        defer { statement.rest() }
        try statement.bind(1, holder.id)
        try statement.bind(2, holder.machine.boot)
        try statement.bind(3, holder.machine.namespace)
        try statement.bind(4, holder.machine.pid)
        try statement.bind(5, holder.machine.started)
        try statement.bind(6, end)
        _ = try statement.step()
    }

    private func number(_ id: RingSQLiteStatementID, _ value: Int64) throws -> Int64? {
        let statement = try self.statement(id)
        defer { statement.rest() }
        try statement.bind(1, value)
        return try statement.step() ? statement.row.integer(0) : nil
    }

    /// Removes holders that can hold nothing any more.
    private func removeEnded(now: Int64, for holder: RingSQLiteLeaseHolder) throws {
        let machine = holder.machine
        let statement = try self.statement(.processes)
        defer { statement.rest() }
        var ended: [Int64] = []
        while try statement.step() {
            let row = statement.row
            let mayLive = machine.mayLive(
                boot: row.text(1), namespace: row.text(2), pid: row.integer(3), started: row.integer(4))
            if !mayLive || row.integer(5) < now { ended.append(row.integer(0)) }
        }
        for id in ended { try self.delete(holder: id) }
    }

    private func delete(holder id: Int64) throws {
        let statement = try self.statement(.deleteProcess)
        defer { statement.rest() }
        try statement.bind(1, id)
        _ = try statement.step()
    }

    /// Ends all leases of a holder.
    func remove(_ holder: RingSQLiteLeaseHolder) throws { try self.delete(holder: holder.id) }

    /// Extends those of the leases that are still the records'.
    func extend(
        _ leases: [RingStorageLease], by duration: Duration, for holder: RingSQLiteLeaseHolder
    ) throws -> [RingStorageLease] {
        let until = try self.register(holder, for: duration)
        let statement = try self.statement(.extend)
        return try leases.filter { lease in
            defer { statement.rest() }
            try statement.bind(1, lease.id.collection)
            try statement.bind(2, lease.id.name)
            try statement.bind(3, lease.token)
            try statement.bind(4, holder.id)
            try statement.bind(5, until)
            _ = try statement.step()
            return self.changedRows == 1
        }
    }
}

extension RingMachine {
    /// Whether the holder of a lease may be alive, for all that can be known.
    func mayLive(boot: String, namespace: String, pid: Int64, started: Int64) -> Bool {
        if !boot.isEmpty, !self.boot.isEmpty, boot != self.boot { return false }
        // Process numbers of another namespace say nothing: there the time alone counts.
        guard !namespace.isEmpty, namespace == self.namespace else { return true }
        if pid == self.pid, started == self.started { return true }
        return self.isAlive(pid, started)
    }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, isOverflow) = self.addingReportingOverflow(other)
        return isOverflow ? .max : sum
    }
}

extension Duration {
    /// Kept within what the number can hold, and not below zero.
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        if seconds < 0 || attoseconds < 0 { return 0 }
        let (whole, isOverflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isOverflow ? .max : whole.addingSaturated(attoseconds / 1_000_000_000)
    }
}
