/// The inbox's table and statements.
enum RingSQLiteWebhookSchema {
    /// What a row's `state` means. Of each lane at most one row is `waiting` or `running`; the others stand `behind` it, so
    /// that a claim reads nothing but what it can take.
    enum State {
        static let waiting = 0
        static let running = 1
        static let done = 2
        static let quarantined = 3
        static let behind = 4
    }

    /// Times are microseconds since 1970. `due` is the moment a waiting row may be taken, of a running one its lease's end.
    static let migration = RingSQLiteMigration(
        room: "inbox",
        steps: [
            """
            CREATE TABLE inbox (
                id INTEGER PRIMARY KEY,
                request_id TEXT NOT NULL,
                event_id TEXT NOT NULL,
                state INTEGER NOT NULL,
                lane TEXT,
                position INTEGER NOT NULL,
                due INTEGER NOT NULL,
                owner TEXT,
                attempts INTEGER NOT NULL,
                received INTEGER NOT NULL,
                reason TEXT,
                body BLOB NOT NULL
            ) STRICT;
            CREATE UNIQUE INDEX inbox_key ON inbox (request_id, event_id);
            CREATE INDEX inbox_open ON inbox (state, due, id) WHERE state IN (0, 1, 4);
            CREATE INDEX inbox_lane ON inbox (lane, position, id) WHERE lane IS NOT NULL AND state IN (0, 4);
            CREATE INDEX inbox_busy ON inbox (lane) WHERE lane IS NOT NULL AND state = 1;
            CREATE INDEX inbox_settled ON inbox (state, received) WHERE state IN (2, 3);
            """
        ])

    static let columns =
        "id, request_id, event_id, lane, position, body, received, attempts, reason"

    static let insert = """
        INSERT INTO inbox
        (request_id, event_id, state, lane, position, due, attempts, received, reason, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?8, ?9) ON CONFLICT (request_id, event_id) DO NOTHING
        """

    // Bringing a lane in order: nothing waits while one runs, else the first by position, then by arrival.
    static let laneIsBusy = "SELECT 1 FROM inbox WHERE lane = ?1 AND state = 1 LIMIT 1"
    static let laneFirst = """
        SELECT id, state FROM inbox WHERE lane = ?1 AND state IN (0, 4) ORDER BY position, id LIMIT 1
        """
    static let stepBack = "UPDATE inbox SET state = 4 WHERE lane = ?1 AND state = 0 AND id <> ?2"
    static let stepForward = "UPDATE inbox SET state = 0 WHERE id = ?1"

    static let expired = "SELECT id, lane FROM inbox WHERE state = 1 AND due <= ?1"
    static let ownedBy = "SELECT id, lane FROM inbox WHERE state = 1 AND owner = ?1"
    static let putBack = "UPDATE inbox SET state = ?2, due = ?3, owner = NULL WHERE id = ?1"
    static let anythingToClaim = """
        SELECT EXISTS (SELECT 1 FROM inbox WHERE state = 0 AND due <= ?1)
            OR EXISTS (SELECT 1 FROM inbox WHERE state = 1 AND due <= ?1)
        """
    static let claimable = """
        SELECT \(columns) FROM inbox WHERE state = 0 AND due <= ?1 ORDER BY due, id LIMIT ?2
        """
    static let take = "UPDATE inbox SET state = 1, due = ?2, owner = ?3, attempts = attempts + 1 WHERE id = ?1"

    static let extend = """
        UPDATE inbox SET due = ?4 WHERE request_id = ?1 AND event_id = ?2 AND state = 1 AND owner = ?3
        """
    static let held = """
        SELECT id, lane FROM inbox WHERE request_id = ?1 AND event_id = ?2 AND state = 1 AND owner = ?3
        """
    static let finish = "UPDATE inbox SET state = 2, owner = NULL, reason = NULL, body = x'' WHERE id = ?1"
    static let retry = "UPDATE inbox SET state = ?2, due = ?3, owner = NULL, reason = ?4 WHERE id = ?1"
    static let giveBack = "UPDATE inbox SET state = ?2, due = ?3, owner = NULL, attempts = attempts - 1 WHERE id = ?1"
    static let quarantine = "UPDATE inbox SET state = 3, owner = NULL, reason = ?2 WHERE id = ?1"

    static let quarantined = "SELECT \(columns) FROM inbox WHERE state = 3 ORDER BY id LIMIT ?1"
    static let quarantinedOne = "SELECT id, lane FROM inbox WHERE request_id = ?1 AND event_id = ?2 AND state = 3"
    static let release = "UPDATE inbox SET state = ?2, due = ?3, attempts = 0 WHERE id = ?1"
    static let backlog = """
        SELECT (SELECT count(*) FROM inbox WHERE state = 0) + (SELECT count(*) FROM inbox WHERE state = 4)
        """
    static let counts = "SELECT state, count(*) FROM inbox GROUP BY state"
    static let purge = """
        DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state = ?1 AND received < ?2 LIMIT ?3)
        """
}
