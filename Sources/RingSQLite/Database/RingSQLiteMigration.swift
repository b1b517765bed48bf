/// The schema of one room inside the shared file: its steps, oldest first.
///
/// A step's number is its place, from 1. A released step never changes; what changes is a further step.
package struct RingSQLiteMigration: Sendable {
    /// The room's name, which is also the prefix of its tables: `tokens`, `inbox`, `live`.
    package var room: String
    /// One step each; statements separated by semicolons.
    package var steps: [String]

    package init(room: String, steps: [String]) {
        self.room = room
        self.steps = steps
    }

    /// Brings the room's tables to the newest step.
    ///
    /// - Throws: ``RingSQLiteError``; ``RingSQLiteError/Code/newerSchema`` when the file has steps unknown here.
    func apply(to connection: RingSQLiteConnection, path: String) throws {
        try connection.execute(
            "CREATE TABLE IF NOT EXISTS ring_schema (room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID")
        let stored = try connection.first("SELECT version FROM ring_schema WHERE room = ?1", [.text(self.room)]) {
            Int($0.integer(0))
        }
        let version = stored ?? 0
        guard version <= self.steps.count else {
            throw RingSQLiteError(
                code: .newerSchema,
                message: """
                    \(path): the tables of '\(self.room)' are at step \(version), this release knows \
                    \(self.steps.count). Run the newer release; nothing was changed.
                    """)
        }
        guard version < self.steps.count else { return }
        for step in self.steps[max(version, 0)...] { try connection.script(step) }
        try connection.execute(
            "INSERT INTO ring_schema VALUES (?1, ?2) ON CONFLICT (room) DO UPDATE SET version = excluded.version",
            [.text(self.room), .integer(Int64(self.steps.count))])
    }
}
