import FoundationEssentials
import RingPartner

/// The form of what the environment holds, without showing any of it.
enum KeyCheck {
    static func run(_ context: CommandContext) -> [Finding] {
        let settings = context.settings
        var findings = [
            Self.hmacKey(
                settings.variable("RING_HMAC_KEY"), isSurroundedByBlanks: settings.blanks.contains("RING_HMAC_KEY"),
                others: [settings.variable("RING_CLIENT_SECRET"), settings.variable("RING_CLIENT_ID")])
        ]
        for name in settings.blanks.sorted() where name != "RING_HMAC_KEY" {
            findings.append(
                .failure(
                    "environment", "white space surrounds the value of \(name)", fix: "remove it, line breaks included",
                    exit: .usage))
        }
        findings.append(Self.sealingKeys(context))
        return findings
    }

    /// What is wrong with the form of an HMAC key. A key is used as the portal shows it, never decoded.
    static func hmacKey(_ text: String?, isSurroundedByBlanks: Bool = false, others: [String?] = []) -> Finding {
        func failure(_ message: String, _ fix: String) -> Finding {
            .failure("hmac_key", message, fix: fix, exit: .usage)
        }
        let copy = "copy the HMAC Signature Key from the developer portal's file, exactly as it stands there"
        guard let text else {
            return .warning(
                "hmac_key", "RING_HMAC_KEY is not set: signatures and nonces cannot be checked",
                fix: "set it in the environment; \(copy)")
        }
        let scalars = text.unicodeScalars
        if isSurroundedByBlanks || scalars.contains(where: { $0.properties.isWhitespace }) {
            return failure("the key contains a blank or a line break, which no key does", "remove it; \(copy)")
        }
        if scalars.contains(where: { !(0x21...0x7E).contains($0.value) }) {
            return failure(
                "the key contains bytes that are no text: it was Base64-decoded before it was stored",
                "store its text; \(copy)")
        }
        if let first = text.first, "\"'".contains(first), text.last == first {
            return failure("quotation marks surround the key", "remove them")
        }
        if text.contains("KEY=") { return failure("the value contains the name of the variable", copy) }
        if others.contains(text) {
            return failure("the key is the client id or the client secret", copy)
        }
        if text.utf8.count < 16 {
            return failure("the key is too short: \(text.utf8.count) characters", copy)
        }
        if text.utf8.count > 512 { return failure("the key is too long: \(text.utf8.count) characters", copy) }
        if text.utf8.count % 2 == 0, text.utf8.count >= 32, RingHex.decode(text) != nil {
            return .warning(
                "hmac_key", "the key looks like the hexadecimal digits of a decoded key",
                fix: "if webhooks fail: \(copy)")
        }
        if text.allSatisfy({ $0.isLetter || $0.isNumber || "+/=".contains($0) }), text.utf8.count % 4 != 0 {
            return .warning(
                "hmac_key",
                "the key has \(text.utf8.count) characters; Base64 text has a multiple of four, so one was probably lost",
                fix: copy)
        }
        return .ok("hmac_key", "\(text.utf8.count) characters; used as they stand, never Base64-decoded")
    }

    private static func sealingKeys(_ context: CommandContext) -> Finding {
        do {
            guard try context.sealingKeys() != nil else {
                return .warning(
                    "sealing_keys", "\(RingSealingKeyRing.defaultVariable) is not set: tokens are stored unencrypted",
                    fix: "create a key with `openssl rand -base64 32`; the certification asks for encryption at rest")
            }
            return .ok("sealing_keys", "tokens, webhook bodies and session URLs are encrypted in the store")
        } catch {
            return .failure(
                "sealing_keys", Failure(error).message, fix: "create a key with `openssl rand -base64 32`", exit: .usage
            )
        }
    }
}
