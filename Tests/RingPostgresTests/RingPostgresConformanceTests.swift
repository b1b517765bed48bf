import PostgresServer
import RingCore
import RingPostgres
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(2)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct RingPostgresConformanceTests {
    @Test(arguments: RingStorageConformance.rules)
    func conforms(rule: RingStorageConformance.Rule) async throws {
        let server = try await PostgresServer.shared.value
        let options = PostgresServer.options(PostgresServer.newSchema())
        let clock = try await RingPostgresDatabase.open(server.url, options: options)
        var database = RingStorageConformance.Database(
            open: { try await RingPostgresDatabase.open(server.url, options: options) },
            wait: { duration in
                // Time passes for a lease when its end comes nearer.
                let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
                _ = try await clock.execute(
                    "UPDATE \(options.schema).ring_record SET lease_until = lease_until - \(seconds) * interval '1 second'"
                )
            })
        _ = try await clock.execute("CREATE TABLE \(options.schema).effects (at timestamptz DEFAULT now())")
        database.effect = (
            "INSERT INTO \(options.schema).effects DEFAULT VALUES",
            { try await clock.execute("SELECT 1 FROM \(options.schema).effects") }
        )
        try await rule.check(database)
        _ = try await clock.execute("DROP SCHEMA \(options.schema) CASCADE")
        await clock.close()
    }
}
