import RingPartner
import RingSQLite
import Synchronization

/// The one open store of this process; `webhook listen` and the tokens share its file.
final class CommandStore: Sendable {
    static let shared = CommandStore()
    private let opened = Mutex<[String: RingSQLiteDatabase]>([:])
    private let keepers = Mutex<[RingTokenKeeper]>([])

    /// Notes a keeper that must settle before the process ends.
    func remember(_ keeper: RingTokenKeeper) { self.keepers.withLock { $0.append(keeper) } }

    /// Waits for refreshes under way: one that is cut off, by a signal or the command's time, may take its account with it.
    func settle() async {
        for keeper in self.keepers.withLock({ $0 }) { await keeper.settle() }
    }

    /// Opens the database once.
    ///
    /// - Throws: `RingError` with code `storageFailed` when it cannot be opened.
    func database(_ location: RingSQLiteDatabase.Location) async throws -> RingSQLiteDatabase {
        if let known = self.opened.withLock({ $0[location.description] }) { return known }
        let database = try await RingSQLiteDatabase.open(location)
        return self.opened.withLock { opened in
            if let other = opened[location.description] { return other }
            opened[location.description] = database
            return database
        }
    }

    /// The token store in a file, sealed when `RING_SEALING_KEYS` is set.
    ///
    /// - Throws: `RingError` with code `storageFailed`; `UsageError` for keys that cannot be used.
    func tokens(
        _ location: RingSQLiteDatabase.Location, sealing: RingSealingKeyRing?, environment: RingEnvironment
    ) async throws -> RingSQLiteTokenStore {
        try await RingSQLiteTokenStore(
            in: try await self.database(location), sealing: sealing, environment: environment)
    }
}
