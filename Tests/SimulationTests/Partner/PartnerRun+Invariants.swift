import Foundation
import RingCore
import RingCrypto
import RingTesting
import Synchronization

/// What must hold, whatever happens.
extension PartnerRun {
    /// What is stored about one account, as the storage's format says.
    struct StoredAccount {
        var stage: String
        var condition: String
        var refreshToken: String?
        var principal: String?
        var step: String?
        var hasNewCode: Bool
    }

    private func stored(_ record: RingStorageRecord) -> StoredAccount? {
        guard let fields = try? RingRecordFields(record.payload, of: record.id) else { return nil }
        var account = StoredAccount(
            stage: fields.text(1) ?? "", condition: fields.text(2) ?? "", principal: fields.text(18),
            step: fields.text(20), hasNewCode: fields.integer(26) == 1)
        if let sealed = fields.bytes(21), let ring = self.keys.sealing.last,
            let bytes = try? RingSealer(keys: ring).open(sealed, for: "ring tokens:\(record.id.name)"),
            let tokens = try? RingRecordFields(bytes, of: record.id)
        {
            account.refreshToken = tokens.text(2)
        }
        return account
    }

    private func stored(_ account: String) -> StoredAccount? {
        self.records.rows(in: "tokens").first { $0.record.id.name == account }.flatMap { self.stored($0.record) }
    }

    // MARK: At each step

    func watch() {
        self.model.check { event in
            switch event {
            case .refresh(let refresh, let earlier): self.refreshViolation(refresh, earlier)
            case .liveEnd(let session, let process): self.liveViolation(session, process)
            case .confirmation(let confirmation, let earlier, let isCompleted):
                self.confirmationViolation(confirmation, earlier, isCompleted)
            }
        }
        self.records.watch { change, old, process in
            guard case .put(let record, _, let lease) = change else { return }
            if record.id.collection == "tokens" { self.simulation.note("stored", process, self.words(record)) }
            if record.id.collection == "tokens" { self.checkTokens(record, old?.record) }
            self.checkLease(change, old, process)
            if record.id.collection == "live" { self.noteSession(record) }
            if record.id.collection == "live", lease == .release, old?.lease?.holder === process {
                self.state.withLock { _ = $0.givenUpSessions[ObjectIdentifier(process), default: []].insert(record.id) }
            }
        }
    }

    /// No refresh token is sent twice while an outcome is open.
    private func refreshViolation(_ refresh: RingModel.Refresh, _ earlier: [RingModel.Refresh]) -> String? {
        for other in earlier where other.result == nil && other.sender.isAlive && !other.sender.isStandingStill {
            return "\(refresh.sender.name) sends \(refresh.token) while \(other.sender.name) waits for its response"
        }
        if let last = earlier.last, refresh.account != "unknown",
            let row = self.records.rows(in: "tokens").first(where: {
                self.stored($0.record)?.refreshToken == refresh.token
            }),
            let lease = self.records.lease(on: row.record.id), lease.holder === last.sender,
            lease.holder !== refresh.sender
        {
            return "\(refresh.sender.name) sends \(refresh.token) while \(last.sender.name) holds the lease"
        }
        return nil
    }

    /// No session of a living process is closed by another one.
    private func liveViolation(_ session: RingModel.LiveSession, _ process: SimulatedProcess) -> String? {
        let opener = session.opener
        guard process !== opener, opener.isAlive, session.endedAt == nil, !opener.isStandingStill,
            session.openedAt + self.plan.rules.liveSessionLife > self.simulation.now,
            self.partner(of: opener)?.isShuttingDown == false,
            let record = self.state.withLock({ $0.storedSessions[session.id] }),
            // Once the opener itself has tried to close it and left it to the others, it may be at it again.
            !self.state.withLock({ $0.givenUpSessions[ObjectIdentifier(opener)]?.contains(record) ?? false })
        else { return nil }
        // Its record was given up, or the lease on it ended; whoever took it over may close it.
        if self.records.lease(on: record)?.holder !== opener { return nil }
        return "\(process.name) closes session \(session.id) of \(opener.name), which lives"
    }

