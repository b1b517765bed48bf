import RingPartner

/// `doctor`.
enum DoctorCommand {
    static let all = [
        Command(
            path: ["doctor"], summary: "find out what is wrong with a set-up, and how to mend it",
            usage: "[--webhook-url URL] [--token-exchange-url URL] [--link-url URL] [--nonce N --time MS]",
            detail: """
                Checks clock, keys, Ring's two origins, the store, the accounts and the app's own URLs, and lists what a person
                has to check before the certification. The webhook endpoint receives up to ten test deliveries of a device that
                does not exist; an empty form goes to the Token Exchange URL, and a made-up redirect to the Account Link URL.
                A finding is ok, warning, failure or unchecked. Ends with the status of the worst failure, which is 3, then 2 or 7,
                4 or 6, 1, 8, and 5; of the first one among equals. Each check has its share of --timeout, so one that hangs
                takes no time from the others; what needs a failed check is unchecked.
                """,
            flags: [
                Flag(name: "--webhook-url", value: "URL", help: "the app's Webhook URL, as in the developer portal"),
                Flag(name: "--token-exchange-url", value: "URL", help: "the app's Token Exchange URL"),
                Flag(name: "--link-url", value: "URL", help: "the app's Account Link URL"),
                Flag(name: "--nonce", value: "N", help: "a nonce that does not match: which mistake it was made with"),
                Flag(name: "--time", value: "MS", help: "the time that belongs to the nonce"),
            ], allowsBlanks: true, run: { try await Self.run($0) })
    ]

    private static func run(_ context: CommandContext) async throws {
        var report = DoctorReport(context)
        try await report.make(Self.parts(context))
        try report.finish()
    }

    /// In the order of causes and effects: the first failure is the one to mend first.
    private static func parts(_ context: CommandContext) -> [DoctorPart] {
        func share(_ flag: String, _ share: Int = 1) -> Int { context.arguments[flag] == nil ? 0 : share }
        let hasFixedToken = context.settings.variable("RING_ACCESS_TOKEN") != nil
        return [
            DoctorPart(name: "Ring's API and the clock") { try await ClockCheck.run($0) },
            DoctorPart(name: "the token endpoint") { try await TokenEndpointCheck.run($0) },
            DoctorPart(name: "the keys", share: 0) { KeyCheck.run($0.context) },
            DoctorPart(name: "the credentials", needs: ["oauth"], checks: ["credentials"]) {
                try await CredentialCheck.run($0)
            },
            DoctorPart(name: "the nonce", share: share("--nonce")) { try await NonceCheck.run($0.context) },
            DoctorPart(name: "the webhook endpoint", share: share("--webhook-url", 3)) {
                try await WebhookCheck.run($0)
            },
            DoctorPart(name: "the Token Exchange URL", share: share("--token-exchange-url")) {
                try await TokenExchangeCheck.run($0)
            },
            DoctorPart(name: "the Account Link URL", share: share("--link-url")) { try await LinkCheck.run($0) },
            DoctorPart(name: "the stored accounts", share: hasFixedToken ? 0 : 1) {
                try await StoredAccountCheck.run($0)
            },
            DoctorPart(
                name: "the account at Ring", share: 2, needs: hasFixedToken ? ["api"] : ["api", "store"],
                checks: AccountCheck.names
            ) { try await AccountCheck.run($0) },
            DoctorPart(name: "the certification checklist", share: 0) { _ in Certification.findings },
        ]
    }
}
