import Foundation
import RingCore
import RingCrypto
import RingJSONAPI
import RingListener
import RingOAuth
import RingSQLite
import RingSimulator
import RingTesting
import Synchronization
import Testing

/// `doctor` names what is broken, and nothing where nothing is.
@Suite(.timeLimit(.minutes(5)), .serialized) struct DoctorTests {
    @Test func findsNothingInASoundSetup() async throws {
        try await DoctorBench.with { bench in
            try await bench.signIn()
            let outcome = try await bench.doctor()
            #expect(outcome.status == 0, "\(outcome.outputText)\(outcome.errorText)")
            let findings = try outcome.results
            // The app's URLs are on loopback, which Ring could not reach.
            let warnings = findings.filter { !["ok", "unchecked"].contains($0["status"]?.string ?? "") }
            #expect(
                warnings.compactMap { $0["check"]?.string }.allSatisfy {
                    ["webhook_url", "token_exchange_url", "link_url"].contains($0)
                }, "\(outcome.outputText)")
            let ok = Set(findings.filter { $0["status"]?.string == "ok" }.compactMap { $0["check"]?.string })
            #expect(
                ok.isSuperset(of: [
                    "api", "oauth", "clock", "hmac_key", "credentials", "sealing_keys", "webhook_signed",
                    "webhook_duplicate", "webhook_forged", "webhook_retry", "webhook_unknown_type", "token_exchange",
                    "link_page", "store", "account", "integration", "plan", "devices", "history",
                ]), "\(outcome.outputText)")
            #expect(findings.contains { $0["check"]?.string == "certification_zones" })
            #expect(findings.allSatisfy { $0["status"]?.string != "warning" || $0["fix"]?.string != nil })
            for secret in [DoctorBench.hmacKey, RingSimulatorConfiguration().clientSecret] {
                #expect(!(outcome.outputText + outcome.errorText).contains(secret))
            }
        }
    }

    /// A set-up with one fault.
    enum Fault: String, CaseIterable {
        case clockBehind, keyWithBlank, keyDecodedBeforeStored, keyCut, wrongSecret, wrongAPI
        case endpointDecodesKey, endpointTakesForgeries, endpointTakesUnsigned, endpointIsSlow
        case endpointRefusesDuplicates, endpointHasShortWindow, endpointRefusesUnknownTypes, endpointFails,
            endpointIsGone
        case codesAreRedirected, codesNeedSession, linkMatchesFirst, linkIsPlain, signInIsMissing, urlIsNotSecure
        case tokensAreRefused, tokensEndSoon, linkIsPaused, linkIsUnfinished, deviceIsEncrypted, planIsMissing
        case stagingGap, tokenMayOnlyRead, storeIsReadable
    }

    /// What `doctor` says of each: the check, its status, words of its message, and the exit status of the command.
    private static let expected: [Fault: (check: String, status: String, words: String, exit: Int32)] = [
        .clockBehind: ("clock", "failure", "behind Ring's", 7),
        .keyWithBlank: ("hmac_key", "failure", "blank", 2),
        .keyDecodedBeforeStored: ("hmac_key", "failure", "Base64-decoded", 2),
        .keyCut: ("hmac_key", "warning", "multiple of four", 7),
        .wrongSecret: ("credentials", "failure", "invalid_client", 3),
        .wrongAPI: ("api", "failure", "not Ring's", 2),
        .endpointDecodesKey: ("webhook_signed", "failure", "must not be decoded", 7),
        .endpointTakesForgeries: ("webhook_forged", "failure", "another body", 7),
        .endpointTakesUnsigned: ("webhook_forged", "failure", "without a signature", 7),
        .endpointIsSlow: ("webhook_signed", "failure", "waits 5 s", 1),
        .endpointRefusesDuplicates: ("webhook_duplicate", "failure", "409", 1),
        .endpointHasShortWindow: ("webhook_retry", "failure", "70 minutes", 1),
        .endpointRefusesUnknownTypes: ("webhook_unknown_type", "failure", "400", 1),
        .endpointFails: ("webhook_signed", "failure", "500", 1),
        .endpointIsGone: ("webhook_signed", "failure", "no connection", 8),
        .codesAreRedirected: ("token_exchange", "failure", "redirect", 1),
        .codesNeedSession: ("token_exchange", "failure", "sign in", 1),
        .linkMatchesFirst: ("link_page", "failure", "before anybody has signed in", 1),
        .linkIsPlain: ("link_page", "warning", "no sign-in", 0),
        .signInIsMissing: ("link_page", "failure", "leads on to /nowhere", 1),
        .urlIsNotSecure: ("webhook_url", "failure", "not https", 2),
        .tokensAreRefused: ("tokens", "failure", "no longer accepts", 3),
        .tokensEndSoon: ("tokens", "warning", "ends in 2 days", 0),
        .linkIsPaused: ("integration", "failure", "awaiting", 1),
        .linkIsUnfinished: ("link", "warning", "unclaimed", 0),
        .deviceIsEncrypted: ("encryption", "warning", "encrypted end to end", 0),
        .planIsMissing: ("plan", "warning", "no active plan", 0),
        .stagingGap: ("plan", "failure", "motion never does", 3),
        .tokenMayOnlyRead: ("scopes", "warning", "may only read", 0),
        .storeIsReadable: ("store_file", "warning", "other users", 0),
    ]

    @Test(arguments: Fault.allCases) func namesTheFault(_ fault: Fault) async throws {
        let expected = try #require(Self.expected[fault])
        try await DoctorBench.with { bench in
            if ![.linkIsUnfinished, .tokensEndSoon, .tokensAreRefused, .tokenMayOnlyRead].contains(fault) {
                try await bench.signIn()
            }
            try await Self.breakSomething(fault, bench)
            let outcome = try await bench.doctor()
            let finding = try outcome.results.first {
                $0["check"]?.string == expected.check && $0["status"]?.string == expected.status
            }
            #expect(finding?["message"]?.string?.contains(expected.words) == true, "\(outcome.outputText)")
            #expect(finding?["fix"]?.string?.isEmpty == false)
            #expect(outcome.status == expected.exit, "\(outcome.outputText)\(outcome.errorText)")
            if expected.exit != 0 { #expect(outcome.failure?["code"]?.string != nil) }
        }
    }

    private static func breakSomething(_ fault: Fault, _ bench: DoctorBench) async throws {
        func set(_ name: String, _ value: String) { bench.environment.withLock { $0[name] = value } }
        func webhook(_ behaviour: @escaping @Sendable (RingListenerRequest, Bool, Bool) async -> Int) {
            bench.app.withLock { $0.webhook = behaviour }
        }
        let key = DoctorBench.hmacKey
        switch fault {
        case .clockBehind: bench.simulator.advance(by: .seconds(600))
        case .keyWithBlank: set("RING_HMAC_KEY", key + " ")
        case .keyDecodedBeforeStored: set("RING_HMAC_KEY", "\u{1}\u{9f}\u{fffd}" + String(repeating: "x", count: 20))
        case .keyCut: set("RING_HMAC_KEY", String(key.dropLast()))
        case .wrongSecret: set("RING_CLIENT_SECRET", "another")
        case .wrongAPI: set("RING_API_URL", bench.simulator.controlURL)
        case .endpointDecodesKey:
            let decoded = try #require(RingBase64.decode(key))
            webhook { request, _, _ in
                let own = (try? RingHMACKey(bytes: decoded).authenticationCode(for: request.body).hex) ?? ""
                return request.headers["X-Signature"] == "sha256=" + own ? 200 : 401
            }
        case .endpointTakesForgeries: webhook { request, _, _ in request.headers["X-Signature"] == nil ? 401 : 200 }
        case .endpointTakesUnsigned:
            webhook { request, genuine, _ in genuine || request.headers["X-Signature"] == nil ? 200 : 401 }
        case .endpointIsSlow:
            let isFirst = First()
            webhook { _, genuine, _ in
                if isFirst.take() { try? await Task.sleep(for: .milliseconds(5_200)) }
                return genuine ? 200 : 401
            }
        case .endpointRefusesDuplicates: webhook { _, genuine, known in known ? 409 : genuine ? 200 : 401 }
        case .endpointHasShortWindow:
            webhook { request, genuine, _ in
                let sent = (try? JSONAPIValue(parsing: request.body))?["meta"]?["time"]?.date ?? .distantPast
                return genuine ? (Date().timeIntervalSince(sent) > 300 ? 400 : 200) : 401
            }
        case .endpointRefusesUnknownTypes:
            webhook { request, genuine, _ in
                genuine ? (String(decoding: request.body, as: UTF8.self).contains("ringctl_doctor") ? 400 : 200) : 401
            }
        case .endpointFails: webhook { _, _, _ in 500 }
        case .endpointIsGone:
            let other = try await RingListener.startRaw { _ in RingListenerResponse(status: 200) }
            bench.arguments.withLock { $0[1] = other.origin + "/ring/webhooks" }
            await other.stop()
        case .codesAreRedirected:
            bench.app.withLock {
                $0.tokenExchange = RingListenerResponse(status: 308, headers: ["Location": "/ring/token-exchange/"])
            }
        case .codesNeedSession: bench.app.withLock { $0.tokenExchange = RingListenerResponse(status: 403) }
        case .linkMatchesFirst: bench.app.withLock { $0.link = { _ in RingListenerResponse(status: 400) } }
        case .linkIsPlain:
            bench.app.withLock {
                $0.link = { _ in RingListenerResponse(status: 200, contentType: "text/html", text: "Linked!") }
            }
        case .signInIsMissing:
            bench.app.withLock {
                $0.link = { _ in RingListenerResponse(status: 303, headers: ["Location": "/nowhere?next=%2Fring"]) }
            }
        case .urlIsNotSecure: bench.arguments.withLock { $0[1] = "http://app.example.com/ring/webhooks" }
        case .tokensAreRefused:
            try await Self.store(bench, refresh: "unknown", age: 0)
            let environment = bench.environment.withLock { $0 }
            #expect(try await Ringctl(environment: environment).run("auth", "refresh").status == 3)
        case .tokensEndSoon: try await Self.store(bench, refresh: bench.simulator.grantTokens().refresh, age: 27.5)
        case .linkIsPaused: try bench.simulator.setState(.awaiting)
        case .linkIsUnfinished:
            let environment = bench.environment.withLock { $0 }
            let code = try bench.simulator.issueCode()
            #expect(try await Ringctl(environment: environment).run("auth", "exchange", input: code).status == 0)
        case .deviceIsEncrypted: bench.simulator.change { $0.devices.insert(.encrypted) }
        case .planIsMissing:
            bench.simulator.change { $0.planEnforcement = .none }
            try Self.endPlan(bench)
        case .stagingGap: try Self.endPlan(bench)
        case .tokenMayOnlyRead:
            bench.simulator.change { $0.api.insert(.unprocessableSubscriptions) }
            set("RING_ACCESS_TOKEN", try bench.simulator.grantTokens().access)
        case .storeIsReadable:
            let path = bench.folder.path() + "ring.sqlite"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        }
    }

    /// Whoever takes it first gets it.
    private final class First: Sendable {
        private let isTaken = Atomic(false)
        func take() -> Bool { !self.isTaken.exchange(true, ordering: .sequentiallyConsistent) }
    }

    private static func endPlan(_ bench: DoctorBench) throws {
        try bench.simulator.trigger(RingSimulatorEvent(type: "subscription_deactivated"))
    }

    /// Stores the account with a refresh token of a certain age in days, and an access token that is over.
    static func store(_ bench: DoctorBench, refresh: String, age: Double) async throws {
        let environment = bench.environment.withLock { $0 }
        let storage = try await RingSQLiteDatabase.open(.file(environment["RING_STORE"] ?? ""))
        let store = RingTokenStore(
            storage: storage, sealing: try RingSealingKeyRing(text: environment["RING_SEALING_KEYS"] ?? ""))
        let issued = Date(timeIntervalSinceNow: -age * 86_400)
        let account = bench.simulator.accountID
        var record = RingTokenRecord(
            accountID: account, stage: .linked,
            tokens: OAuthTokens(
                OAuthGrant(
                    accessToken: RingAccessToken("old"), refreshToken: OAuthRefreshToken(refresh),
                    accessExpiresAt: issued, issuedAt: issued)), version: 1, now: issued)
        record.linkedAt = issued
        #expect(try await store.commit([.put(record, replacing: nil, lease: .keep)]))
        await storage.close()
    }

    @Test func severalAccountsAreLookedAtInTheStoreAlone() async throws {
        try await DoctorBench.with { bench in
            let environment = bench.environment.withLock { $0 }
            for account in bench.simulator.accounts {
                let code = try bench.simulator.issueCode(account: account.id)
                #expect(try await Ringctl(environment: environment).run("auth", "exchange", input: code).status == 0)
            }
            let outcome = try await bench.doctor()
            #expect(outcome.status == 0, "\(outcome.outputText)")
            let account = try outcome.results.first { $0["check"]?.string == "account" }
            #expect(
                account?["status"]?.string == "unchecked" && account?["message"]?.string?.contains("2 accounts") == true
            )
            #expect(try outcome.results.count { $0["check"]?.string == "link" } == 2)
        }
    }

    @Test(arguments: [
        ("seconds", "over the time in seconds"), ("standard", "standard Base64"), ("decoded", "Base64-decoded"),
        ("short time", "the time is in seconds"),
    ])
    func namesTheMistakeBehindANonce(mistake: String, words: String) async throws {
        let account = "ava1.ring.account.TESTACCT0001"
        let (key, time) = (try RingHMACKey(WebhookCommandTests.key), "1795000000123")
        let message = Array("\(time):\(account)".utf8)
        let nonce =
            switch mistake {
            case "seconds": key.authenticationCode(for: "1795000000:\(account)").base64URL
            case "standard": RingBase64.encode(key.authenticationCode(for: message).bytes)
            case "decoded": try #require(key.codeWithDecodedKey(for: message)).base64URL
            default: WebhookCommandTests.nonce
            }
        try await DoctorBench.with { bench in
            bench.environment.withLock { $0["RING_HMAC_KEY"] = WebhookCommandTests.key }
            bench.arguments.withLock {
                $0 = [
                    "--nonce", nonce, "--time", mistake == "short time" ? "1795000000" : time, "--account", account,
                ]
            }
            let outcome = try await bench.doctor()
            let finding = try outcome.results.first { $0["check"]?.string == "nonce" }
            #expect(finding?["message"]?.string?.contains(words) == true, "\(outcome.outputText)\(outcome.errorText)")
            #expect(outcome.status == 7)
        }
        // `nonce verify` says so, too.
        guard mistake != "short time" else { return }
        let verified = try await Ringctl(environment: ["RING_HMAC_KEY": WebhookCommandTests.key]).run(
            "nonce", "verify", "--account", account, "--time", time, "--nonce", nonce, "--now", time)
        #expect(verified.status == 7 && verified.errorText.contains(words), "\(verified.errorText)")
    }
}
