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
        try await rule.check(
            .init(
                open: { try await RingPostgresDatabase.open(server.url, options: options) },
                wait: { duration in
                    // Time passes for a lease when its end comes nearer.
                    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
                    _ = try await clock.execute(
                        "UPDATE \(options.schema).ring_record SET lease_until = lease_until - \(seconds) * interval '1 second'"
                    )
                }))
        _ = try await clock.execute("DROP SCHEMA \(options.schema) CASCADE")
        await clock.close()
    }
}