    /// A POST is repeated only when nobody can know what became of the first one, and never for a link that is complete.
    private func confirmationViolation(
        _ new: RingModel.Confirmation, _ earlier: [RingModel.Confirmation], _ isCompleted: Bool
    ) -> String? {
        // A process that lost the right to work on a link, and could not notice.
        guard new.isPost, !new.sender.wasTroubled(within: .seconds(60)) else { return nil }
        // Two users with one nonce may both send it.
        for old in earlier where old.isPost && old.nonce == new.nonce && !self.plan.hasRivals {
            if old.result == nil, old.sender.isAlive, !old.sender.isStandingStill {
                return "\(new.sender.name) sends a POST again while \(old.sender.name) waits for its response"
            }
            // The latest is remembered.
            let isLatest = earlier.last { $0.isPost }?.nonce == new.nonce
            let isDefinite =
                old.result == .responded && isLatest && old.status.map { (200..<300).contains($0) } ?? false
            if isDefinite, old.sender.isAlive, !self.isTroubled(old.sender, since: old.sentAt),
                !earlier.contains(where: { $0.isPost && $0.nonce == old.nonce && $0.sentAt < old.sentAt })
            {
                return "\(new.sender.name) repeats a POST although \(old.sender.name) has its response"
            }
        }
        let isKnown =
            self.stored(new.account).map { $0.stage == "linked" && $0.step == "completed" && !$0.hasNewCode } ?? false
        if isCompleted, isKnown { return "\(new.sender.name) sends a POST for a link that is complete" }
        return nil
    }

    private func isTroubled(_ process: SimulatedProcess, since moment: Duration) -> Bool {
        process.troubledAt.map { $0 >= moment } ?? false
    }

    /// No process takes a valid lease, and no process that can extend its leases lets one expire.
    private func checkLease(
        _ change: RingStorageChange, _ old: SimulatedRecords.Row?, _ process: SimulatedProcess
    ) {
        guard case .put(let record, _, .take) = change, let lease = old?.lease, lease.holder.isAlive else { return }
        if lease.until > self.simulation.now {
            self.simulation.fail("\(process.name) takes \(record.id), which \(lease.holder.name) has leased")
        } else if !lease.holder.isStandingStill, !self.isTroubled(lease.holder, since: lease.since - .seconds(10)),
            self.partner(of: lease.holder)?.isShuttingDown == false
        {
            self.simulation.fail("\(lease.holder.name) let its lease on \(record.id) lapse")
        }
    }

    /// An account is given up only when Ring does not accept its refresh token.
    private func checkTokens(_ record: RingStorageRecord, _ old: RingStorageRecord?) {
        guard let account = self.stored(record), account.condition == "relink_required",
            let token = account.refreshToken, old.flatMap(self.stored)?.condition != "relink_required"
        else { return }
        if self.model.accepts(refreshToken: token) {
            self.simulation.fail("\(record.id.name) is relink_required, and Ring accepts its refresh token")
        }
    }

    /// For the trace.
    private func words(_ record: RingStorageRecord) -> String {
        guard let account = self.stored(record) else { return "\(record.id)" }
        let parts = [account.stage, account.condition, account.refreshToken, account.principal, account.step]
        return ([record.id.name] + parts.compactMap(\.self)).joined(separator: " ")
    }

    private func noteSession(_ record: RingStorageRecord) {
        guard let fields = try? RingRecordFields(record.payload, of: record.id), let sealed = fields.bytes(6),
            let ring = self.keys.sealing.last,
            let bytes = try? RingSealer(keys: ring).open(sealed, for: "ring live:\(record.id.name)"),
            let id = String(decoding: bytes, as: UTF8.self).split(separator: "/").last
        else { return }
        self.state.withLock { $0.storedSessions[String(id)] = record.id }
    }

    // MARK: At the end

    /// The first condition that does not hold yet; `nil` when all hold.
    var unsettled: String? {
        for webhook in self.webhooks.webhooks {
            let isDone = webhook.handlers.isEmpty && (webhook.isGivenUp || webhook.handled > 0)
            if !isDone { return "webhook w\(webhook.number) waits" }
        }
        for account in (0..<self.plan.accounts).map(self.name) {
            if let trouble = self.trouble(account) { return trouble }
        }
        if let row = self.records.leased.first { return "\(row.record.id) is leased" }
        if let row = self.records.rows(in: "live").first { return "\(row.record.id) is left" }
        return nil
    }

