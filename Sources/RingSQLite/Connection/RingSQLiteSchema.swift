/// The tables of the storage, and which releases may write them.
enum RingSQLiteSchema {
    /// The schema this release writes.
    static let current: Int64 = 1
    /// The oldest schema whose releases may still write a file of this one. Stored as the file's `user_version`.
    static let oldestWriter: Int64 = 1
    /// How many pages a transaction with deletions gives back to the file system, at most.
    static let pagesToShrink = 256

    /// Key columns have no type: SQLite orders integers before texts, and texts by their bytes. The payload comes last, so
    /// that reading the other columns never reads its overflow pages.
    static let tables = """
        CREATE TABLE ring_record (
            row INTEGER PRIMARY KEY,
            collection TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            k0 ANY, k1 ANY, k2 ANY, k3 ANY, k4 ANY, k5 ANY, k6 ANY, k7 ANY,
            lease_token INTEGER, lease_process INTEGER, lease_until INTEGER,
            payload BLOB NOT NULL,
            UNIQUE (collection, name)
        ) STRICT;
        CREATE TABLE ring_process (
            id INTEGER PRIMARY KEY,
            boot TEXT NOT NULL, namespace TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL,
            leased_until INTEGER NOT NULL
        ) STRICT;
        """
        + (0..<8).map {
            "CREATE INDEX ring_record_k\($0) ON ring_record (collection, k\($0), name) WHERE k\($0) IS NOT NULL;\n"
        }.joined()
}
