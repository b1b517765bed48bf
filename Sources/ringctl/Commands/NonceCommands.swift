import FoundationEssentials
import RingPartner

/// `nonce compute` and `nonce verify`.
enum NonceCommands {
    static let all: [Command] = [
        Command(
            path: ["nonce", "compute"], summary: "compute a link nonce", usage: "--account ID --time MS",
            detail: "The HMAC key comes from RING_HMAC_KEY. The time is used exactly as given.",
            flags: [Flag(name: "--time", value: "MS", help: "the redirect's time: epoch milliseconds")],
            run: { try Self.compute($0) }),
        Command(
            path: ["nonce", "verify"], summary: "check a link nonce and its age",
            usage: "--account ID --time MS --nonce N [--now MS]",
            detail: "Valid for 600 seconds after its time. Ends with 7 when it is not valid.",
            flags: [
                Flag(name: "--time", value: "MS", help: "the redirect's time: epoch milliseconds"),
                Flag(name: "--nonce", value: "N", help: "the redirect's nonce: 43 characters"),
                Flag(name: "--now", value: "MS", help: "the moment to compare with; the clock's"),
            ],
            run: { try Self.verify($0) }),
    ]

    private static func compute(_ context: CommandContext) throws {
        let nonce = RingLinkNonce.compute(
            time: try Self.time(context), accountID: try context.plainAccount().rawValue,
            key: try context.hmacKey())
        try context.output.result(["nonce": .string(nonce)], text: nonce)
    }

    private static func verify(_ context: CommandContext) throws {
        let time = try Self.time(context)
        let nonce = try context.arguments.required("--nonce")
        let account = try context.plainAccount().rawValue
        let now = try context.arguments.integer("--now", in: 0...Int.max).map { Int64($0) }
        let key = try context.hmacKey()
        let mistake = NonceMistake.find(nonce: nonce, time: time, account: account, key: key).map { "; \($0.text)" }
        let search: RingLinkNonceSearch
        do {
            search = try RingLinkNonceSearch(nonce: nonce, time: time, keys: [key])
        } catch {
            guard error.code == .malformedNonce else { throw error }
            throw CommandFailure(.verificationFailed, code: "malformed_nonce", error.message + (mistake ?? ""))
        }
        guard search.keyIndex(matching: account) != nil else {
            throw CommandFailure(
                .verificationFailed, code: "nonce_mismatch",
                "the nonce was not made for this account and time with this key" + (mistake ?? ""))
        }
        let moment = now ?? context.environment.clock.now().epochMilliseconds
        switch RingLinkNonceWindow().verdict(time: time, nowMilliseconds: moment) {
        case .fresh: try context.output.result(["valid": true], text: "valid")
        case .expired:
            throw CommandFailure(.verificationFailed, code: "stale_nonce", "the nonce is older than 600 seconds")
        case .future:
            throw CommandFailure(.verificationFailed, code: "stale_nonce", "the nonce's time is in the future")
        case .malformed: throw UsageError("--time takes epoch milliseconds")
        }
    }

    private static func time(_ context: CommandContext) throws -> String {
        let time = try context.arguments.required("--time")
        guard RingLinkNonceWindow().verdict(time: time, nowMilliseconds: 0) != .malformed else {
            throw UsageError("--time takes epoch milliseconds")
        }
        return time
    }
}

extension CommandContext {
    /// The account as it was given, not looked up in the store.
    ///
    /// - Throws: `UsageError` when none is named.
    func plainAccount() throws -> RingAccountID {
        guard let account = self.settings.account, !account.rawValue.isEmpty else {
            throw UsageError("--account is needed")
        }
        return account
    }
}
