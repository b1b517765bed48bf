import RingJSONAPI
import RingPartner

/// `webhook quarantine …`: what waits for a person.
enum QuarantineCommands {
    private static let type = Flag(name: "--type", value: "T", help: "only this type of event")

    static let all: [Command] = [
        Command(
            path: ["webhook", "quarantine", "list"], summary: "the webhooks that wait for a person, and why",
            usage: "[--type T]", flags: [type], run: { try await Self.list($0) }),
        Command(
            path: ["webhook", "quarantine", "release"], summary: "let quarantined webhooks be worked on again",
            usage: "REQUEST_ID … | --all | --type T",
            detail:
                "The service of the store works on them, as if they had just arrived. Mend first what the reason says.",
            flags: [Flag(name: "--all", value: nil, help: "every one"), type], positionals: 0...1_000,
            run: { try await Self.release($0) }),
    ]

    private static func list(_ context: CommandContext) async throws {
        let store = try await Self.store(context)
        var table = Table("RECEIVED", "TYPE", "ATTEMPTS", "REQUEST ID", "REASON")
        for webhook in try await Self.quarantined(store, context) {
            let type = Self.type(of: webhook) ?? "unreadable"
            guard !context.output.json else {
                try context.output.object(Self.members(webhook))
                continue
            }
            table.add([
                JSONAPITime.format(webhook.receivedAt), type, String(webhook.attempts), webhook.key.requestID.rawValue,
                webhook.reason,
            ])
        }
        guard !context.output.json else { return }
        if table.rows.isEmpty {
            context.output.remark("nothing is quarantined")
        } else {
            try context.output.table(table)
        }
    }

    private static func release(_ context: CommandContext) async throws {
        let ids = Set(context.arguments.positionals)
        let isChosen = context.arguments.has("--all") || context.arguments[Self.type.name] != nil
        guard ids.isEmpty == isChosen else { throw UsageError("name request ids, or give --all or --type") }
        let store = try await Self.store(context)
        let found = try await Self.quarantined(store, context).filter {
            ids.isEmpty || ids.contains($0.key.requestID.rawValue)
        }
        let unknown = ids.subtracting(found.map(\.key.requestID.rawValue))
        guard unknown.isEmpty else {
            throw CommandFailure(
                .notFound, code: "not_quarantined",
                "not in quarantine: \(unknown.sorted().joined(separator: ", ")); nothing was released")
        }
        var count = 0
        // Another process may have released it meanwhile.
        for webhook in found where try await store.release(webhook.key) {
            count += 1
            try context.output.result(
                Self.members(webhook), text: "\(webhook.key.requestID) \(Self.type(of: webhook) ?? "unreadable")")
        }
        context.output.remark("\(count) released")
    }

    private static func store(_ context: CommandContext) async throws -> RingWebhookStore {
        RingWebhookStore(
            storage: try await context.storage(), sealing: try context.sealingKeys(),
            environment: context.environment)
    }

    private static func quarantined(
        _ store: RingWebhookStore, _ context: CommandContext
    ) async throws -> [RingQuarantinedWebhook] {
        let type = context.arguments[Self.type.name]
        return try await store.quarantined(limit: 1_000_000).filter { type == nil || Self.type(of: $0) == type }
    }

    /// The type of event; `nil` when the body cannot be opened or is no event.
    private static func type(of webhook: RingQuarantinedWebhook) -> String? {
        webhook.body.flatMap { try? JSONAPIValue(parsing: $0) }?["data"]?["type"]?.string
    }

    private static func members(_ webhook: RingQuarantinedWebhook) -> JSONAPILiteral {
        [
            "request_id": .string(webhook.key.requestID.rawValue), "event_id": .string(webhook.key.eventID.rawValue),
            "type": Self.type(of: webhook).map { .string($0) } ?? .null, "reason": .string(webhook.reason),
            "received_at": .string(JSONAPITime.format(webhook.receivedAt)), "attempts": .int(Int64(webhook.attempts)),
        ]
    }
}
