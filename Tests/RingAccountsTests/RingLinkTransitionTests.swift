import Foundation
import RingCore
import RingCrypto
import RingOAuth
import Testing

@testable import RingAccounts

/// Every transition of a link and of the code exchanges, by value.
@Suite struct RingLinkTransitionTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private static let robin = RingPrincipal(rawValue: "robin")
    private static let alex = RingPrincipal(rawValue: "alex")

    private func time(_ offset: Double) -> String {
        "\(Int64((self.now.timeIntervalSince1970 + offset) * 1_000))"
    }

    private func claim(
        _ principal: RingPrincipal = Self.robin, nonce: String = "new", secondsLater: Double = 60,
        step: RingLinkProgress.Step = .claimed
    ) -> RingLinkProgress {
        RingLinkProgress(
            principal: principal, nonce: nonce, time: self.time(secondsLater), accountIdentifier: nil, step: step)
    }

    /// A record whose latest code was exchanged at the present moment.
    private func record(
        _ stage: RingLinkStage, link: RingLinkProgress? = nil, hasNewCode: Bool = false
    ) -> RingTokenRecord {
        var record = RingTokenRecord(
            accountID: "a", stage: stage, tokens: OAuthTokens(seed: OAuthRefreshToken("r"), now: self.now), version: 1,
            now: self.now)
        record.link = link
        record.hasNewCode = hasNewCode
        record.codeTime = self.now
        if stage == .linked { record.linkedAt = self.now }
        return record
    }

    /// The result in one word, with the stage and the step of a new record.
    private func result(_ record: RingTokenRecord, _ claim: RingLinkProgress) -> String {
        do {
            switch try record.claiming(claim) {
            case .claimed(let claimed):
                return "\(claimed.stage.rawValue) \(claimed.link?.step.rawValue ?? "-")"
            case .unchanged: return "unchanged"
            case .takesOver: return "takes over"
            case .impossible: return "impossible"
            }
        } catch { return (error as? RingError)?.code.rawValue ?? "\(error)" }
    }

    @Test(
        arguments: [
            (RingLinkStage.unidentified, "impossible"), (.removed, "impossible"), (.unclaimed, "claimed claimed"),
            (.claimed, "claimed claimed"), (.linked, "linked claimed"),
        ])
    func anAccountWithoutALinkIsClaimed(stage: RingLinkStage, expected: String) {
        #expect(self.result(self.record(stage), self.claim()) == expected)
    }

    @Test(
        arguments: [
            (RingLinkProgress.Step.claimed, "claimed claimed"), (.confirming, "claimed confirming"),
            (.confirmed, "unchanged"), (.completed, "claimed claimed"), (.refused, "claimed claimed"),
        ])
    func aUserMayClaimAgainWithANewNonce(step: RingLinkProgress.Step, expected: String) {
        let old = self.claim(nonce: "old", secondsLater: 1, step: step)
        #expect(self.result(self.record(.claimed, link: old), self.claim()) == expected)
    }

    @Test(arguments: RingLinkProgress.Step.allCases)
    func theSameNonceChangesNothing(step: RingLinkProgress.Step) {
        for stage in [RingLinkStage.claimed, .linked] {
            let link = self.claim(nonce: "new", step: step)
            #expect(self.result(self.record(stage, link: link), self.claim()) == "unchanged")
        }
    }

    @Test(
        arguments: [
            (RingLinkProgress.Step.claimed, "claimed_by_another"), (.confirming, "claimed_by_another"),
            (.confirmed, "claimed_by_another"), (.completed, "claimed_by_another"), (.refused, "claimed claimed"),
        ])
    func anotherUserMayClaimOnlyAfterARefusal(step: RingLinkProgress.Step, expected: String) {
        let link = self.claim(Self.alex, nonce: "old", secondsLater: 1, step: step)
        #expect(self.result(self.record(.claimed, link: link), self.claim()) == expected)
        // The link of another user is never replaced without a new code.
        #expect(self.result(self.record(.linked, link: link), self.claim()) == "claimed_by_another")
    }

    @Test func aNewConnectionMayBelongToAnotherUser() {
        let link = self.claim(Self.alex, nonce: "old", secondsLater: -60, step: .completed)
        let record = self.record(.linked, link: link, hasNewCode: true)
        #expect(self.result(record, self.claim()) == "takes over")
        #expect(self.result(record, self.claim(step: .confirmed)) == "claimed confirmed")
        // The nonce is older than the code: it was not made for this connection.
        #expect(self.result(record, self.claim(secondsLater: -1)) == "claimed_by_another")
        var unfinished = record
        unfinished.link?.step = .confirming
        #expect(self.result(unfinished, self.claim()) == "claimed_by_another")
    }

    @Test func aLinkedAccountIsConfirmedAgainOnlyAfterANewCode() {
        let link = self.claim(nonce: "old", secondsLater: -60, step: .completed)
        #expect(self.result(self.record(.linked, link: link), self.claim()) == "unchanged")
        #expect(self.result(self.record(.linked, link: link, hasNewCode: true), self.claim()) == "linked claimed")
        #expect(
            self.result(self.record(.linked, link: link, hasNewCode: true), self.claim(secondsLater: -1)) == "unchanged"
        )
    }

    @Test func aClaimNotesRingsTime() throws {
        guard case .claimed(let claimed) = try self.record(.unclaimed, hasNewCode: true).claiming(self.claim()) else {
            Issue.record("not claimed")
            return
        }
        #expect(claimed.ringTime == self.now + 60 && !claimed.hasNewCode && claimed.version == 2)
    }

    // MARK: Steps

    private func reached(
        _ record: RingTokenRecord, _ step: RingLinkProgress.Step, _ link: RingLinkProgress,
        from steps: [RingLinkProgress.Step] = [.claimed, .confirming, .confirmed]
    ) -> String {
        switch record.reaching(step, of: link, from: steps, at: self.now + 5) {
        case .changed(let record):
            "\(record.stage.rawValue) \(record.link?.step.rawValue ?? "-") \(record.linkedAt == self.now + 5) \(record.hasNewCode)"
        case .unchanged: "unchanged"
        case .overtaken: "overtaken"
        case .gone: "gone"
        }
    }

    @Test func aStepIsNotedOnItsOwnLinkOnly() {
        let link = self.claim()
        let record = self.record(.claimed, link: link)
        #expect(self.reached(record, .confirming, link) == "claimed confirming false false")
        #expect(self.reached(record, .completed, link) == "linked completed true false")
        #expect(self.reached(record, .refused, link) == "claimed refused false false")
        #expect(self.reached(record, .claimed, link) == "unchanged")
        #expect(self.reached(record, .completed, self.claim(nonce: "other")) == "overtaken")
        #expect(self.reached(record, .completed, self.claim(Self.alex)) == "overtaken")
        // The same nonce, presented for a new connection.
        var later = link
        later.id = 2
        #expect(self.reached(record, .completed, later) == "overtaken")
        #expect(self.reached(record, .confirmed, link, from: [.confirming]) == "overtaken")
        #expect(self.reached(self.record(.claimed), .confirmed, link) == "gone")
    }

    @Test func aRefusalLeavesTheNewConnectionToOthers() {
        let link = self.claim()
        #expect(self.reached(self.record(.linked, link: link), .refused, link) == "linked refused false true")
    }

    // MARK: Code exchanges

    private func digest(_ code: String) -> RingSHA256Digest { RingSHA256.digest(of: Array(code.utf8)) }

    private func step(_ state: inout RingCodeExchangesState, _ code: String, at now: Duration = .zero) -> String {
        switch state.step(for: self.digest(code), at: now, start: { Task { RingTokenExchangeResponse(200, "stored") } })
        {
        case .wait: "wait"
        case .respond(let response): "\(response.status)"
        case .save(let account): "save \(account)"
        }
    }

    @Test func aCodeIsExchangedOnce() {
        var state = RingCodeExchangesState()
        #expect(self.step(&state, "a") == "wait")
        #expect(self.step(&state, "a") == "wait")
        #expect(!state.isIdle && state.count == 1)
        state.finish(self.digest("a"), .finished(RingTokenExchangeResponse(400, "code_invalid")), at: .zero)
        #expect(state.end() && state.isIdle)
        #expect(self.step(&state, "a") == "400")
        // Two minutes later it is forgotten.
        #expect(self.step(&state, "a", at: .seconds(120)) == "400")
        #expect(self.step(&state, "a", at: .seconds(121)) == "wait")
    }

    @Test func aCodeThatWasNotUsedIsTriedAgain() {
        var state = RingCodeExchangesState()
        #expect(self.step(&state, "a") == "wait")
        state.finish(self.digest("a"), .finished(RingTokenExchangeResponse(503, "try_again")), at: .zero)
        #expect(state.end() && state.count == 0)
        #expect(self.step(&state, "a") == "wait")
    }

    @Test func unsavedTokensAreSavedInsteadOfExchangedAgain() {
        var state = RingCodeExchangesState()
        #expect(self.step(&state, "a") == "wait")
        state.finish(self.digest("a"), .unsaved("x"), at: .zero)
        #expect(state.end() == true)
        #expect(self.step(&state, "a") == "save x")
        state.saved(self.digest("a"), RingTokenExchangeResponse(200, "stored"))
        #expect(self.step(&state, "a") == "200")
        state.saved(self.digest("b"), RingTokenExchangeResponse(200, "stored"))
        #expect(state.count == 1)
    }

    @Test func aStoppedServiceBeginsNothing() {
        var state = RingCodeExchangesState()
        #expect(state.begin() == true)
        state.isStopped = true
        #expect(state.begin() == false)
        #expect(self.step(&state, "a") == "503")
        #expect(state.end() && state.isIdle)
    }

    @Test func onlySoManyCodesAreUnderWay() {
        var state = RingCodeExchangesState()
        for number in 0..<RingCodeExchangesState.maximumUnderWay { #expect(self.step(&state, "\(number)") == "wait") }
        #expect(self.step(&state, "one more") == "503")
        #expect(state.end() == false)
        #expect(self.step(&state, "one more") == "wait")
    }

    @Test func linksIdentifyTokensTenTimesInTenSeconds() {
        var state = RingCodeExchangesState()
        for _ in 0..<10 { #expect(state.mayIdentify(at: .zero) == true) }
        #expect(state.mayIdentify(at: .seconds(10)) == false)
        #expect(state.mayIdentify(at: .seconds(11)) == true)
    }
}
