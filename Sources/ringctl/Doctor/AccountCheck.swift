import FoundationEssentials
import RingPartner

/// The account at Ring: identity, link, plan, devices, scopes.
struct AccountCheck {
    /// What it finds in any case.
    static let names = ["account", "integration", "plan", "devices"]
    private let api: RingAPIClient
    private let probe: Probe
    private let now: Date

    static func run(_ probe: Probe) async throws -> [Finding] {
        let api: RingAPIClient
        do {
            api = try await probe.context.api()
        } catch let error as CommandFailure where error.code == "not_signed_in" {
            return [
                .unchecked("account", "nobody is signed in", fix: "link an account, or set RING_ACCESS_TOKEN")
            ]
        } catch let error as UsageError {
            // Several accounts: the store was looked at as a whole.
            return [.unchecked("account", error.message, fix: "name one with --account")]
        } catch let error as RingError where Self.needsRefresh(error, probe) {
            return [Self.unrefreshed]
        } catch let error as RingError where error.code == .deadlineExceeded {
            return [.cut("account", "no response in its share of the time")]
        } catch {
            return [try .failed("account", error, fix: "link it again, or name another one with --account")]
        }
        return try await Self(api: api, probe: probe, now: probe.context.environment.clock.now()).run()
    }

    private init(api: RingAPIClient, probe: Probe, now: Date) {
        self.api = api
        self.probe = probe
        self.now = now
    }

    private func run() async throws -> [Finding] {
        let profile = RingAccountsClient(api: self.api)
        let account = try await self.probe.attempt(
            "account", fix: "ask the user to link again when the token is refused; see `ringctl auth status`", of: 4
        ) {
            do { return [.ok("account", "users/me is \(try await profile.user().id)")] } catch let error as RingError
                where Self.needsRefresh(error, self.probe)
            {
                return [Self.unrefreshed]
            }
        }
        guard account.allSatisfy({ $0.status == .ok }) else {
            return account + Finding.unchecked(Array(Self.names.dropFirst()), needing: "account")
        }
        let again = "run it again; if it stays, see status.ring.com"
        let link = try await self.probe.attempt("integration", fix: again, of: 3) { try await self.link(profile) }
        let plan = try await self.probe.attempt("plan", fix: again, of: 2) { try await self.plan(profile) }
        let devices = try await self.probe.attempt("devices", fix: again) { try await self.devices() }
        // 403 for devices and no plan have one cause.
        let hasNoPlan = plan.contains { $0.check == "plan" && ($0.status == .warning || $0.exit == .notAuthorised) }
        if hasNoPlan, devices.contains(where: { $0.exit == .notAuthorised }) {
            return account + link + [
                .failure(
                    "plan",
                    "calls for devices are refused (403) and the account has no subscription: it has no plan or trial "
                        + "for this app. Then device_added arrives, and motion never does",
                    fix: "start a Ring plan or a trial for this account; staging accounts need one, too",
                    exit: .notAuthorised)
            ]
        }
        return account + link + plan + devices
    }

    /// The token endpoint has failed its check, and nothing is known about the account without a refresh.
    private static let unrefreshed = Finding.unchecked(
        "account", "not checked: its access token must be refreshed, which needs oauth",
        fix: "see oauth above, and run it again")

    private static func needsRefresh(_ error: RingError, _ probe: Probe) -> Bool {
        !probe.context.mayRefreshTokens && error.operation == .tokenRefresh
    }

    private func link(_ profile: RingAccountsClient) async throws -> [Finding] {
        do {
            guard let integration = try await profile.integration() else {
                return [.unchecked("integration", "Ring does not tell the state of the link")]
            }
            guard integration.status == .completed else {
                return [
                    .failure(
                        "integration", "the link is \(integration.status), not completed: Ring sends no webhooks",
                        fix:
                            "PATCH app-integrations to completed; `ringctl account link` and RingAccountLinker resume it"
                    )
                ]
            }
            return [.ok("integration", "the link is completed")]
        } catch let error as RingError where error.code != .deadlineExceeded {
            return [.unchecked("integration", "Ring does not tell the state of the link: \(error.message)")]
        }
    }

    private func plan(_ profile: RingAccountsClient) async throws -> [Finding] {
        var active = 0
        do {
            for try await subscription in profile.subscriptions(limit: 100)
            where subscription.status != .inactive && (subscription.expiresAt.map { $0 > self.now } ?? true) {
                active += 1
            }
        } catch let error as RingError where error.status == 422 {
            return [
                .warning(
                    "scopes",
                    "subscriptions are refused (422): the token may only read, as those of the Playground",
                    fix: "use the token of a linked account to check the plan; linking is refused to this one as well")
            ]
        } catch let error as RingError where error.status == 403 {
            return [Self.forbidden("plan", "subscriptions")]
        }
        if active > 0 { return [.ok("plan", "\(active) active subscriptions")] }
        return [
            .warning(
                "plan", "the account has no active plan or trial: no motion arrives, and there are no clips",
                fix: "show users a page for “no active plan”; start a plan or trial for this account")
        ]
    }

    private func devices() async throws -> [Finding] {
        let client = RingDevicesClient(api: self.api)
        let list: RingDeviceList
        do {
            list = try await client.list()
        } catch let error as RingError where error.status == 403 {
            return [Self.forbidden("devices", "devices")]
        }
        guard !list.isEmpty else {
            return [
                .warning(
                    "devices", "no device is shared with the app", fix: "select devices for the app in the Ring app")
            ]
        }
        var findings = [Finding.ok("devices", "\(list.count) devices")]
        func names(_ matches: (RingDevice) -> Bool) -> String {
            list.filter(matches).map { $0.name ?? $0.id.rawValue }.joined(separator: ", ")
        }
        let encrypted = names { $0.isEncrypted == true }
        if !encrypted.isEmpty {
            findings.append(
                .warning(
                    "encryption",
                    "encrypted end to end, so without clips, stills and live video for apps: \(encrypted)",
                    fix: "say so to the user, who can turn end-to-end encryption off in the Ring app"))
        }
        let offline = names { $0.status?.isOnline == false }
        if !offline.isEmpty {
            findings.append(
                .warning(
                    "offline", "cannot be reached: \(offline)", fix: "show them dimmed; check their power and network"))
        }
        guard let camera = list.first(where: { $0.capabilities?.video != nil }) else { return findings }
        do {
            for try await _ in client.history(of: camera.id, RingHistoryQuery(limit: 1)) {}
            findings.append(.ok("history", "the event history of \(camera.name ?? camera.id.rawValue) can be read"))
        } catch let error as RingError where error.status == 403 {
            findings.append(Self.forbidden("history", "the event history"))
        }
        return findings
    }

    private static func forbidden(_ check: String, _ what: String) -> Finding {
        .failure(
            check, "Ring refuses \(what) (403): the app's scopes or the account's plan do not include it",
            fix: "select the scopes in the developer portal and link again; scopes of a link do not change afterwards",
            exit: .notAuthorised)
    }
}
