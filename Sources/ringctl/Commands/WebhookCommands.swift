import FoundationEssentials
import RingJSONAPI
import RingPartner

/// `webhook sign` and `webhook verify`; `send` and `listen` stand in files of their own.
enum WebhookCommands {
    static let all: [Command] =
        [
            Command(
                path: ["webhook", "sign"], summary: "sign a body read from standard input", usage: "[--key-env NAME]",
                detail: "Prints the X-Signature header's value for the body, byte for byte as it was read.",
                flags: [Flag(name: "--key-env", value: "NAME", help: "the variable with the HMAC key; RING_HMAC_KEY")],
                run: { try Self.sign($0) }),
            Command(
                path: ["webhook", "verify"], summary: "verify and decode a body read from standard input",
                usage: "--signature S",
                detail:
                    "Ends with 7 when the signature is wrong, with 2 when a correctly signed body is not an event. Checks no age.",
                flags: [Flag(name: "--signature", value: "S", help: "the X-Signature header")],
                run: { try Self.verify($0) }),
            WebhookSending.command,
            WebhookListening.command,
        ] + QuarantineCommands.all

    private static func sign(_ context: CommandContext) throws {
        let key = try context.hmacKey(context.arguments["--key-env"] ?? "RING_HMAC_KEY")
        let signature = RingWebhookSignature(signing: try context.readInput(), key: key).headerValue
        try context.output.result(["x_signature": .string(signature)], text: signature)
    }

    private static func verify(_ context: CommandContext) throws {
        let signature = try context.arguments.required("--signature")
        let verifier = try RingWebhookVerifier(keys: [try context.hmacKey()])
        let body = try context.readInput()
        do {
            try verifier.verify(body: body, signature: signature)
        } catch {
            throw CommandFailure(.verificationFailed, code: error.code.rawValue, error.message)
        }
        let event: RingWebhookEvent
        do throws(RingWebhookError) {
            event = try RingWebhookEvent(decoding: body)
        } catch {
            throw CommandFailure(.usage, code: error.code.rawValue, error.message)
        }
        try context.output.result(.object(Self.members(event)), text: Self.text(event))
    }

    /// The decoded event, with the wire's names.
    static func members(_ event: RingWebhookEvent) -> [(String, JSONAPILiteral)] {
        func text(_ value: String?) -> JSONAPILiteral { value.map(JSONAPILiteral.string) ?? .null }
        // As it came; a number in its place is a moment as well.
        let time =
            event.document["meta"]?["time"]?.string
            ?? event.sentAt.map { JSONAPITime.format($0, fractionDigits: 3) }
        return [
            ("request_id", .string(event.requestID.rawValue)), ("version", text(event.version)),
            ("time", text(time)), ("account_id", text(event.accountID?.rawValue)),
            ("event_id", .string(event.id.rawValue)), ("type", .string(event.kind.rawValue)),
            ("sub_type", text(event.subType?.rawValue)), ("device_id", text(event.deviceID?.rawValue)),
            ("timestamp", event.occurredAt.map { .int($0.epochMilliseconds) } ?? .null),
            ("component_ids", .array(event.componentIDs.map { .string($0.rawValue) })),
            ("known", .bool(event.kind.isKnown)),
        ]
    }

    static func text(_ event: RingWebhookEvent) -> String {
        var words = [event.kind.rawValue]
        if let subType = event.subType { words.append("(\(subType))") }
        if let device = event.deviceID { words.append("at \(device)") }
        if let account = event.accountID { words.append("of \(account)") }
        if let time = event.occurredAt { words.append(JSONAPITime.format(time, fractionDigits: 3)) }
        return words.joined(separator: " ") + (event.kind.isKnown ? "" : " [unknown type]")
    }
}
