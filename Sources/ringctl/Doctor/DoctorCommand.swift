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
                A finding is ok, warning, failure or unchecked. Ends with the status of the first failure.
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
        let probe = Probe(context)
        var report = DoctorReport(context.output)
        try await report.add("Ring's API and the clock") { try await ClockCheck.run(probe) }
        try await report.add("keys and credentials") { try await KeyCheck.run(context) }
        try await report.add("the nonce") { try await NonceCheck.run(context) }
        try await report.add("the webhook endpoint") { try await WebhookCheck.run(probe) }
        try await report.add("the Token Exchange URL") { try await TokenExchangeCheck.run(probe) }
        try await report.add("the Account Link URL") { try await LinkCheck.run(probe) }
        try await report.add("the stored accounts") { try await StoredAccountCheck.run(context) }
        try await report.add("the account at Ring") { try await AccountCheck.run(context) }
        try await report.add("the certification checklist") { Certification.findings }
        try report.finish()
    }
}
