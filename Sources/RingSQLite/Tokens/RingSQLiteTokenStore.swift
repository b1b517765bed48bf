public import RingCore
public import RingCrypto
public import RingOAuth

/// The embedded token store: one SQLite file, safe for several processes on one machine.
///
/// Every commit is on the disk (WAL, `synchronous=FULL`) before it returns. Secrets are sealed with AES-256-GCM when keys
/// are given; without, the observer hears of it once.
public struct RingSQLiteTokenStore: RingTokenStore {
    let database: RingSQLiteDatabase
    let sealer: RingTokenSealer

    /// Opens the store in a database, which other rooms may share.
    ///
    /// - Parameters:
    ///   - database: The open database.
    ///   - sealing: The keys for secrets at rest; the active one seals what is written from now on.
    ///   - environment: Whose observer hears when nothing is sealed.
    /// - Throws: `RingError` with code `storageFailed` when the schema is newer or the file fails; `misconfigured` when
    ///   the keys do not open what is stored. The stored tokens are untouched then.
    public init(
        in database: RingSQLiteDatabase, sealing: RingSealingKeyRing?, environment: RingEnvironment = RingEnvironment()
    ) async throws {
        self.database = database
        self.sealer = RingTokenSealer(keys: sealing)
        do {
            try await database.migrate(RingSQLiteTokenSchema.migration)
        } catch let error as RingSQLiteError { throw error.asRingError() }
        try await self.checkKeys()
        if sealing == nil {
            environment.observer.observe(RingTokensUnsealed(store: database.location.description))
        }
    }

    /// Opens a file, or memory, for tokens alone.
    ///
    /// - Throws: As ``init(in:sealing:environment:)``.
    public static func open(
        _ location: RingSQLiteDatabase.Location, sealing: RingSealingKeyRing?,
        environment: RingEnvironment = RingEnvironment(), options: RingSQLiteOptions = RingSQLiteOptions()
    ) async throws -> RingSQLiteTokenStore {
        do {
            let database = try await RingSQLiteDatabase.open(location, options: options)
            return try await RingSQLiteTokenStore(in: database, sealing: sealing, environment: environment)
        } catch let error as RingSQLiteError { throw error.asRingError() }
    }

    /// Closes the database, also for other rooms that share it. Later calls fail with code `storageFailed`.
    public func close() async { await self.database.close() }

    /// The record of one account, as last committed.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func record(for account: RingAccountID) async throws -> RingTokenRecord? {
        let row = try await self.read { connection in
            try connection.first(RingSQLiteTokenSchema.select, [.text(account.rawValue)]) { RingSQLiteTokenRow($0) }
        }
        return try row?.record(opening: self.sealer)
    }

    /// Writes all of the changes, or none.
    ///
    /// - Throws: `RingError` with code `storageFailed`; nothing was written.
    public func commit(_ changes: [RingTokenChange]) async throws -> Bool {
        let writes = try changes.map { change in
            switch change {
            case .put(let record, let version):
                Write(
                    account: record.accountID.rawValue, version: version,
                    row: try RingSQLiteTokenRow(record, sealing: self.sealer))
            case .delete(let account, let version): Write(account: account.rawValue, version: version, row: nil)
            }
        }
        return try await self.write { connection in
            for write in writes {
                let stored = try connection.first(RingSQLiteTokenSchema.version, [.text(write.account)]) {
                    $0.integer(0)
                }
                guard stored == write.version else { return false }
            }
            for write in writes {
                if let row = write.row {
                    try connection.execute(RingSQLiteTokenSchema.put, row.values)
                } else {
                    try connection.execute(RingSQLiteTokenSchema.delete, [.text(write.account)])
                }
            }
            return true
        }
    }

    private struct Write: Sendable {
        var account: String
        var version: Int64?
        var row: RingSQLiteTokenRow?
    }

    /// The accounts a query matches.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func accounts(_ query: RingTokenQuery, limit: Int?) async throws -> [RingAccountID] {
        let (clause, values) = RingSQLiteTokenSchema.clause(query)
        let sql = "SELECT account FROM token_account WHERE \(clause) LIMIT ?9"
        let bound = values + Array(repeating: .null, count: 8 - values.count) + [.integer(Int64(limit ?? -1))]
        return try await self.read { connection in
            try connection.query(sql, bound) { RingAccountID(rawValue: $0.text(0)) }
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        do { return try await self.database.read(body) } catch let error as RingSQLiteError {
            throw error.asRingError()
        }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        do { return try await self.database.write(body) } catch let error as RingSQLiteError {
            throw error.asRingError()
        }
    }
}
