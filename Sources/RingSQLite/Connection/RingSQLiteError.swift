/// Why the database could not do what it was asked.
///
/// ``message`` names the file and what to do; it never holds a stored value.
public struct RingSQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var code: Code
    /// What went wrong, where, and what to do, in one or two sentences.
    public var message: String
    /// SQLite's extended result code, `nil` when SQLite was not asked.
    public var sqliteCode: Int32?

    /// Creates an error.
    public init(code: Code, message: String, sqliteCode: Int32? = nil) {
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

        /// No room on the disk (or under the quota): nothing was written.
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
        public static let foreignFile = Self("foreign_file")
        /// The file cannot be opened or created.
        public static let cannotOpen = Self("cannot_open")
        /// The file is on a network file system.
        public static let networkFileSystem = Self("network_file_system")
        /// Another file took the place of the database while it was opened.
        public static let replaced = Self("replaced")
        /// The disk reported an error.
        public static let inputOutput = Self("input_output")
        /// A uniqueness or other rule of the schema refused the change.
        public static let constraint = Self("constraint")
        /// The database was closed.
        public static let closed = Self("closed")
        /// A defect of this package: report it.
        public static let misuse = Self("misuse")
    }
}
