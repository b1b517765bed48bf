internal import CRingSQLite

extension RingSQLiteError {
    /// The one place where a result code of SQLite becomes an error.
    static func from(resultCode: Int32, text: String, path: String) -> RingSQLiteError {
        let (code, advice) = Self.meaning(of: resultCode)
        return RingSQLiteError(
            code: code, message: "\(path): \(text) (SQLite \(resultCode)). \(advice)", sqliteCode: resultCode)
    }

    private static func meaning(of resultCode: Int32) -> (Code, String) {
        switch resultCode & 0xFF {
        case SQLITE_FULL: (.diskFull, "Free some disk space; nothing was written.")
        case SQLITE_READONLY, SQLITE_PERM:
            (.readOnly, "Make the file and its folder writable for this user; nothing was written.")
        case SQLITE_BUSY, SQLITE_LOCKED:
            (.locked, "Another process holds the file; wait for it or end it. Nothing was written.")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            (.corrupted, "Keep the file, stop every process that uses it, and restore a backup.")
        case SQLITE_CANTOPEN, SQLITE_AUTH, SQLITE_NOLFS:
            (.cannotOpen, "Check the path, its folder and their permissions.")
        case SQLITE_IOERR: (.inputOutput, "Check the disk; what was not confirmed was not written.")
        case SQLITE_CONSTRAINT: (.constraint, "The change was refused; nothing was written.")
        default: (.misuse, "This is a defect of this package; please report it.")
        }
    }
}
