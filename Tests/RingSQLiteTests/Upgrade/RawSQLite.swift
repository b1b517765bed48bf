import CRingSQLite
import Testing

/// SQLite without this package: for files of other releases and other programs.
enum RawSQLite {
    /// Runs statements on a file.
    static func run(_ path: String, _ sql: String) throws {
        var handle: OpaquePointer?
        #expect(unsafe sqlite3_open(path, &handle) == SQLITE_OK)
        defer { unsafe sqlite3_close(handle) }
        unsafe sqlite3_busy_timeout(handle, 10_000)
        let result = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        let message = unsafe String(cString: sqlite3_errmsg(handle))
        try #require(result == SQLITE_OK, "\(message)")
    }
}
