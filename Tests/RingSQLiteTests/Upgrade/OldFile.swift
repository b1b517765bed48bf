import Foundation

/// A file as the release before 0.2 (480b78d) left it.
enum OldFile {
    /// Makes the file.
    static func make(_ path: String, tokenStep: Int = 2) throws {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try RawSQLite.run(path, Self.tables + Self.rows)
        if tokenStep == 1 {
            try RawSQLite.run(
                path,
                """
                ALTER TABLE token_account DROP COLUMN warned_days;
                UPDATE ring_schema SET version = 1 WHERE room = 'tokens';
                """)
        }
    }

    private static let tables = """
        PRAGMA journal_mode = WAL;
        PRAGMA application_id = 1382641255;
        CREATE TABLE ring_schema (room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO ring_schema VALUES ('tokens', 2), ('inbox', 1), ('live', 1);
        CREATE TABLE token_account (
            account TEXT PRIMARY KEY, version INTEGER NOT NULL, stage TEXT NOT NULL, condition TEXT NOT NULL,
            generation INTEGER NOT NULL, fence INTEGER NOT NULL,
            access_expires INTEGER, refresh_expires INTEGER, issued INTEGER, scope TEXT,
            attempt_holder TEXT, attempt_fence INTEGER, attempt_started INTEGER, attempt_expires INTEGER,
            principal TEXT, link_time TEXT, link_step TEXT, link_worker TEXT, link_worker_expires INTEGER,
            seed TEXT, exchanged INTEGER NOT NULL, linked INTEGER, due INTEGER,
            secrets BLOB, key_id TEXT
        ) WITHOUT ROWID;
        CREATE INDEX token_account_stage ON token_account (stage, exchanged);
        CREATE INDEX token_account_due ON token_account (due) WHERE due IS NOT NULL;
        CREATE INDEX token_account_principal ON token_account (principal) WHERE principal IS NOT NULL;
        CREATE INDEX token_account_seed ON token_account (seed) WHERE seed IS NOT NULL;
        CREATE INDEX token_account_key ON token_account (key_id);
        CREATE TABLE token_key (id TEXT PRIMARY KEY, probe BLOB NOT NULL) WITHOUT ROWID;
        ALTER TABLE token_account ADD COLUMN warned_days INTEGER;
        CREATE TABLE inbox (
            id INTEGER PRIMARY KEY, request_id TEXT NOT NULL, event_id TEXT NOT NULL, state INTEGER NOT NULL,
            lane TEXT, position INTEGER NOT NULL, due INTEGER NOT NULL, owner TEXT, attempts INTEGER NOT NULL,
            received INTEGER NOT NULL, reason TEXT, body BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX inbox_key ON inbox (request_id, event_id);
        CREATE INDEX inbox_open ON inbox (state, due, id) WHERE state IN (0, 1, 4);
        CREATE INDEX inbox_lane ON inbox (lane, position, id) WHERE lane IS NOT NULL AND state IN (0, 4);
        CREATE INDEX inbox_busy ON inbox (lane) WHERE lane IS NOT NULL AND state = 1;
        CREATE INDEX inbox_settled ON inbox (state, received) WHERE state IN (2, 3);
        CREATE TABLE live_session (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL, incarnation TEXT NOT NULL, account TEXT, device TEXT NOT NULL,
            started INTEGER NOT NULL, may_run_until INTEGER NOT NULL, url TEXT
        ) STRICT, WITHOUT ROWID;

        """

    private static let rows = """
        INSERT INTO token_account VALUES
        ('linked', 31, 'linked', 'current', 7, 9, 1001, 1002, 1003, 'ava.v1:read', NULL, NULL, NULL, NULL,
            'user-1', NULL, NULL, NULL, NULL, 'seed-1', 2000, 2500, 3000, x'010203', 'key-1', 5),
        ('refreshing', 1, 'linked', 'current', 3, 4, 1001, 1002, 1003, '', 'holder', 4, 1500, 1560,
            NULL, NULL, NULL, NULL, NULL, NULL, 2001, 2501, 3001, x'00ff', NULL, NULL),
        ('broken', 1, 'linked', 'relink_required', 3, 4, 1001, 1002, 1003, '', NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, 2002, 2502, 3002, x'00ff', NULL, NULL),
        ('claimed', 2, 'claimed', 'uncertain', 0, 0, 1, 2, 3, '', NULL, NULL, NULL, NULL,
            'user-2', '1795000000123', 'confirming', 'worker', 99, NULL, 2003, NULL, NULL, x'00', NULL, NULL),
        ('unclaimed', 2, 'unclaimed', 'current', 0, 0, 1, 2, 3, '', NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, 2004, NULL, 3004, x'00', NULL, NULL),
        ('unidentified/1', 2, 'unidentified', 'current', 0, 0, 1, 2, 3, '', NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, 2005, NULL, NULL, x'00', NULL, NULL),
        ('removed', 2, 'removed', 'current', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, 2006, NULL, 3006, x'0000000000', NULL, NULL);
        INSERT INTO token_key VALUES ('key-1', x'aabb');
        INSERT INTO inbox VALUES
        (1, 'r1', 'e', 0, NULL, 10, 100, NULL, 0, 100, NULL, x'6131'),
        (2, 'r2', 'e', 0, NULL, 10, 900, NULL, 2, 101, 'busy', x'6132'),
        (3, 'r3', 'e', 1, NULL, 10, 950, 'me', 1, 102, NULL, x'6133'),
        (4, 'r4', 'e', 2, NULL, 10, 103, NULL, 1, 103, NULL, x''),
        (5, 'r5', 'e', 3, 'lane', 10, 104, NULL, 8, 104, 'too often', x'6135'),
        (6, 'r6', 'e', 4, 'lane', 30, 105, NULL, 0, 105, NULL, x'6136'),
        (7, 'r7', 'e', 0, 'lane', 20, 960, NULL, 1, 106, 'failed', x'6137'),
        (8, 'r8', 'e', 1, 'other', -5, 970, 'me', 1, 107, NULL, x'6138'),
        (9, 'r9', 'e', 4, 'other', -4, 108, NULL, 0, 108, NULL, x'6139');
        INSERT INTO live_session VALUES ('s', 'default', 'i', 'a', 'd', 1, 2, 'https://example.com/s');

        """
}
