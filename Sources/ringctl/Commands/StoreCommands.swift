import RingCore
import RingJSONAPI
import RingOAuth
import RingPostgres
import RingWebhooks

/// `store …`.
enum StoreCommands {
    static let all = [
        Command(
            path: ["store", "schema"], summary: "print the SQL that makes the tables of a PostgreSQL database",
            usage: "[--schema NAME]",
            detail: """
                Tables are made when a service opens the database for the first time. Run this SQL instead when its user may
                not create any.
                """,
            flags: [Flag(name: "--schema", value: "NAME", help: "the schema of the tables; ring")],
            run: { context in
                let schema = context.arguments["--schema"] ?? RingPostgresOptions().schema
                let sql: String
                do { sql = try RingPostgresDatabase.schemaScript(schema: schema) } catch let error as RingError {
                    throw UsageError("--schema: \(error.message)")
                }
                try context.output.result(
                    ["sql": .string(sql)],
                    lines: sql.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
            }),
        Command(
            path: ["store", "migrate"], summary: "move accounts, webhooks and live sessions into another store",
            usage: "--from STORE --to STORE",
            detail: """
                Stop the services that use the old store first: what they work on stays where it is, and the command ends
                with 1. It can be stopped and run again at any time; nothing is lost or stored twice.
                """,
            flags: [
                Flag(
                    name: "--from", value: "STORE", help: "a file, sqlite:FILE, or a postgres:// URL", completes: .file),
                Flag(name: "--to", value: "STORE", help: "the same; a missing file or table is made", completes: .file),
            ],
            run: { try await Self.migrate($0) }),
    ]

    private static func migrate(_ context: CommandContext) async throws {
        let from = try Self.place("--from", context)
        let to = try Self.place("--to", context)
        guard from != to else { throw UsageError("--from and --to name the same store") }
        if !CommandStore.isPostgres(from), !CommandStore.exists(from) {
            throw UsageError("--from: there is no database \(from)")
        }
        let store = CommandStore.shared
        let limit = context.settings.timeout
        let source = try await store.storage(from, within: limit, createsTables: false)
        let target = try await store.storage(to, within: limit, createsTables: true)
        let move = RingStorageMove(from: source, to: target, environment: context.environment)
        let outcome = try await move.run { context.output.progress("\($0) records") }
        context.output.endProgress()
        let counts = try await StoreCounts(target)
        try context.output.result(
            [
                "accounts": .int(Int64(counts.accounts)), "webhooks": .int(Int64(counts.webhooks)),
                "quarantined": .int(Int64(counts.quarantined)),
                "moved": .int(Int64(outcome.moved.values.reduce(0, +))), "in_use": .int(Int64(outcome.inUse)),
                "conflicts": .array(outcome.conflicts.map { .string($0.description) }),
            ],
            lines: [
                "\(outcome.moved.values.reduce(0, +)) records moved",
                "\(to.hasPrefix("postgres") ? target.location : to) has \(counts.accounts) accounts, \(counts.webhooks) "
                    + "webhooks, \(counts.quarantined) of them in quarantine",
            ])
        await source.close()
        await target.close()
        guard outcome.inUse == 0, outcome.conflicts.isEmpty else {
            throw CommandFailure(
                .server, code: "not_everything_moved",
                "\(outcome.inUse) records are in use: stop the services of the old store and run this again; "
                    + "\(outcome.conflicts.count) are in both stores"
                    + (outcome.conflicts.first.map { ", such as \($0)" } ?? ""))
        }
    }

    private static func place(_ flag: String, _ context: CommandContext) throws -> String {
        guard let text = context.arguments[flag], !text.isEmpty, text != "memory" else {
            throw UsageError("\(flag) takes a file or a postgres:// URL")
        }
        // Not a file, and nothing to repeat in a message: it may hold a password.
        guard CommandStore.isPostgres(text) || !text.contains("://") && !text.contains("password=") else {
            throw UsageError("\(flag) takes a file or a URL that begins with postgres:// or postgresql://")
        }
        return text.hasPrefix("sqlite:") ? String(text.dropFirst(7)) : text
    }
}

/// What a store holds, as people count it.
private struct StoreCounts {
    var accounts: Int
    var webhooks: Int
    var quarantined: Int

    init(_ storage: any RingStorage) async throws {
        self.accounts = try await RingTokenStore(storage: storage, sealing: nil, environment: RingEnvironment())
            .accountCount()
        let counts = try await RingWebhookStore(storage: storage, sealing: nil, environment: RingEnvironment()).counts()
        self.webhooks = counts.waiting + counts.running + counts.done + counts.quarantined
        self.quarantined = counts.quarantined
    }
}
