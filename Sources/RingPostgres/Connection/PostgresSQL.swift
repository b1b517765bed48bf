internal import RingCore

/// The statements, for the tables of one schema.
struct PostgresSQL: Sendable {
    let schema: String

    /// - Throws: ``PostgresFailure`` when the name is not a plain one.
    init(schema: String) throws {
        let isPlain =
            schema.utf8.count <= 40 && schema.first.map { $0 == "_" || ("a"..."z").contains($0) } == true
            && schema.allSatisfy { $0 == "_" || ("a"..."z").contains($0) || ("0"..."9").contains($0) }
        guard isPlain else {
            throw PostgresFailure(
                kind: .schema,
                text:
                    "the name of the schema has to be lower-case letters, digits and _, at most 40, and to begin with "
                    + "a letter")
        }
        self.schema = schema
    }

    // MARK: Leases

    /// A lease is longer than this only if the server's clock was set back after it was taken: it counts as ended.
    private static let longestLease = "interval '2 hours'"

    /// Whether a record is held: the lease has not ended by the server's clock, and its process has not been removed.
    private var isHeld: String {
        """
        (r.lease_token IS NOT NULL AND r.lease_until > clock_timestamp() \
        AND r.lease_until < clock_timestamp() + \(Self.longestLease) \
        AND EXISTS (SELECT 1 FROM \(self.schema).ring_process p WHERE p.id = r.lease_process))
        """
    }

    private func until(_ parameter: Int) -> String {
        "clock_timestamp() + LEAST($\(parameter)::bigint, 3600000000) * interval '1 microsecond'"
    }

    // MARK: Reading

    private static let keys = (0..<RingStorageCollection.maximumIndexCount).map { "k\($0)" }

    private func columns(payload: Bool) -> String {
        "r.name, r.version, \(Self.keys.map { "r.\($0)" }.joined(separator: ", ")), "
            + "CASE WHEN \(self.isHeld) THEN r.lease_token END, \(payload ? "r.payload" : "NULL::bytea")"
    }

    /// $1 collections, $2 names.
    var records: String {
        """
        SELECT u.position, \(self.columns(payload: true)) \
        FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS u(collection, name, position) \
        JOIN \(self.schema).ring_record r ON r.collection = u.collection AND r.name = u.name ORDER BY u.position
        """
    }

    /// What is read of the records that a query matches.
    enum Content {
        case records, count, names
    }

    /// The statement of a query, and its values.
    func query(_ query: RingStorageQuery, _ content: Content = .records) -> PostgresCall {
        var values: [PostgresValue] = []
        let rows = self.rows(of: query, ordered: content != .count, &values)
        let sql =
            switch content {
            case .records: "SELECT 0::bigint, \(self.columns(payload: query.includesPayload)) \(rows)"
            case .count: "SELECT count(*) FROM (SELECT 1 \(rows)) counted"
            // One value for all: a row for each would cost more than the names. No UTF-8 text contains the separator.
            case .names: "SELECT string_agg(found.name, '\\xff'::bytea) FROM (SELECT r.name \(rows)) found"
            }
        return PostgresCall(sql: sql, values: values)
    }

    /// Takes what a query matches, and passes over what somebody else takes at the moment.
    func take(
        _ query: RingStorageQuery, excluding names: [[UInt8]], token: Int64, microseconds: Int64, process: Int64
    ) -> PostgresCall {
        var query = query
        query.isFree = true
        var values: [PostgresValue] = [
            .integer(token), .integer(microseconds), .integer(process), .byteStrings(names),
        ]
        let rows = self.rows(of: query, "r.name <> ALL($4::bytea[])", ordered: true, &values)
        // By their places, which need no plan that depends on the size of the table. The version begins again after the highest.
        let sql = """
            UPDATE \(self.schema).ring_record r SET \
            version = CASE WHEN r.version = 9223372036854775807 THEN (-9223372036854775808)::bigint ELSE r.version + 1 END, \
            lease_token = $1::bigint, lease_until = \(self.until(2)), lease_process = $3::bigint \
            WHERE r.ctid = ANY(ARRAY(SELECT r.ctid \(rows) FOR UPDATE OF r SKIP LOCKED)) \
            RETURNING 0::bigint, \(self.columns(payload: query.includesPayload))
            """
        return PostgresCall(sql: sql, values: values)
    }

