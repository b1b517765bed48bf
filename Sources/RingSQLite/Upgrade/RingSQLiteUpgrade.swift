/// Brings a file to the schema of this release when it is opened.
enum RingSQLiteUpgrade {
    /// - Throws: ``RingSQLiteError``; nothing was changed then.
    static func run(on connection: RingSQLiteConnection) throws {
        // A file that is up to date needs no write lock.
        if try Self.schema(of: connection) ?? 0 >= RingSQLiteSchema.current { return try connection.checkWriter() }
        try connection.execute("BEGIN IMMEDIATE")
        do {
            try connection.checkWriter()
            // Another process may have been faster.
            if try Self.schema(of: connection) == nil { try Self.create(on: connection) }
            try connection.execute("COMMIT")
        } catch {
            if !connection.isAutocommit { _ = try? connection.execute("ROLLBACK") }
            throw error
        }
    }

    /// The schema of the file; `nil` when it has none of the storage's tables.
    private static func schema(of connection: RingSQLiteConnection) throws -> Int64? {
        guard try Self.has(table: "ring_record", connection) else { return nil }
        return try connection.first("SELECT version FROM ring_schema WHERE room = 'storage'") { $0.integer(0) }
    }

    static func has(table: String, _ connection: RingSQLiteConnection) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", [.text(table)]
        ) { _ in true } ?? false
    }

    /// Makes the tables and moves what the releases before 0.2 stored, all in the transaction of the caller.
    private static func create(on connection: RingSQLiteConnection) throws {
        try connection.script(
            """
            CREATE TABLE IF NOT EXISTS ring_schema (room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
            PRAGMA user_version = \(RingSQLiteSchema.oldestWriter);
            """ + RingSQLiteSchema.tables)
        let now = try connection.first("SELECT CAST(strftime('%s', 'now') AS INTEGER)") { $0.integer(0) } ?? 0
        try Self.moveTokens(on: connection, now: now * 1_000_000)
        try Self.moveInbox(on: connection)
        // Ring ends these sessions within a minute.
        try connection.script("DROP TABLE IF EXISTS live_session")
        for (name, version) in [("storage", RingSQLiteSchema.current)] + Self.oldNames.map({ ($0, Self.closed) }) {
            try connection.execute(
                "INSERT INTO ring_schema VALUES (?1, ?2) ON CONFLICT (room) DO UPDATE SET version = excluded.version",
                [.text(name), .integer(version)])
        }
    }

    /// What the releases before 0.2 look up before they use the file, and a version that they refuse as too new.
    private static let oldNames = ["tokens", "inbox", "live"]
    private static let closed: Int64 = 1_000_000

    /// The first version of a record that is moved.
    static func newVersion() -> Int64 { Int64.random(in: 1 ... .max >> 1) }
}

extension RingSQLiteConnection {
    /// Begins a transaction that writes, in a file that this release may write.
    ///
    /// - Throws: ``RingSQLiteError``.
    func beginWriting() throws {
        self.leases.forgetHolders()
        try self.run(.beginImmediate)
        try self.checkWriter()
    }

    /// Refuses a file that a newer release has closed to this one, also when that happened after it was opened.
    ///
    /// - Throws: ``RingSQLiteError`` with code `newerSchema`.
    func checkWriter() throws {
        let oldest = try self.value(.oldestWriter)
        guard oldest > RingSQLiteSchema.current else { return }
        throw RingSQLiteError(
            code: .newerSchema,
            message: """
                \(self.path): a newer release has changed the file, and only releases with schema \(oldest) or later may \
                write it; this one has \(RingSQLiteSchema.current). run the newer release; nothing was changed
                """)
    }

    /// Gives some unused pages back to the file system when there are many.
    func shrink() throws {
        guard self.canShrink else { return }
        let free = try self.value(.freePages)
        // The rest is reused by later writes.
        guard free >= 256, free >= (try self.value(.pages)) / 4 else { return }
        try self.run(.shrink)
    }

    func run(_ id: RingSQLiteStatementID) throws {
        let statement = try self.statement(id)
        defer { statement.rest() }
        while try statement.step() {}
    }

    private func value(_ id: RingSQLiteStatementID) throws -> Int64 {
        let statement = try self.statement(id)
        defer { statement.rest() }
        return try statement.step() ? statement.row.integer(0) : 0
    }
}
