internal import Dispatch

/// Brings the tables to the schema of this release.
struct PostgresMigration: Sendable {
    let pool: PostgresPool
    let schema: PostgresSchema

    /// - Throws: ``PostgresFailure``.
    func run() async throws {
        let stored = try await self.stored()
        guard stored.isOwn else {
            throw PostgresFailure(
                kind: .schema,
                text:
                    "the tables of schema \(self.schema.sql.schema) were made by a development version of this release; move "
                    + "what they hold with that version (ringctl store migrate), drop the schema and open the database again"
            )
        }
        guard stored.version < PostgresSchema.current else {
            guard stored.oldestWriter <= PostgresSchema.current else {
                throw PostgresFailure(
                    kind: .schema,
                    text:
                        "the tables of schema \(self.schema.sql.schema) were made by a newer release, which this one may "
                        + "not write into; run the newer release")
            }
            return
        }
        guard self.pool.options.migrates else {
            throw PostgresFailure(
                kind: .schema,
                text:
                    "the tables of schema \(self.schema.sql.schema) are missing or of an earlier release, and migrations "
                    + "are turned off; run the script of RingPostgresDatabase.schemaScript(schema:) as an administrator"
            )
        }
        for (index, step) in self.schema.steps.enumerated() where Int64(index + 1) > stored.version {
            try await self.make(step, Int64(index + 1))
        }
    }

    /// The stored schema; 0 when there is none.
    private func stored() async throws -> (version: Int64, oldestWriter: Int64, isOwn: Bool) {
        let schema = self.schema.sql.schema
        let exists = PostgresCall(sql: "SELECT to_regclass('\(schema).ring_schema') IS NOT NULL")
        guard try await self.pool.run([exists], .repeatable, { $0.first?.boolean(0, 0) ?? false }) else {
            return (0, 0, true)
        }
        let call = PostgresCall(
            sql:
                "SELECT coalesce(max(version), 0)::bigint, coalesce(max(oldest_writer), 0)::bigint, "
                + "\(self.schema.sql.isOwn) OR count(*) = 0 FROM \(schema).ring_schema"
        )
        return try await self.pool.run([call], .repeatable) { results in
            guard let row = results.first else { return (0, 0, true) }
            return (row.integer(0, 0), row.integer(0, 1), row.boolean(0, 2))
        }
    }

    /// Makes a step in one transaction, unless another process has made it meanwhile.
    private func make(_ step: String, _ number: Int64) async throws {
        let script = """
            DO $ring$ BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended('ring-partner-swift \(self.schema.sql.schema)', 0));
            -- Not to_regclass: what it knows may be older than the lock.
            IF EXISTS (
                SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = '\(self.schema.sql.schema)' AND c.relname = 'ring_schema'
            ) THEN
                IF EXISTS (SELECT 1 FROM \(self.schema.sql.schema).ring_schema WHERE version >= \(number)) THEN RETURN; END IF;
            END IF;
            \(self.schema.whole(step, number))
            END $ring$
            """
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue(label: "ring.postgres.migration").async {
                continuation.resume(with: Result { try self.run(script) })
            }
        }
    }

    /// Runs a script on a connection without the limits of ordinary statements: another process may be making the tables, and
    /// a step may rewrite a large one.
    private func run(_ script: String) throws {
        let limit = Duration.seconds(3_600)
        let connection = try self.pool.spare()
        try connection.script("SET statement_timeout = 0; SET lock_timeout = 0", within: limit)
        try connection.script(script, within: limit)
    }
}