    /// The part of a statement from `FROM` on.
    private func rows(
        of query: RingStorageQuery, _ condition: String? = nil, ordered: Bool, _ values: inout [PostgresValue]
    ) -> String {
        func add(_ value: PostgresValue) -> String {
            values.append(value)
            return "$\(values.count)"
        }
        var conditions = ["r.collection = \(add(.text(query.collection.name)))::text"]
        var order = "r.name"
        if let index = query.index {
            conditions.append("r.k\(index) IS NOT NULL")
            if let from = query.from {
                conditions.append("r.k\(index) >= \(add(.bytes(PostgresKey.encoded(from))))::bytea")
            }
            if let through = query.through {
                conditions.append("r.k\(index) <= \(add(.bytes(PostgresKey.encoded(through))))::bytea")
            }
            order = "r.k\(index), r.name"
        }
        if let name = query.afterName { conditions.append("r.name > \(add(.bytes(Array(name.utf8))))::bytea") }
        if query.isFree { conditions.append("NOT \(self.isHeld)") }
        if let condition { conditions.append(condition) }
        var sql = "FROM \(self.schema).ring_record r WHERE \(conditions.joined(separator: " AND "))"
        if ordered { sql += " ORDER BY \(order)" }
        if let limit = query.limit { sql += " LIMIT \(add(.integer(Int64(max(limit, 0)))))::bigint" }
        return sql
    }

    /// One look into the index for each, however many records there are.
    var collections: String {
        """
        WITH RECURSIVE found AS ( \
        SELECT min(collection) AS collection FROM \(self.schema).ring_record \
        UNION ALL SELECT (SELECT min(r.collection) FROM \(self.schema).ring_record r WHERE r.collection > f.collection) \
        FROM found f WHERE f.collection IS NOT NULL) \
        SELECT collection FROM found WHERE collection IS NOT NULL
        """
    }

    // MARK: Writing

    /// What a write does to the lease columns.
    enum Lease: Int64 {
        case keep = 0
        case take = 1
        case release = 2
    }

    /// $1 collection, $2 name, $3 version, $4 payload, $5… the keys, then token, microseconds and process when it takes a lease.
    func insert(_ lease: Lease) -> String {
        let keys = Self.keys.indices.map { "$\($0 + 5)::bytea" }.joined(separator: ", ")
        let columns = "collection, name, version, payload, \(Self.keys.joined(separator: ", "))"
        let values = "$1::text, $2::bytea, $3::bigint, $4::bytea, \(keys)"
        let first = Self.keys.count + 5
        let taken =
            lease == .take
            ? (
                ", lease_token, lease_until, lease_process",
                ", $\(first)::bigint, \(self.until(first + 1)), $\(first + 2)::bigint"
            )
            : ("", "")
        return """
            INSERT INTO \(self.schema).ring_record (\(columns)\(taken.0)) VALUES (\(values)\(taken.1)) \
            ON CONFLICT (collection, name) DO NOTHING
            """
    }

    /// As ``insert(_:)``, and the last value is the version that it replaces.
    func update(_ lease: Lease) -> String {
        let keys = Self.keys.indices.map { "k\($0) = $\($0 + 5)::bytea" }.joined(separator: ", ")
        var next = Self.keys.count + 5
        var leased = ""
        switch lease {
        case .keep: break
        case .take:
            leased =
                ", lease_token = $\(next)::bigint, lease_until = \(self.until(next + 1)), lease_process = $\(next + 2)::bigint"
            next += 3
        case .release: leased = ", lease_token = NULL, lease_until = NULL, lease_process = NULL"
        }
        return """
            UPDATE \(self.schema).ring_record SET version = $3::bigint, payload = $4::bytea, \(keys)\(leased) \
            WHERE collection = $1::text AND name = $2::bytea AND version = $\(next)::bigint
            """
    }

    /// $1 collection, $2 name, $3 version.
    var delete: String {
        "DELETE FROM \(self.schema).ring_record WHERE collection = $1::text AND name = $2::bytea AND version = $3::bigint"
    }

    /// Several changes that are made all or not at all.
    var commit: String {
        """
        SELECT \(self.schema).ring_commit($1::text[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[], \
        $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint)
        """
    }

