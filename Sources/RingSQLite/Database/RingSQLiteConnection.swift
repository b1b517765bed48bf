internal import CRingSQLite

/// The open connection, as a closure of ``RingSQLiteDatabase/read(_:)`` or ``RingSQLiteDatabase/write(_:)`` sees it.
///
/// `@unchecked Sendable` because it holds C handles: the one serial queue of its database is the only place that
/// touches it, and closures must not keep it.
@safe package final class RingSQLiteConnection: @unchecked Sendable {
    private let handle: OpaquePointer
    private let path: String
    private var statements: [String: OpaquePointer] = unsafe [:]

    /// - Parameter handle: An open connection; this value closes it.
    init(handle: OpaquePointer, path: String) {
        unsafe self.handle = handle
        self.path = path
    }

    deinit {
        self.forget()
        unsafe sqlite3_close_v2(self.handle)
    }

    /// Whether no transaction is open; SQLite ends one itself after some failures.
    var isAutocommit: Bool { unsafe sqlite3_get_autocommit(self.handle) != 0 }

    /// Runs a statement that gives no rows.
    ///
    /// - Returns: How many rows it inserted, changed or deleted.
    /// - Throws: ``RingSQLiteError``.
    @discardableResult
    package func execute(_ sql: String, _ values: [RingSQLiteValue] = []) throws -> Int {
        let statement = unsafe try self.prepared(sql, values)
        defer { unsafe Self.rest(statement) }
        while true {
            let result = unsafe sqlite3_step(statement)
            if result == SQLITE_DONE { return unsafe Int(sqlite3_changes(self.handle)) }
            guard result == SQLITE_ROW else { throw self.failure(result) }
        }
    }

    /// Runs a query and converts each row.
    ///
    /// - Throws: ``RingSQLiteError``, and what `convert` throws.
    package func query<Element>(
        _ sql: String, _ values: [RingSQLiteValue] = [], _ convert: (RingSQLiteRow) throws -> Element
    ) throws -> [Element] {
        let statement = unsafe try self.prepared(sql, values)
        defer { unsafe Self.rest(statement) }
        var elements: [Element] = []
        while true {
            let result = unsafe sqlite3_step(statement)
            if result == SQLITE_DONE { return elements }
            guard result == SQLITE_ROW else { throw self.failure(result) }
            unsafe elements.append(try convert(RingSQLiteRow(statement: statement)))
        }
    }

    /// Runs a query and converts its first row; `nil` when there is none.
    ///
    /// - Throws: ``RingSQLiteError``, and what `convert` throws.
    package func first<Element>(
        _ sql: String, _ values: [RingSQLiteValue] = [], _ convert: (RingSQLiteRow) throws -> Element
    ) throws -> Element? {
        let statement = unsafe try self.prepared(sql, values)
        defer { unsafe Self.rest(statement) }
        let result = unsafe sqlite3_step(statement)
        if result == SQLITE_DONE { return nil }
        guard result == SQLITE_ROW else { throw self.failure(result) }
        return unsafe try convert(RingSQLiteRow(statement: statement))
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

    private func failure(_ result: Int32) -> RingSQLiteError {
        let text = unsafe String(cString: sqlite3_errmsg(self.handle))
        let extended = unsafe sqlite3_extended_errcode(self.handle)
        return .from(resultCode: extended == SQLITE_OK ? result : extended, text: text, path: self.path)
    }

    private func prepared(_ sql: String, _ values: [RingSQLiteValue]) throws -> OpaquePointer {
        let statement = unsafe try self.statement(for: sql)
        for (position, value) in zip(Int32(1)..., values) {
            let result = unsafe Self.bind(value, at: position, to: statement)
            guard result == SQLITE_OK else {
                unsafe Self.rest(statement)
                throw self.failure(result)
            }
        }
        return unsafe statement
    }

    private func statement(for sql: String) throws -> OpaquePointer {
        if let statement = unsafe self.statements[sql] { return unsafe statement }
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let result = unsafe sqlite3_prepare_v3(self.handle, sql, -1, flags, &prepared, nil)
        guard result == SQLITE_OK, let statement = unsafe prepared else { throw self.failure(result) }
        unsafe self.statements[sql] = unsafe statement
        return unsafe statement
    }

    private func forget() {
        unsafe self.statements.values.forEach { unsafe sqlite3_finalize($0) }
        unsafe self.statements.removeAll()
    }

    private static func bind(_ value: RingSQLiteValue, at position: Int32, to statement: OpaquePointer) -> Int32 {
        // SQLITE_TRANSIENT, a cast macro that is not imported: SQLite copies the bytes before the call returns.
        let copy = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        return switch value {
        case .null: unsafe sqlite3_bind_null(statement, position)
        case .integer(let number): unsafe sqlite3_bind_int64(statement, position, number)
        case .real(let number): unsafe sqlite3_bind_double(statement, position, number)
        case .text(let text):
            // The length is given, so that a text with a zero byte in it is stored whole.
            unsafe text.utf8CString.withUnsafeBufferPointer {
                unsafe sqlite3_bind_text64(
                    statement, position, $0.baseAddress, UInt64($0.count - 1), copy, UInt8(SQLITE_UTF8))
            }
        case .blob(let bytes) where bytes.isEmpty: unsafe sqlite3_bind_zeroblob(statement, position, 0)
        case .blob(let bytes):
            unsafe bytes.withUnsafeBytes {
                unsafe sqlite3_bind_blob64(statement, position, $0.baseAddress, UInt64($0.count), copy)
            }
        }
    }

    /// Gives the statement back to the cache, without the values it held.
    private static func rest(_ statement: OpaquePointer) {
        unsafe sqlite3_reset(statement)
        unsafe sqlite3_clear_bindings(statement)
    }
}