    /// Why an account is not as it should be.
    private func trouble(_ account: String) -> String? {
        let stored = self.stored(account)
        guard self.isConnected(account) else {
            // Tokens that are identified after the removal are of no use, and are deleted after a while.
            let isUseless =
                ["unclaimed", "claimed"].contains(stored?.stage)
                && stored?.refreshToken.map { self.model.accepts(refreshToken: $0) } == false
            let isGone = stored == nil || stored?.stage == "removed" || isUseless
            return isGone ? nil : "\(account) was removed, and is \(stored?.stage ?? "")"
        }
        // A code that was not exchanged, or whose tokens did not arrive: the user has to start again.
        guard let newest = self.model.newestPair(of: account) else { return nil }
        let isGood = stored?.refreshToken.map { self.model.accepts(refreshToken: $0) } ?? false
        guard isGood, let stored else {
            return self.isExcused(newest) ? nil : "\(account) is lost: \(self.words(newest, stored))"
        }
        guard stored.condition == "current" else { return "\(account) is \(stored.condition)" }
        guard stored.stage == "linked" else { return "\(account) is \(stored.stage), step \(stored.step ?? "none")" }
        let status = self.model.status(of: account)
        if status == "awaiting", self.model.confirmations(of: account).contains(where: { $0.isPost && $0.isBlind }) {
            // A POST that arrived when the link was complete, of a process that had stood still or ended meanwhile.
            return nil
        }
        guard status == "completed" else { return "\(account) is linked here, and \(status) at Ring" }
        let isBlind = self.model.confirmations(of: account).contains(where: \.isBlind)
        guard self.model.identifier(of: account) == stored.principal || isBlind else {
            return "\(account) is linked for \(stored.principal ?? ""), and at Ring for "
                + (self.model.identifier(of: account) ?? "nobody")
        }
        guard self.state.withLock({ $0.isGood.contains(account) }) else { return "calls for \(account) fail" }
        return nil
    }

    /// Whether no process could have stored a pair: its receiver never got it, or ended before it could.
    private func isExcused(_ newest: RingModel.NewestPair) -> Bool {
        switch newest.result {
        case nil: return false
        case .notSent: return false
        case .unknown: return true
        case .ended: return !newest.receiver.hasEndedInOrder
        case .cancelled:
            // The right to send it was lost, which must have had a reason.
            return self.isTroubled(newest.receiver, since: .zero)
        case .responded:
            guard let end = newest.receiver.endedAt, !newest.receiver.hasEndedInOrder, let got = newest.endedAt else {
                return false
            }
            return end - got < .seconds(10) || self.isTroubled(newest.receiver, since: got - .seconds(1))
        }
    }

    private func words(_ newest: RingModel.NewestPair, _ stored: StoredAccount?) -> String {
        let result = newest.result.map { "\($0)" } ?? "under way"
        let end = newest.receiver.isAlive ? "alive" : newest.receiver.hasEndedInOrder ? "ended in order" : "killed"
        return "its newest pair \(newest.refreshToken) was \(result) to \(newest.receiver.name) (\(end)); "
            + "stored is \(stored?.refreshToken ?? "nothing"), \(stored?.stage ?? "") \(stored?.condition ?? "")"
    }

    func checkAtTheEnd() {
        for webhook in self.webhooks.webhooks where webhook.isGivenUp && webhook.handled == 0 {
            self.simulation.fail("webhook w\(webhook.number) was never accepted, although all is well for hours")
        }
        let quiet = self.state.withLock { $0.quietSince } ?? .zero
        for session in self.model.sessions where session.endedAt == nil {
            let limit = session.openedAt + self.plan.rules.liveSessionLife
            guard self.state.withLock({ $0.storedSessions[session.id] != nil }),
                // Without a token it cannot be closed.
                self.stored(session.account)?.condition == "current"
            else { continue }
            if limit > quiet + .seconds(45) {
                self.simulation.fail("session \(session.id) of \(session.opener.name) was never closed")
            }
        }
        // The records that one seed leaves are limited by the events in it.
        let codes = self.records.rows(in: "tokens").count
        let count = self.records.count
        if count > 200 || codes > 60 { self.simulation.fail("\(count) records are left, \(codes) of them accounts") }
    }
}