    /// $1 collections, $2 names, $3 tokens, $4 microseconds, $5 process.
    var extend: String {
        """
        UPDATE \(self.schema).ring_record r SET lease_until = \(self.until(4)), lease_process = $5::bigint \
        FROM unnest($1::text[], $2::bytea[], $3::bigint[]) WITH ORDINALITY AS u(collection, name, token, position) \
        WHERE r.collection = u.collection AND r.name = u.name AND r.lease_token = u.token RETURNING u.position
        """
    }

    // MARK: Processes

    /// $1 id, $2 boot, $3 namespace, $4 process number, $5 its start.
    var register: String {
        """
        INSERT INTO \(self.schema).ring_process (id, boot, namespace, pid, started, seen) \
        VALUES ($1::bigint, $2::text, $3::text, $4::bigint, $5::bigint, clock_timestamp()) \
        ON CONFLICT (id) DO UPDATE SET seen = clock_timestamp() RETURNING \(Self.date)
        """
    }

    private static let date = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

    /// The server's date in microseconds.
    var clock: String { "SELECT \(Self.date)" }

    /// $1 boot, $2 namespace.
    var neighbours: String {
        "SELECT id, pid, started FROM \(self.schema).ring_process WHERE boot = $1::text AND namespace = $2::text"
    }

    /// $1 ids. Leases of a removed process end, and nothing of the rate budget is kept back for it.
    var removeProcesses: String {
        """
        WITH members AS (DELETE FROM \(self.schema).ring_rate_member WHERE process = ANY($1::bigint[])) \
        DELETE FROM \(self.schema).ring_process WHERE id = ANY($1::bigint[])
        """
    }

    /// Processes that can hold no lease any more, such as those of a machine that is gone. One that lives is entered again.
    var removeOldProcesses: String {
        "DELETE FROM \(self.schema).ring_process WHERE seen < clock_timestamp() - interval '7 days'"
    }

    // MARK: The rate budget

    /// $1 budget, $2 process, $3 wanted, $4 requests a second, $5 those left for others, $6 those used without asking, $7 whether
    /// the process uses its own share, $8 that share.
    var admit: String {
        """
        SELECT granted, wait, given FROM \(self.schema).ring_admit($1::text, $2::bigint, $3::bigint, $4::bigint, \
        $5::bigint, $6::bigint, $7::bigint, $8::bigint)
        """
    }

    /// Whether the functions are those of this release. Builds before the first release of the tables have others.
    var isOwn: String {
        "to_regprocedure('\(self.schema).ring_admit(text\(String(repeating: ",bigint", count: 7)))') IS NOT NULL"
    }

    /// $1 budget, $2 requests a second, $3 milliseconds.
    var limited: String { "SELECT \(self.schema).ring_limited($1::text, $2::bigint, $3::bigint)" }

    /// $1 budget, $2 requests a second, $3 those that are left.
    var remaining: String { "SELECT \(self.schema).ring_remaining($1::text, $2::bigint, $3::bigint)" }

    /// $1 budget, $2 process.
    var leave: String {
        "DELETE FROM \(self.schema).ring_rate_member WHERE scope = $1::text AND process = $2::bigint"
    }

    // MARK: Notifications

    var channel: String { "\(self.schema)_ring_changes" }

    /// $1 payload.
    var notify: String { "SELECT pg_notify('\(self.channel)', $1::text)" }
}

/// Index keys as bytes whose order is that of the keys.
enum PostgresKey {
    static func encoded(_ key: RingStorageKey) -> [UInt8] {
        switch key {
        case .integer(let number):
            var bytes: [UInt8] = [1]
            bytes.append(bigEndian: UInt64(bitPattern: number) ^ 1 << 63)
            return bytes
        case .text(let text): return [2] + text.utf8
        }
    }

    static func decoded(_ bytes: [UInt8]) -> RingStorageKey? {
        switch bytes.first {
        case 1 where bytes.count == 9:
            .integer(Int64(bitPattern: bytes.dropFirst().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } ^ 1 << 63))
        case 2: .text(String(decoding: bytes.dropFirst(), as: UTF8.self))
        default: nil
        }
    }
}
