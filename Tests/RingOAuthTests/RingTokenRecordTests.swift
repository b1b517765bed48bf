import Foundation
import RingCore
import RingCrypto
import RingTesting
import Testing

@testable import RingOAuth

/// Every transition of an account's record, and its stored form, by value.
@Suite struct RingTokenRecordTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func record(
        _ stage: RingLinkStage = .linked, condition: RingTokenCondition = .current, hasRefreshToken: Bool = true
    ) -> RingTokenRecord {
        RingTokenRecord(
            accountID: "a", stage: stage,
            tokens: OAuthTokens(
                accessToken: RingAccessToken("t"), accessExpiresAt: self.now + 14_400,
                refreshToken: hasRefreshToken ? OAuthRefreshToken("r") : nil, refreshExpiresAt: self.now + 30 * 86_400,
                issuedAt: self.now, scope: "ava.v1:read"),
            version: 7, now: self.now, condition: condition)
    }

    private func begin(_ record: RingTokenRecord, isForced: Bool = false) -> (RingTokenRecord?, RingError.Code?) {
        switch record.beginningRefresh(now: self.now, refused: isForced ? .always : .never) {
        case .begun(let begun): (begun, nil)
        case .impossible(let error): (nil, error.code)
        }
    }

    // MARK: Refresh

    @Test func aRefreshBeginsWithANote() throws {
        let begun = try #require(self.begin(self.record()).0)
        #expect(begun.attempt == RingRefreshAttempt(fence: 1, startedAt: self.now))
        #expect(begun.fence == 1 && begun.version == 8 && begun.generation == 1 && begun.condition == .current)
        // The outcome of that attempt was never noted: the token may have been used.
        let second = try #require(self.begin(begun).0)
        #expect(second.condition == .uncertain && second.fence == 2)
    }

    @Test(
        arguments: [
            (RingLinkStage.removed, RingTokenCondition.current, true, RingError.Code.accountRemoved),
            (.linked, .current, false, .unauthorized), (.linked, .relinkRequired, true, .relinkRequired),
        ])
    func someRefreshesAreImpossible(
        stage: RingLinkStage, condition: RingTokenCondition, hasRefreshToken: Bool, code: RingError.Code
    ) {
        let record = self.record(stage, condition: condition, hasRefreshToken: hasRefreshToken)
        #expect(self.begin(record).1 == code)
        // Only a lost account can be forced.
        #expect(self.begin(record, isForced: true).1 == (code == .relinkRequired ? nil : code))
        var erased = record
        erased.tokens = nil
        #expect(self.begin(erased, isForced: true).1 == .accountRemoved)
    }

    @Test func aNewPairReplacesTheOneThatWasExchanged() throws {
        var begun = try #require(self.begin(self.record(condition: .uncertain)).0)
        begun.warnedDays = 5
        begun.idleFailures = 3
        let tokens = OAuthTokens(seed: OAuthRefreshToken("r2"), now: self.now)
        let saved = try #require(begun.replacingTokens(tokens, obtainedWith: 1, dueAt: self.now + 5))
        #expect(saved.generation == 2 && saved.condition == .current && saved.attempt == nil)
        #expect(saved.refreshDueAt == self.now + 5 && saved.warnedDays == nil && saved.idleFailures == 0)
        #expect(saved.version == begun.version + 1)
        // Another pair is stored by now, or the account was removed.
        #expect(saved.replacingTokens(tokens, obtainedWith: 1, dueAt: nil) == nil)
        begun.stage = .removed
        #expect(begun.replacingTokens(tokens, obtainedWith: 1, dueAt: nil) == nil)
    }

    @Test func anOutcomeCountsOnlyForItsAttempt() throws {
        let begun = try #require(self.begin(self.record()).0)
        let ended = try #require(begun.endingRefresh(fence: 1, generation: 1, condition: .relinkRequired))
        #expect(ended.condition == .relinkRequired && ended.attempt == nil)
        #expect(begun.endingRefresh(fence: 1, generation: 1, condition: nil)?.condition == .current)
        #expect(begun.endingRefresh(fence: 2, generation: 1, condition: .relinkRequired) == nil)
        #expect(begun.endingRefresh(fence: 1, generation: 2, condition: .relinkRequired) == nil)
    }

    @Test func aRefusedTokenWaitsForItsNextTry() throws {
        func begin(_ record: RingTokenRecord, after seconds: Double) -> RingTokenRecord? {
            switch record.beginningRefresh(now: self.now + seconds, refused: .afterPause) {
            case .begun(let begun): begun
            case .impossible: nil
            }
        }
        let first = try #require(self.begin(self.record()).0)
        let refused = try #require(first.endingRefresh(fence: 1, generation: 1, condition: .relinkRequired))
        #expect(refused.refusedAt == self.now && refused.refusedTries == 0)
        #expect(begin(refused, after: 0.9) == nil)
        let second = try #require(begin(refused, after: 1))
        #expect(second.refusedAt == self.now + 1 && second.refusedTries == 1)
        // The end of a try notes nothing more, whatever it was.
        let again = try #require(second.endingRefresh(fence: 2, generation: 1, condition: .relinkRequired))
        #expect(again.refusedAt == self.now + 1 && again.refusedTries == 1 && begin(again, after: 4.9) == nil)
        #expect(second.endingRefresh(fence: 2, generation: 1, condition: nil)?.refusedTries == 1)
        #expect(begin(again, after: 5) != nil)
        // A moment in the future was noted under a wrong clock.
        #expect(begin(again, after: -500) == nil && begin(again, after: -700) != nil)
        // A day at most, also after many tries, and whatever a damaged record says.
        var old = again
        old.refusedTries = .max
        #expect(begin(old, after: 86_400) == nil && begin(old, after: 86_401)?.refusedTries == 1_000)
        old.refusedTries = .min
        #expect(begin(old, after: 2) != nil)
        let tokens = OAuthTokens(seed: OAuthRefreshToken("r2"), now: self.now)
        let saved = try #require(second.replacingTokens(tokens, obtainedWith: 1, dueAt: nil))
        #expect(saved.refusedAt == nil && saved.refusedTries == 0)
    }

    @Test func warningsGoDown() throws {
        let ten = try #require(self.record().warning(of: 10))
        #expect(ten.warning(of: 10) == nil)
        #expect(ten.warning(of: 5)?.warnedDays == 5)
    }

    @Test func failuresInARowAreCounted() {
        var record = self.record()
        for failures in 1...3 {
            record = record.backingOff(now: self.now) { .seconds(100 * $0) }
            #expect(record.idleFailures == failures)
            #expect(record.refreshDueAt == self.now + 100 * Double(failures))
        }
        record.idleFailures = .max
        #expect(record.backingOff(now: self.now) { _ in .zero }.idleFailures == 1_000)
    }

    // MARK: Adoption and removal

    private func provisional(codeTime: Date?) -> RingTokenRecord {
        var record = self.record(.unidentified)
        record.accountID = .provisional(for: "t")
        record.codeTime = codeTime
        record.ringTime = codeTime
        record.leaseToken = 5
        record.identifyTries = 2
        return record
    }

    @Test func aNewAccountBecomesUnclaimed() {
        let found = self.provisional(codeTime: self.now)
        let adopted = RingTokenRecord.adopting(found, as: "a", over: nil, version: 99, now: self.now + 10)
        #expect(adopted.accountID == "a" && adopted.stage == .unclaimed && adopted.version == 99)
        #expect(adopted.exchangedAt == self.now + 10 && adopted.leaseToken == nil && adopted.identifyTries == 0)
    }

    @Test func aStoredAccountKeepsItsLink() {
        var existing = self.record()
        existing.link = RingLinkProgress(
            principal: RingPrincipal(rawValue: "robin"), nonce: "n", time: "1", accountIdentifier: nil, step: .completed
        )
        existing.generation = 5
        existing.fence = 9
        existing.ringTime = self.now + 50
        let adopted = RingTokenRecord.adopting(
            self.provisional(codeTime: self.now), as: "a", over: existing, version: 99, now: self.now + 10)
        #expect(adopted.stage == .linked && adopted.link == existing.link && adopted.hasNewCode)
        #expect(adopted.generation == 6 && adopted.fence == 10 && adopted.version == existing.version + 1)
        #expect(adopted.ringTime == self.now + 50)
        // A claim whose nonce is younger than the code belongs to the same connection.
        existing.link?.time = "\(Int64(self.now.timeIntervalSince1970 * 1_000) + 1_000)"
        existing.stage = .claimed
        #expect(
            !RingTokenRecord.adopting(
                self.provisional(codeTime: self.now), as: "a", over: existing, version: 99, now: self.now
            ).hasNewCode)
    }

    @Test func aRemovedAccountStartsFromTheBeginning() throws {
        let removed = try #require(self.record().removing(at: nil, expiresAt: self.now + 100))
        #expect(removed.stage == .removed && removed.tokens == nil && removed.expiresAt == self.now + 100)
        let adopted = RingTokenRecord.adopting(
            self.provisional(codeTime: nil), as: "a", over: removed, version: 99, now: self.now)
        #expect(adopted.stage == .unclaimed && adopted.expiresAt == nil && adopted.ringTime == nil)
    }

    @Test func aLateReportOfARemovalChangesNothing() {
        var record = self.record()
        #expect(record.removing(at: self.now - 1, expiresAt: self.now) == nil)
        #expect(record.removing(at: self.now, expiresAt: self.now) != nil)
        record.ringTime = self.now + 20
        #expect(record.removing(at: self.now + 19, expiresAt: self.now) == nil)
        #expect(record.removing(at: nil, expiresAt: self.now) != nil)
    }

    @Test func theLaterCodeCounts() {
        var existing = self.record()
        existing.codeTime = self.now
        #expect(self.provisional(codeTime: self.now - 1).isOlder(than: existing))
        #expect(!self.provisional(codeTime: self.now).isOlder(than: existing))
        #expect(!self.provisional(codeTime: nil).isOlder(than: existing))
        var refused = self.provisional(codeTime: self.now + 1)
        refused.condition = .relinkRequired
        #expect(refused.isOlder(than: existing))
        existing.stage = .removed
        #expect(!refused.isOlder(than: existing))
    }

    @Test func aForwardingHoldsNoSecrets() {
        let adopted = self.record()
        let forwarding = self.provisional(codeTime: self.now).forwarding(to: adopted, expiresAt: self.now + 9)
        #expect(forwarding.tokens == nil && forwarding.link == nil && forwarding.refreshDueAt == nil)
        #expect(forwarding.forwarding == RingTokenForwarding(account: "a", generation: 1, fromGeneration: 1))
        let outdated = self.provisional(codeTime: self.now).forwarding(
            to: adopted, isOutdated: true, expiresAt: self.now + 9)
        #expect(outdated.forwarding?.fromGeneration == -1)
    }

    // MARK: State

    @Test(arguments: RingLinkStage.allCases)
    func aProblemOfTheTokensComesBeforeTheStage(stage: RingLinkStage) {
        let states = RingTokenCondition.allCases.map { RingAccountState(stage: stage, condition: $0) }
        #expect(
            states
                == (stage == .removed
                    ? [.removed, .removed, .removed]
                    : [RingAccountState(rawValue: stage.rawValue), .uncertain, .relinkRequired]))
    }

    @Test func onlyAnUnfinishedLinkIsUnderWay() {
        for step in RingLinkProgress.Step.allCases {
            var record = self.record()
            record.link = RingLinkProgress(
                principal: RingPrincipal(rawValue: "robin"), nonce: "n", time: "1", accountIdentifier: nil, step: step)
            #expect(record.isLinkUnderWay == ![.completed, .refused].contains(step))
            record.stage = .unclaimed
            #expect(!record.isLinkUnderWay)
        }
    }

    // MARK: The stored form

    private func sealer() throws -> RingSealer {
        RingSealer(keys: try RingSealingKeyRing(active: RingSealingKey.generate(id: "k")))
    }

    @Test func everyFieldIsStored() throws {
        var record = self.record(.claimed, condition: .uncertain)
        record.generation = 3
        record.fence = 4
        record.attempt = RingRefreshAttempt(fence: 4, startedAt: self.now + 1)
        record.seed = "seed"
        record.ringTime = self.now + 2
        record.codeTime = self.now + 3
        record.linkedAt = self.now + 4
        record.hasNewCode = true
        record.refreshDueAt = self.now + 5
        record.warnedDays = 5
        record.idleFailures = 6
        record.identifyTries = 7
        record.refusedAt = self.now + 9
        record.refusedTries = 3
        record.expiresAt = self.now + 8
        record.link = RingLinkProgress(
            principal: RingPrincipal(rawValue: "robin"), nonce: "n", time: "1", accountIdentifier: "r***n",
            step: .confirming)
        let sealer = try self.sealer()
        let stored = try record.stored(sealing: sealer)
        let read = try RingTokenRecord(stored, opening: sealer)
        #expect(read.accountID == "a" && read.version == 7 && read.stage == .claimed && read.condition == .uncertain)
        #expect(read.generation == 3 && read.fence == 4 && read.attempt == record.attempt && read.seed == "seed")
        #expect(
            read.ringTime == record.ringTime && read.codeTime == record.codeTime && read.linkedAt == record.linkedAt)
        #expect(read.hasNewCode && read.refreshDueAt == record.refreshDueAt && read.warnedDays == 5)
        #expect(read.idleFailures == 6 && read.identifyTries == 7 && read.expiresAt == record.expiresAt)
        #expect(read.link == record.link && read.exchangedAt == self.now)
        #expect(read.refusedAt == record.refusedAt && read.refusedTries == 3)
        #expect(read.tokens?.accessToken?.revealed == "t" && read.tokens?.refreshToken?.revealed == "r")
        #expect(read.tokens?.scope == "ava.v1:read" && read.tokens?.accessExpiresAt == self.now + 14_400)
        // Without opening the secrets, everything else is there, and the secrets are kept.
        var sealed = try RingTokenRecord(stored, opening: nil)
        #expect(sealed.tokens?.accessToken == nil && sealed.hasAccessToken && sealed.mayBeRefreshed)
        #expect(sealed.link?.nonce == "" && sealed.link?.principal == record.link?.principal)
        sealed.version += 1
        let rewritten = try RingTokenRecord(try sealed.stored(sealing: sealer), opening: sealer)
        #expect(rewritten.tokens?.refreshToken?.revealed == "r" && rewritten.link == record.link)
    }

    @Test func secretsOfAnotherAccountDoNotOpen() throws {
        let sealer = try self.sealer()
        let stored = try self.record().stored(sealing: sealer)
        let moved = RingStorageRecord(
            id: RingStorageID(.tokens, "b"), version: stored.version, keys: stored.keys, payload: stored.payload)
        let error = #expect(throws: RingError.self) { try RingTokenRecord(moved, opening: sealer) }
        #expect(error?.code == .storageFailed)
    }

    @Test func theIndexesFollowTheStage() throws {
        let sealer = try self.sealer()
        func keys(_ record: RingTokenRecord) throws -> Set<String> {
            let stored = try record.stored(sealing: sealer)
            return Set(
                zip(RingStorageCollection.tokens.indexes, stored.keys).filter { $0.1 != nil }.map { "\($0.0)" })
        }
        var record = self.record(.unclaimed)
        record.refreshDueAt = self.now
        #expect(try keys(record) == ["due", "pool", "unclaimed", "sealing_key"])
        record.condition = .relinkRequired
        #expect(try keys(record) == ["pool", "unclaimed", "sealing_key"])
        record = self.provisional(codeTime: nil)
        #expect(try keys(record) == ["unidentified", "sealing_key"])
        #expect(try !RingTokenRecord.isForwarding(record.stored(sealing: sealer)))
        let forwarding = record.forwarding(to: self.record(), expiresAt: self.now)
        #expect(try keys(forwarding) == ["expires"])
        #expect(try RingTokenRecord.isForwarding(forwarding.stored(sealing: sealer)))
        let removed = try #require(self.record().removing(at: nil, expiresAt: self.now))
        #expect(try keys(removed) == ["expires"])
        #expect(try !RingTokenRecord.isForwarding(removed.stored(sealing: sealer)))
    }
}
