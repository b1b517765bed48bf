import FoundationEssentials
import Glibc
import RingPartner

/// The store and the accounts in it, without the network.
enum StoredAccountCheck {
    /// So many accounts are named; the others are counted.
    private static let maximumNamed = 20

    static func run(_ probe: Probe) async throws -> [Finding] {
        let context = probe.context
        guard context.settings.variable("RING_ACCESS_TOKEN") == nil else {
            return [.unchecked("store", "RING_ACCESS_TOKEN is used as it is; the store is not looked at")]
        }
        // Opening the file mends its mode.
        let file = Self.file(context.settings.store)
        return try await probe.attempt(
            "store", fix: "name the service's store with --store (RING_STORE), with its RING_SEALING_KEYS"
        ) { try await file + Self.accounts(context) }
    }

    private static func accounts(_ context: CommandContext) async throws -> [Finding] {
        let store = try await context.tokenStore()
        var counts: [RingAccountState: Int] = [:]
        var problems: [Finding] = []
        var last: RingAccountID?
        repeat {
            let page = try await store.accounts(.all(after: last), limit: 500)
            last = page.last
            for account in page {
                guard let record = try await store.header(for: account) else { continue }
                let status = RingTokenStatus(record)
                guard status.stage != .removed else { continue }
                counts[status.state, default: 0] += 1
                problems += Self.findings(
                    status, isSeeded: record.seed != nil, now: context.environment.clock.now())
            }
        } while last != nil
        let total = counts.values.reduce(0, +)
        let states = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
        var findings: [Finding] = [
            total == 0
                ? .warning(
                    "store", "no account is stored",
                    fix: "link one, or name the service's store with --store (RING_STORE)")
                : .ok("store", "\(total) accounts: \(states.joined(separator: ", "))")
        ]
        // The worst first, whatever the order of the names.
        let sorted = problems.filter { $0.status == .failure } + problems.filter { $0.status != .failure }
        findings += sorted.prefix(Self.maximumNamed)
        if sorted.count > Self.maximumNamed {
            findings.append(
                .warning(
                    "tokens", "\(sorted.count - Self.maximumNamed) more accounts have such findings",
                    fix: "see `ringctl auth status`"))
        }
        return findings
    }

    /// - Parameter isSeeded: Whether the tokens were given by hand: then nobody claims them.
    private static func findings(_ status: RingTokenStatus, isSeeded: Bool, now: Date) -> [Finding] {
        let account = status.accountID
        let relink = "ask the user to remove the app in Ring (My Apps) and to link it again"
        switch status.state {
        case .relinkRequired:
            return [
                .failure("tokens", "\(account): Ring no longer accepts its tokens", fix: relink, exit: .notAuthorised)
            ]
        case .uncertain:
            return [
                .warning(
                    "tokens", "\(account): the outcome of its last refresh is not known",
                    fix: "run `ringctl auth refresh --account \(account)`; it tries the old token once more")
            ]
        case .unclaimed, .unidentified, .claimed:
            guard !isSeeded else { break }
            return [
                .warning(
                    "link", "\(account) is \(status.state.rawValue): its link is not finished, so no webhook arrives",
                    fix: "let the user sign in at the Account Link URL, or run `ringctl account link`")
            ]
        case .linked, .removed: break
        }
        guard let days = status.daysLeft(at: now) else {
            return [.failure("tokens", "\(account) has no refresh token", fix: relink, exit: .notAuthorised)]
        }
        guard days < 7 else { return [] }
        return [
            .warning(
                "tokens", "\(account): its refresh token ends in \(days) days unless it is used",
                fix: "run the service's background work (`RingPartnerClient.run()`), which refreshes daily; now: "
                    + "`ringctl auth refresh --account \(account)`")
        ]
    }

    private static func file(_ path: String) -> [Finding] {
        var status = stat()
        guard path != "memory", !CommandStore.isPostgres(path), unsafe stat(path, &status) == 0 else { return [] }
        guard status.st_mode & 0o077 != 0 else { return [] }
        return [
            .warning("store_file", "other users of this machine may read \(path)", fix: "chmod 600 \(path)")
        ]
    }
}
