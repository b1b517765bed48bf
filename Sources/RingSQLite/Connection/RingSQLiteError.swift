internal import CRingSQLite
package import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why a database operation failed.
///
/// ``message`` names the file and what to do; it never holds a stored value.
public struct RingSQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var code: Code
    /// What went wrong, where, and what to do, in one or two sentences.
    public var message: String
    /// SQLite's extended result code, `nil` when SQLite reported none.
    package var sqliteCode: Int32?

    /// Creates an error.
    package init(code: Code, message: String, sqliteCode: Int32? = nil) {
        self.code = code
        self.message = message
        self.sqliteCode = sqliteCode
    }

    /// The code and the message.
    public var description: String { "\(self.code): \(self.message)" }

    /// A kind of failure. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// The snake_case name, stable over releases.
        public var description: String { self.name }

        /// The disk or the quota is full: nothing was written.
        public static let diskFull = Self("disk_full")
        /// The file or its folder cannot be written: nothing was written.
        public static let readOnly = Self("read_only")
        /// Another process kept the file locked for longer than the busy timeout.
        public static let locked = Self("locked")
        /// The file is damaged, or is no SQLite database.
        public static let corrupted = Self("corrupted")
        /// The file was written by a newer release of this package than this one.
        public static let newerSchema = Self("newer_schema")
        /// The file belongs to another application.
        package static let foreignFile = Self("foreign_file")
        /// The file cannot be opened or created.
        public static let cannotOpen = Self("cannot_open")
        /// The file is on a network file system.
        package static let networkFileSystem = Self("network_file_system")
        /// Another file took the place of the database while it was opened.
        package static let replaced = Self("replaced")
        /// The disk reported an error.
        public static let inputOutput = Self("input_output")
        /// A uniqueness or other rule of the schema refused the change.
        package static let constraint = Self("constraint")
        /// The database was closed.
        package static let closed = Self("closed")
        /// A defect of this package: report it.
        package static let misuse = Self("misuse")
    }
}

extension RingSQLiteError {
    /// The one place where a result code of SQLite becomes an error.
    static func from(resultCode: Int32, text: String, path: String) -> RingSQLiteError {
        let (code, advice) = Self.meaning(of: resultCode)
        return RingSQLiteError(
            code: code, message: "\(path): \(text) (SQLite \(resultCode)); \(advice)", sqliteCode: resultCode)
    }

    private static func meaning(of resultCode: Int32) -> (Code, String) {
        switch resultCode & 0xFF {
        case SQLITE_FULL: (.diskFull, "free some disk space; nothing was written")
        case SQLITE_READONLY, SQLITE_PERM:
            (.readOnly, "make the file and its folder writable for this user; nothing was written")
        case SQLITE_BUSY, SQLITE_LOCKED:
            (.locked, "another process holds the file; wait for it or end it; nothing was written")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            (.corrupted, "keep the file, stop every process that uses it, and restore a backup")
        case SQLITE_CANTOPEN, SQLITE_AUTH, SQLITE_NOLFS:
            (.cannotOpen, "check the path, its folder and their permissions")
        case SQLITE_IOERR: (.inputOutput, "check the disk; what was not confirmed was not written")
        case SQLITE_CONSTRAINT: (.constraint, "the change was refused; nothing was written")
        default: (.misuse, "this is a defect of this package; please report it")
        }
    }
}

extension RingSQLiteError {
    /// The same failure as an error of the whole package: code `storageFailed`, with this error as its cause.
    package func asRingError() -> RingError {
        RingError(code: .storageFailed, message: "\(self.code): \(self.message)", cause: self)
    }
}

extension RingSQLiteError: LocalizedError {
    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}
