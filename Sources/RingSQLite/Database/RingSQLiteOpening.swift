internal import CRingSQLite

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The steps from a path to a connection that is safe to use.
enum RingSQLiteOpening {
    /// Marks a file as this package's: "Ring" in ASCII.
    private static let applicationID: Int64 = 0x5269_6E67

    /// - Throws: ``RingSQLiteError``.
    static func open(
        _ location: RingSQLiteDatabase.Location, _ identity: RingSQLiteFile.Identity?, _ options: RingSQLiteOptions
    ) throws -> RingSQLiteConnection {
        let path = location.text
        var name = ":memory:"
        // Neither ":memory:" nor "file:…" as a relative name may mean anything but a file.
        if case .file(let file) = location { name = file.hasPrefix("/") ? file : "./" + file }
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let result = unsafe sqlite3_open_v2(name, &opened, flags, nil)
        guard let handle = unsafe opened else {
            throw RingSQLiteError(code: .cannotOpen, message: "\(path): SQLite has no memory", sqliteCode: result)
        }
        guard result == SQLITE_OK else {
            let text = unsafe String(cString: sqlite3_errmsg(handle))
            unsafe sqlite3_close_v2(handle)
            throw RingSQLiteError.from(resultCode: result, text: text, path: path)
        }
        unsafe sqlite3_extended_result_codes(handle, 1)
        unsafe Self.installBusyHandler(on: handle, timeout: options.busyTimeout)
        let connection = unsafe RingSQLiteConnection(handle: handle, path: path)
        if let identity, try RingSQLiteFile.identity(of: path) != identity {
            throw RingSQLiteError(
                code: .replaced, message: "\(path) was replaced while it was opened; open it once more")
        }
        try Self.patiently(options.busyTimeout) { try Self.configure(connection, path: path) }
        return connection
    }

    /// Repeats while the file is locked: SQLite does not call the busy handler when two connections change the journal's
    /// mode at once, since both could wait for each other.
    private static func patiently(_ timeout: Duration, _ work: () throws -> Void) throws {
        let end = ContinuousClock.now + timeout
        while true {
            do {
                return try work()
            } catch let error as RingSQLiteError where error.code == .locked && ContinuousClock.now < end {
                usleep(UInt32.random(in: 500...1_500))
            }
        }
    }

    private static func configure(_ connection: RingSQLiteConnection, path: String) throws {
        // In this order: whoever opens the file at the same moment marks it before making tables.
        let tables = try connection.first("SELECT count(*) FROM sqlite_master") { $0.integer(0) } ?? 0
        let mark = try connection.first("PRAGMA application_id") { $0.integer(0) } ?? 0
        guard mark == Self.applicationID || tables == 0 else {
            throw RingSQLiteError(
                code: .foreignFile,
                message: "\(path) holds another application's tables; name a file of its own; nothing was changed")
        }
        // Has an effect on a file without tables alone.
        if tables == 0 { try connection.execute("PRAGMA auto_vacuum = INCREMENTAL") }
        for pragma in [
            "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
            // Deleted secrets are overwritten, not only unlinked.
            "PRAGMA secure_delete = ON", "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
            "PRAGMA temp_store = MEMORY", "PRAGMA journal_size_limit = 16777216",
        ] { try connection.execute(pragma) }
        if mark != Self.applicationID { try connection.execute("PRAGMA application_id = \(Self.applicationID)") }
        connection.canShrink = try connection.first("PRAGMA auto_vacuum") { $0.integer(0) } == 2
        try RingSQLiteUpgrade.run(on: connection)
    }

    /// Waits in small random steps: SQLite's own handler sleeps up to 100 ms, long after the lock is free.
    private static func installBusyHandler(on handle: OpaquePointer, timeout: Duration) {
        // The number of steps stands in for the time: a step lasts 1 ms on average.
        let steps =
            max(0, min(timeout.components.seconds, 3_600)) * 1_000
            + timeout.components.attoseconds / 1_000_000_000_000_000
        let context = unsafe UnsafeMutableRawPointer(bitPattern: Int(steps) + 1)
        unsafe sqlite3_busy_handler(handle, { unsafe waitWhileBusy($0, $1) }, context)
    }
}

private func waitWhileBusy(_ context: UnsafeMutableRawPointer?, _ attempt: Int32) -> Int32 {
    let steps = Int(bitPattern: context) - 1
    guard Int(attempt) < steps else { return 0 }
    usleep(UInt32.random(in: 500...1_500))
    return 1
}
