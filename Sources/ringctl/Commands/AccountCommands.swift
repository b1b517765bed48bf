import FoundationEssentials
import RingPartner

/// `account me|link|subscriptions`.
enum AccountCommands {
    static let all = [
        Command(path: ["account", "me"], summary: "the user behind the account", run: Self.me),
        Command(
            path: ["account", "link"], summary: "claim the account a nonce was made for, and complete the link",
            usage: "--nonce N --time MS [--identifier S]",
            detail: """
                Matches the nonce against the accounts in the store, claims the account, confirms it with Ring and \
                completes it. Run again after a failure it goes on where it stopped.
                """,
            flags: [
                Flag(name: "--nonce", value: "N", help: "the redirect's nonce, 43 characters"),
                Flag(name: "--time", value: "MS", help: "the redirect's time, epoch milliseconds as received"),
                Flag(name: "--identifier", value: "S", help: "a masked identifier to show the Ring user"),
            ], run: Self.link),
        Command(
            path: ["account", "subscriptions"], summary: "the user's subscriptions, all pages", run: Self.subscriptions),
    ]

    private static func me(_ context: CommandContext) async throws {
        let user = try await RingAccountsClient(api: context.api()).user()
        let members: [(String, String?)] = [
            ("id", user.id.rawValue), ("first_name", user.firstName), ("last_name", user.lastName),
            ("email", user.email), ("phone_number", user.phoneNumber),
        ]
        try context.output.result(
            .object(members.map { ($0.0, $0.1.map { .string($0) } ?? .null) }),
            lines: members.compactMap { name, value in value.map { "\(name): \($0)" } })
    }

    private static func link(_ context: CommandContext) async throws {
        let redirect = RingLinkRedirect(
            nonce: try context.arguments.required("--nonce"), time: try context.arguments.required("--time"))
        guard !redirect.time.isEmpty,
            redirect.time.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw UsageError("--time takes epoch milliseconds, as the redirect brought them") }
        let key = try context.hmacKey()
        let keeper = try await context.keeper()
        _ = try await context.seededAccount(keeper)
        let linker = context.linker(keeper, keys: [key])
        // Whoever may run this command is signed in: at this machine.
        let result = try await linker.link(
            redirect, for: RingPrincipal(rawValue: "ringctl"), accountIdentifier: context.arguments["--identifier"])
        try context.output.result(
            [
                "account_id": .string(result.account.rawValue),
                "status": .string(RingIntegrationStatus.completed.rawValue),
            ],
            text: "\(result.account) is linked")
    }

    private static func subscriptions(_ context: CommandContext) async throws {
        let client = RingAccountsClient(api: try await context.api())
        var table = Table("ID", "KIND", "STATUS", "ENDS", "DEVICES")
        let subscriptions = client.subscriptions(onEnd: { end in
            if end == .repeatedLink { context.output.repeatedLink() }
        })
        do {
            for try await subscription in subscriptions { try Self.show(subscription, in: &table, context) }
        } catch {
            // What came before the failure stays.
            if !table.rows.isEmpty { try context.output.table(table) }
            throw error
        }
        guard !context.output.json else { return }
        if table.rows.isEmpty {
            context.output.remark("no subscriptions")
        } else {
            try context.output.table(table)
        }
    }

    private static func show(
        _ subscription: RingSubscription, in table: inout Table, _ context: CommandContext
    ) throws {
        let devices = subscription.deviceIDs.map(\.rawValue)
        guard context.output.json else {
            table.add([
                subscription.id.rawValue, subscription.kind?.rawValue ?? "–", subscription.status?.rawValue ?? "–",
                subscription.expiresAt.map { JSONAPITime.format($0) } ?? "–", devices.joined(separator: " "),
            ])
            return
        }
        var members: [(String, JSONAPILiteral)] = [("id", .string(subscription.id.rawValue))]
        if let attributes = subscription.attributes {
            let own: Set = ["id", "device_ids"]
            for (name, value) in attributes.members where !own.contains(name) {
                members.append((name, .value(value)))
            }
        }
        members.append(("device_ids", .array(devices.map { .string($0) })))
        try context.output.object(.object(members))
    }
}
