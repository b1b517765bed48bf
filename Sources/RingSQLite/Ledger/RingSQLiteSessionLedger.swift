internal import RingCore
public import RingWHEP

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The ledger of live sessions in an SQLite file: on the disk before a camera is asked, safe for several processes.
public struct RingSQLiteSessionLedger: WHEPSessionLedger {
    private let database: RingSQLiteDatabase
    // Times are milliseconds since 1970.
    private static let migration = RingSQLiteMigration(
        room: "live",
        steps: [
            """
            CREATE TABLE live_session (
                id TEXT PRIMARY KEY,
                owner TEXT NOT NULL,
                incarnation TEXT NOT NULL,
                account TEXT,
                device TEXT NOT NULL,
                started INTEGER NOT NULL,
                may_run_until INTEGER NOT NULL,
                url TEXT
            ) STRICT, WITHOUT ROWID;
            """
        ])

    /// Opens the ledger in a database, which other rooms may share.
    ///
    /// - Throws: `RingError` with code `storageFailed` when the schema is newer or the file fails.
    public init(in database: RingSQLiteDatabase) async throws {
        self.database = database
        do { try await database.migrate(Self.migration) } catch let error as RingSQLiteError {
            throw error.asRingError()
        }
    }

    /// Notes a session before it is asked for.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func insert(_ record: WHEPSessionRecord) async throws {
        let values: [RingSQLiteValue] = [
            .text(record.id), .text(record.owner.name), .text(record.owner.incarnation),
            RingSQLiteValue(record.account?.rawValue), .text(record.device.rawValue),
            .integer(Self.milliseconds(record.startedAt)), .integer(Self.milliseconds(record.mayRunUntil)),
            RingSQLiteValue(record.sessionURL?.absoluteString),
        ]
        try await self.write("INSERT OR REPLACE INTO live_session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", values)
    }

    /// Notes where a session can be closed.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func update(_ id: WHEPSessionRecord.ID, sessionURL: URL, mayRunUntil: Date) async throws {
        try await self.write(
            "UPDATE live_session SET url = ?2, may_run_until = ?3 WHERE id = ?1",
            [.text(id), .text(sessionURL.absoluteString), .integer(Self.milliseconds(mayRunUntil))])
    }

    /// Forgets a session that has ended.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func remove(_ id: WHEPSessionRecord.ID) async throws {
        try await self.write("DELETE FROM live_session WHERE id = ?1", [.text(id)])
    }

    /// Every record, oldest first.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func records() async throws -> [WHEPSessionRecord] {
        do {
            return try await self.database.read { connection in
                try connection.query(
                    """
                    SELECT id, owner, incarnation, account, device, started, may_run_until, url
                    FROM live_session ORDER BY started, id
                    """
                ) { row in
                    WHEPSessionRecord(
                        id: row.text(0), owner: WHEPSessionOwner(name: row.text(1), incarnation: row.text(2)),
                        account: row.optionalText(3).map(RingAccountID.init(rawValue:)),
                        device: RingDeviceID(rawValue: row.text(4)), startedAt: Self.date(row.integer(5)),
                        mayRunUntil: Self.date(row.integer(6)),
                        sessionURL: row.optionalText(7).flatMap { URL(string: $0, encodingInvalidCharacters: false) })
                }
            }
        } catch let error as RingSQLiteError { throw error.asRingError() }
    }

    private func write(_ sql: String, _ values: [RingSQLiteValue]) async throws {
        do {
            try await self.database.write { connection in _ = try connection.execute(sql, values) }
        } catch let error as RingSQLiteError { throw error.asRingError() }
    }

    private static func milliseconds(_ date: Date) -> Int64 {
        Int64(exactly: (date.timeIntervalSince1970 * 1_000).rounded()) ?? .max
    }

    private static func date(_ milliseconds: Int64) -> Date {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
    }
}
