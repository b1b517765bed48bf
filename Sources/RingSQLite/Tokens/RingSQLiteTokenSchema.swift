internal import RingCore
internal import RingOAuth

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The tables and statements of the token store. Times are microseconds since 1970.
enum RingSQLiteTokenSchema {
    static let migration = RingSQLiteMigration(
        room: "tokens",
        steps: [
            """
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
            """,
            "ALTER TABLE token_account ADD COLUMN warned_days INTEGER",
        ])

    static let columns = """
        account, version, stage, condition, generation, fence, access_expires, refresh_expires, issued, scope, \
        attempt_holder, attempt_fence, attempt_started, attempt_expires, principal, link_time, link_step, link_worker, \
        link_worker_expires, seed, exchanged, linked, due, secrets, key_id, \
        warned_days
        """
    static let select = "SELECT \(Self.columns) FROM token_account WHERE account = ?1"
    static let version = "SELECT version FROM token_account WHERE account = ?1"
    static let delete = "DELETE FROM token_account WHERE account = ?1"
    static let put =
        "INSERT OR REPLACE INTO token_account (\(Self.columns)) VALUES ("
        + (1...26).map { "?\($0)" }.joined(separator: ", ") + ")"

    /// The condition and order of a query; must agree with `RingTokenQuery.matches(_:)`.
    static func clause(_ query: RingTokenQuery) -> (String, [RingSQLiteValue]) {
        switch query {
        case .all(let after):
            ("?1 IS NULL OR account > ?1 ORDER BY account", [RingSQLiteValue(after?.rawValue)])
        case .refreshDue(let moment):
            (
                "due <= ?1 AND stage <> 'removed' AND condition <> 'relink_required' ORDER BY due, account",
                [.integer(Self.microseconds(moment))]
            )
        case .pool(let moment):
            (
                """
                (stage = 'claimed' OR stage = 'unclaimed' AND exchanged >= ?1 OR stage = 'linked' AND exchanged >= ?1) \
                ORDER BY account
                """, [.integer(Self.microseconds(moment))]
            )
        case .abandoned(let stage, let moment):
            (
                "stage = ?1 AND exchanged < ?2 ORDER BY account",
                [.text(stage.rawValue), .integer(Self.microseconds(moment))]
            )
        case .unidentified: ("stage = 'unidentified' ORDER BY account", [])
        case .principal(let principal): ("principal = ?1 ORDER BY account", [.text(principal.rawValue)])
        case .seed(let fingerprint): ("seed = ?1 ORDER BY account", [.text(fingerprint)])
        }
    }

    static func microseconds(_ date: Date) -> Int64 {
        let value = (date.timeIntervalSince1970 * 1_000_000).rounded()
        return Int64(exactly: value) ?? (value < 0 ? .min : .max)
    }

    static func date(_ microseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}
