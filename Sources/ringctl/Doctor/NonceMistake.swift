import RingPartner

/// The ways in which a nonce is computed wrongly, each recognised by computing it so.
enum NonceMistake: String, CaseIterable, Sendable {
    case secondsInsteadOfMilliseconds
    case standardBase64
    case padding
    case hexadecimal
    case decodedKey
    case reversedMessage

    /// What was done, and what is right.
    var text: String {
        switch self {
        case .secondsInsteadOfMilliseconds:
            "it was made over the time in seconds; use the redirect's milliseconds, as the very text that was received"
        case .standardBase64: "it is standard Base64; use URL-safe Base64 (- and _ for + and /) without padding"
        case .padding: "its padding (=) must be removed"
        case .hexadecimal: "it is hexadecimal, as webhook signatures are; use URL-safe Base64 without padding"
        case .decodedKey: "the HMAC key was Base64-decoded first; use the bytes of its text"
        case .reversedMessage: "it was made over <account>:<time>; use <time>:<account>"
        }
    }

    /// The mistake that led to a nonce; `nil` for none of these.
    static func find(nonce: String, time: String, account: String, key: RingHMACKey) -> Self? {
        // A query decodes a plus sign to a blank.
        let nonce = nonce.replacing(" ", with: "+")
        let seconds = time.count > 3 ? String(time.dropLast(3)) : time
        return Self.allCases.first { mistake in
            let message =
                switch mistake {
                case .secondsInsteadOfMilliseconds: "\(seconds):\(account)"
                case .reversedMessage: "\(account):\(time)"
                default: "\(time):\(account)"
                }
            let digest =
                mistake == .decodedKey
                ? key.codeWithDecodedKey(for: Array(message.utf8)) : key.authenticationCode(for: message)
            guard let digest else { return false }
            let standard = RingBase64.encode(digest.bytes)
            return switch mistake {
            case .standardBase64: nonce == standard || nonce == standard.filter { $0 != "=" }
            case .padding: nonce == digest.base64URL + "="
            case .hexadecimal: nonce.lowercased() == digest.hex || nonce.lowercased() == "sha256=" + digest.hex
            default: nonce == digest.base64URL
            }
        }
    }
}

/// A nonce that does not match: why.
enum NonceCheck {
    static func run(_ context: CommandContext) async throws -> [Finding] {
        let (nonce, time) = (context.arguments["--nonce"], context.arguments["--time"])
        guard nonce != nil || time != nil else { return [] }
        guard let nonce, let time else { throw UsageError("--nonce and --time belong together") }
        guard let text = context.settings.variable("RING_HMAC_KEY"), let key = try? RingHMACKey(text) else {
            return [Self.failure("RING_HMAC_KEY is needed to check a nonce", fix: "set it in the environment")]
        }
        guard let milliseconds = Int64(time), milliseconds > 0 else {
            return [Self.failure("the time is not a number", fix: "pass the redirect's time unchanged")]
        }
        if milliseconds < 100_000_000_000 {
            return [
                Self.failure("the time is in seconds", fix: "pass the redirect's milliseconds, as the text received")
            ]
        }
        let accounts = try await Self.accounts(context)
        guard !accounts.isEmpty else {
            return [
                .unchecked("nonce", "no account is known to compute it for", fix: "name one with --account")
            ]
        }
        if let mistake = accounts.lazy.compactMap({ account in
            RingLinkNonce.compute(time: time, accountID: account, key: key) == nonce
                ? nil : NonceMistake.find(nonce: nonce, time: time, account: account, key: key)
        }).first {
            return [Self.failure("the nonce is wrong: \(mistake.text)", fix: "compute it as `ringctl nonce compute`")]
        }
        guard accounts.contains(where: { RingLinkNonce.compute(time: time, accountID: $0, key: key) == nonce }) else {
            return [
                Self.failure(
                    "the nonce was made with another key, for another account or another time",
                    fix: "check RING_HMAC_KEY; the account is users/me's id, and its code must have been exchanged")
            ]
        }
        let now = context.environment.clock.now().epochMilliseconds
        switch RingLinkNonceWindow().verdict(time: time, nowMilliseconds: now) {
        case .expired:
            return [
                .warning(
                    "nonce", "the nonce is right, and older than 600 seconds", fix: "start the link at Ring again")
            ]
        case .future:
            return [
                Self.failure("the nonce is right, and its time is in the future", fix: "synchronise the clock")
            ]
        default: return [.ok("nonce", "the nonce is right and fresh")]
        }
    }

    private static func failure(_ message: String, fix: String) -> Finding {
        .failure("nonce", message, fix: fix, exit: .verificationFailed)
    }

    /// The named account, or those of the store.
    private static func accounts(_ context: CommandContext) async throws -> [String] {
        if let account = context.settings.account { return [account.rawValue] }
        do {
            return try await context.tokenStore().accounts(.all(after: nil), limit: 1_000).map(\.rawValue)
        } catch let error as CancellationError {
            throw error
        } catch {
            // A store that cannot be read is a finding of its own.
            return []
        }
    }
}
