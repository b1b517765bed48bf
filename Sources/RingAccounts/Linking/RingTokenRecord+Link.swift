internal import RingCore
internal import RingOAuth

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The transitions of a link: the effect of a claim and of each step. No store, no network, no clock.
extension RingTokenRecord {
    /// The effect of a claim.
    enum Claiming: Sendable {
        /// Store this record.
        case claimed(RingTokenRecord)
        /// The record has this claim already, or is linked and needs no other.
        case unchanged
        /// The account is linked for another user, whose link stays until Ring has accepted the nonce.
        case takesOver
        /// The account was removed, or its tokens are not identified yet.
        case impossible
    }

    /// Claims the account.
    ///
    /// The first row that applies decides. The connection is new when a code was exchanged after the link, and the claim's nonce
    /// is not older than that code: its user has made another connection at Ring.
    ///
    /// | Stage | Present link | Claim | Effect |
    /// | --- | --- | --- | --- |
    /// | `unidentified`, `removed` | any | any | impossible |
    /// | `unclaimed` | any | any | claimed, stage `claimed` |
    /// | `claimed`, `linked` | none | any | claimed |
    /// | `claimed` | another user's, not `refused` | any | error `claimedByAnother` |
    /// | `linked` | another user's, not new, or neither `completed` nor `refused` | any | error `claimedByAnother` |
    /// | any | any | the same nonce | unchanged |
    /// | any | `confirmed`, not new | another nonce | unchanged: the POST is done |
    /// | `claimed` | `refused` | another nonce | claimed, the same link |
    /// | `linked` | another user's | step `claimed` | takes over: their link stays until Ring accepts the nonce |
    /// | `linked` | another user's | step `confirmed` | claimed, stage `claimed` |
    /// | `linked` | `completed`, not new | another nonce | unchanged: the same connection |
    /// | any | `confirming`, `confirmed` | another nonce, step `claimed` | claimed, step `confirming` |
    /// | any | any | another nonce | claimed; another link when `linked` and new |
    ///
    /// A row that says "claimed" stores the claim, forgets the new code, and raises the record's version and Ring's time.
    ///
    /// - Throws: `RingError` with code `claimedByAnother`.
    func claiming(_ claim: RingLinkProgress) throws -> Claiming {
        guard let claimed = try self.claimed(by: claim) else { return .impossible }
        guard claimed.version != self.version else { return .unchanged }
        let isOthers = self.link.map { $0.principal != claim.principal } ?? false
        return self.stage == .linked && claim.step == .claimed && isOthers ? .takesOver : .claimed(claimed)
    }

    /// The record with the claim; the same record when there is nothing to change; `nil` when it cannot be claimed.
    private func claimed(by claim: RingLinkProgress) throws -> RingTokenRecord? {
        guard self.stage != .unidentified, self.stage != .removed else { return nil }
        var claimed = self
        claimed.version &+= 1
        claimed.link = claim
        // The redirect's time is Ring's: the link exists at least since then.
        let moment = Int64(claim.time).map { Date(timeIntervalSince1970: Double($0) / 1_000) }
        if let moment { claimed.ringTime = max(self.ringTime ?? moment, moment) }
        claimed.hasNewCode = false
        if self.stage == .unclaimed {
            claimed.stage = .claimed
            return claimed
        }
        guard let link else { return claimed }
        let isRefused = link.step == .refused && self.stage == .claimed
        // A code that was exchanged after the link belongs to another connection. The user who made it at Ring presents a nonce
        // that is younger than the code.
        let isYounger = moment.flatMap { moment in self.codeTime.map { moment >= $0 } } ?? true
        let isNewConnection = self.stage == .linked && self.hasNewCode && isYounger
        // Another nonce for the same connection belongs to the same link.
        if !isNewConnection { claimed.link?.id = link.id }
        let isFinished = link.step == .completed || link.step == .refused
        guard link.principal == claim.principal || isRefused || isNewConnection && isFinished else {
            throw RingError.claimedByAnother
        }
        // The same link again. Ring refuses a nonce permanently, so a refused one is not tried again either.
        if link.nonce == claim.nonce, !claim.nonce.isEmpty { return self }
        // The POST is done, unless it was for an earlier connection.
        if link.step == .confirmed, !(self.hasNewCode && isYounger) { return self }
        if isRefused { return claimed }
        if link.principal != claim.principal {
            // The former user's link is over; the new one is not confirmed yet.
            claimed.stage = .claimed
            claimed.linkedAt = nil
            return claimed
        }
        // A linked account is claimed again only for a code that was exchanged after the link: otherwise it is the same
        // connection.
        if self.stage == .linked, link.step == .completed, !isNewConnection { return self }
        // Ring may have accepted the POST of the claim that is replaced. It then refuses the nonce of this one.
        if link.step == .confirming || link.step == .confirmed, claim.step == .claimed {
            claimed.link?.step = .confirming
        }
        return claimed
    }

    /// The effect of a step.
    enum Reaching: Sendable {
        /// Store this record.
        case changed(RingTokenRecord)
        /// The step was noted before.
        case unchanged
        /// The account has another link by now, or this link has reached a later step.
        case overtaken
        /// The account has no link any more.
        case gone
    }

    /// Notes the step that a link has reached.
    ///
    /// | Present link | Effect |
    /// | --- | --- |
    /// | none | gone |
    /// | another id, nonce or user, or a step it may not come from | overtaken |
    /// | at this step | unchanged |
    /// | otherwise, step `completed` | changed, stage `linked`, linked now |
    /// | otherwise, step `refused`, stage `linked` | changed; the new connection can still be claimed |
    /// | otherwise | changed |
    ///
    /// - Parameters:
    ///   - step: The step.
    ///   - link: The link, as it was when the step began.
    ///   - steps: The steps it may come from.
    ///   - now: The present moment.
    func reaching(
        _ step: RingLinkProgress.Step, of link: RingLinkProgress, from steps: [RingLinkProgress.Step], at now: Date
    ) -> Reaching {
        guard let present = self.link else { return .gone }
        // A user may present the same nonce for a new connection: that is another link, with another id.
        guard present.id == link.id, present.nonce == link.nonce, present.principal == link.principal,
            steps.contains(present.step)
        else { return .overtaken }
        if present.step == step { return .unchanged }
        var record = self
        record.version &+= 1
        record.link?.step = step
        // The refused nonce was not for the new connection, which can still be claimed.
        if step == .refused, self.stage == .linked { record.hasNewCode = true }
        if step == .completed {
            record.stage = .linked
            record.linkedAt = now
        }
        return .changed(record)
    }
}
