import Glibc
import RingCore
import RingPartner
import RingPostgres
import RingSQLite
import Synchronization

/// The one database of this process, and what must be brought to an end before it exits.
final class CommandStore: Sendable {
    static let shared = CommandStore()
    /// `--store memory`, and what a command without a store reads.
    let memory = RingMemoryStorage()
    private let keepers = Mutex<[RingTokenKeeper]>([])

    /// Notes a keeper that must settle before the process ends.
    func remember(_ keeper: RingTokenKeeper) { self.keepers.withLock { $0.append(keeper) } }

    /// Waits for refreshes under way, and stores their tokens: one that is cut off, by a signal or the command's time, may
    /// take its account with it. A command that only waits for another process stops waiting.
    ///
    /// - Returns: The accounts whose newest tokens could not be stored.
    func settle() async -> [RingAccountID] {
        var left: [RingAccountID] = []
        for keeper in self.keepers.withLock({ $0 }) { left += await keeper.settle() }
        return left
    }

    /// Whether there is something at a path.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The folder of a file, as a path.
    static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "." }

    /// Whether `--store` names a PostgreSQL database.
    static func isPostgres(_ place: String) -> Bool {
        place.hasPrefix("postgres://") || place.hasPrefix("postgresql://")
    }

    /// The database that `--store` names. Two opens of one file are one connection.
    ///
    /// - Parameter createsTables: Whether missing tables of a PostgreSQL database are made.
    /// - Throws: `RingError` with code `storageFailed` when it cannot be opened.
    func storage(
        _ place: String, within limit: Duration, createsTables: Bool
    ) async throws -> any RingStorageListing {
        if place == "memory" { return self.memory }
        if Self.isPostgres(place) {
            var options = RingPostgresOptions()
            options.maximumConnections = 4
            options.connectionTimeout = min(limit, options.connectionTimeout)
            options.migrates = createsTables
            return try await RingPostgresDatabase.open(place, options: options)
        }
        // Dozens of commands may write at once; each waits for its turn, as long as the command may last.
        let options = RingSQLiteOptions(busyTimeout: limit)
        return try await RingSQLiteDatabase.open(.file(place), options: options)
    }
}
