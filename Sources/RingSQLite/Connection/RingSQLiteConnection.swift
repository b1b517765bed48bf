internal import CRingSQLite

/// The open connection, as a closure of ``RingSQLiteDatabase/read(_:)`` or ``RingSQLiteDatabase/write(_:)`` sees it.
///
/// `@unchecked Sendable` because it holds C handles: the one serial queue of its database is the only place that
/// touches it, and closures must not keep it.
@safe package final class RingSQLiteConnection: @unchecked Sendable {
    private var handle: OpaquePointer?
    let path: String
    private var statements: [String: OpaquePointer] = unsafe [:]
    /// The statements of records, by ``RingSQLiteStatementID``.
    private var numbered: [OpaquePointer?] = unsafe Array(repeating: nil, count: RingSQLiteStatementID.count)
    /// What is known about leases within the batch or transaction that runs.
    var leases = RingSQLiteLeaseMemory()
    /// Whether the file can give pages back.
    var canShrink = false

    /// - Parameter handle: An open connection; this value closes it.
    init(handle: OpaquePointer, path: String) {
        unsafe self.handle = handle
        self.path = path
    }

    deinit { self.close() }

    /// Closes the file. It must not be used afterwards.
    func close() {
        unsafe self.statements.values.forEach { unsafe sqlite3_finalize($0) }
        unsafe self.statements.removeAll()
        unsafe self.numbered.forEach { unsafe sqlite3_finalize($0) }
        unsafe self.numbered.removeAll()
        unsafe sqlite3_close_v2(self.handle)
        unsafe self.handle = nil
    }

    /// Whether no transaction is open; SQLite ends one itself after some failures.
    var isAutocommit: Bool { unsafe sqlite3_get_autocommit(self.handle) != 0 }

    /// Runs a statement that gives no rows.
    ///
    /// - Returns: How many rows it inserted, changed or deleted.
    /// - Throws: ``RingSQLiteError``.
    @discardableResult
    package func execute(_ sql: String, _ values: [RingSQLiteValue] = []) throws -> Int {
        let statement = try self.prepared(sql, values)
        defer { statement.rest() }
        while try statement.step() {}
        return self.changedRows
    }

    /// The rows that the latest statement inserted, changed or deleted.
    var changedRows: Int { unsafe Int(sqlite3_changes(self.handle)) }

    /// Runs a query and converts each row.
    ///
    /// - Throws: ``RingSQLiteError``, and what `convert` throws.
    package func query<Element>(
        _ sql: String, _ values: [RingSQLiteValue] = [], _ convert: (RingSQLiteRow) throws -> Element
    ) throws -> [Element] {
        let statement = try self.prepared(sql, values)
        defer { statement.rest() }
        var elements: [Element] = []
        while try statement.step() { elements.append(try convert(statement.row)) }
        return elements
    }

    /// Runs a query and converts its first row; `nil` when there is none.
    ///
    /// - Throws: ``RingSQLiteError``, and what `convert` throws.
    package func first<Element>(
        _ sql: String, _ values: [RingSQLiteValue] = [], _ convert: (RingSQLiteRow) throws -> Element
    ) throws -> Element? {
        let statement = try self.prepared(sql, values)
        defer { statement.rest() }
        return try statement.step() ? try convert(statement.row) : nil
    }

    /// Runs several statements, separated by semicolons, without values: for schema steps.
    ///
    /// - Throws: ``RingSQLiteError``.
    package func script(_ sql: String) throws {
        let result = unsafe sqlite3_exec(self.handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw self.failure(result) }
    }

    /// The row number of the latest insert on this connection.
    package var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(self.handle) }

    func failure(_ result: Int32) -> RingSQLiteError {
        let text = unsafe String(cString: sqlite3_errmsg(self.handle))
        let extended = unsafe sqlite3_extended_errcode(self.handle)
        return .from(resultCode: extended == SQLITE_OK ? result : extended, text: text, path: self.path)
    }

    /// A statement that is prepared once; the caller binds its values, and lets it rest.
    ///
    /// - Throws: ``RingSQLiteError``.
    func statement(_ id: RingSQLiteStatementID) throws -> RingSQLiteStatement {
        if let known = unsafe self.numbered[id.number] { return unsafe RingSQLiteStatement(known, of: self) }
        let new = unsafe try self.prepare(id.sql)
        unsafe self.numbered[id.number] = unsafe new
        return unsafe RingSQLiteStatement(new, of: self)
    }

    private func prepared(_ sql: String, _ values: [RingSQLiteValue]) throws -> RingSQLiteStatement {
        let statement: RingSQLiteStatement
        if let known = unsafe self.statements[sql] {
            unsafe statement = RingSQLiteStatement(known, of: self)
        } else {
            let new = unsafe try self.prepare(sql)
            unsafe self.statements[sql] = unsafe new
            unsafe statement = RingSQLiteStatement(new, of: self)
        }
        do {
            for (position, value) in zip(Int32(1)..., values) { try statement.bind(position, value) }
            return statement
        } catch {
            statement.rest()
            throw error
        }
    }

    private func prepare(_ sql: String) throws -> OpaquePointer {
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let result = unsafe sqlite3_prepare_v3(self.handle, sql, -1, flags, &prepared, nil)
        guard result == SQLITE_OK, let statement = unsafe prepared else { throw self.failure(result) }
        return unsafe statement
    }
}
