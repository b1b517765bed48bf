import Foundation
import RingCore
import RingTesting
import Testing

@testable import RingOAuth

/// Every transition of what a process knows of an account's tokens, by value.
@Suite struct RingAccountTokensStateTests {
    private let clock = ManualClock()
    private let policy = RingTokenPolicy()

    /// A known token with some time left of a lifetime.
    private func known(_ token: String, generation: Int64 = 1, secondsLeft: Double, of lifetime: Double = 14_400) throws
        -> RingKnownToken
    {
        let now = self.clock.now()
        var record = RingTokenRecord(
            accountID: "a", stage: .linked,
            tokens: OAuthTokens(
                accessToken: RingAccessToken(token), accessExpiresAt: now + secondsLeft,
                refreshToken: OAuthRefreshToken("r"), refreshExpiresAt: now + 86_400,
                issuedAt: now + secondsLeft - lifetime),
            version: 1, now: now)
        record.generation = generation
        return try #require(RingKnownToken(record, clock: self.clock))
    }

    private func state(_ token: RingKnownToken) -> RingAccountTokensState {
        var state = RingAccountTokensState()
        _ = state.learn(token)
        return state
    }

    private func ready(_ state: RingAccountTokensState) -> String {
        switch state.ready(
            advisory: self.policy.advisoryMargin, mandatory: self.policy.mandatoryMargin, at: self.clock.uptime())
        {
        case .token(let token): "token \(token.revealed)"
        case .tokenToRefresh(let token): "refresh \(token.revealed)"
        case .nothing: "nothing"
        }
    }

    private func pair() -> RingUnsavedPair {
        RingUnsavedPair(
            account: "a", tokens: OAuthTokens(seed: OAuthRefreshToken("r"), now: self.clock.now()), generation: 1,
            dueAt: self.clock.now(), reason: "expiry",
            lease: RingStorageLease(id: RingStorageID(.tokens, "a"), token: 1))
    }

    @Test(
        arguments: [
            (901.0, 14_400.0, "token t"), (900, 14_400, "refresh t"), (61, 14_400, "refresh t"),
            (60, 14_400, "nothing"), (-1, 14_400, "nothing"),
            // The margins are at most half of the lifetime.
            (601, 1_200, "token t"), (600, 1_200, "refresh t"), (21, 40, "token t"), (20, 40, "nothing"),
        ] as [(Double, Double, String)])
    func theRemainingTimeDecides(secondsLeft: Double, lifetime: Double, expected: String) throws {
        #expect(try self.ready(self.state(self.known("t", secondsLeft: secondsLeft, of: lifetime))) == expected)
    }

    @Test func nothingIsReadyBeforeATokenIsKnown() {
        let state = RingAccountTokensState()
        #expect(state.isNew)
        #expect(self.ready(state) == "nothing")
        #expect(state.usable == nil && state.last == nil)
    }

    @Test func theSameTokenKeepsItsEnd() throws {
        var state = try self.state(self.known("t", secondsLeft: 1_000))
        self.clock.step(wallClockBy: .seconds(500))
        // The same token, read again after a step of the wall clock.
        let same = state.learn(try self.known("t", generation: 2, secondsLeft: 500))
        #expect(same?.generation == 2)
        #expect(same?.remaining(self.clock) == .seconds(1_000))
        let other = state.learn(try self.known("u", generation: 3, secondsLeft: 500))
        #expect(other?.remaining(self.clock) == .seconds(500))
    }

    @Test func aRecordWithoutATokenForgetsIt() throws {
        var state = try self.state(self.known("t", secondsLeft: 1_000))
        #expect(state.learn(nil) == nil)
        #expect(self.ready(state) == "nothing")
    }

    @Test func aRefusedTokenIsNotUsedUntilAnotherIsKnown() throws {
        var state = try self.state(self.known("t", secondsLeft: 14_000))
        state.refuse(RingAccessToken("an older one"))
        #expect(!state.isRefused && self.ready(state) == "token t")
        state.refuse(RingAccessToken("t"))
        #expect(state.isRefused && state.usable == nil && self.ready(state) == "nothing")
        // Reading the same token again does not make it valid.
        _ = state.learn(try self.known("t", secondsLeft: 14_000))
        #expect(state.isRefused)
        _ = state.learn(try self.known("u", secondsLeft: 14_000))
        #expect(!state.isRefused && self.ready(state) == "token u")
    }

    @Test func aRefusalWithoutAKnownTokenIsNoted() {
        var state = RingAccountTokensState()
        state.refuse(RingAccessToken("t"))
        #expect(state.isRefused && !state.isNew)
        state.forget()
        #expect(!state.isRefused && state.isNew)
    }

    @Test func aNeedDecidesWhichTokenIsSufficient() throws {
        let state = try self.state(self.known("t", generation: 4, secondsLeft: 100))
        let cases: [(RingTokenNeed, Bool)] = [
            (.lasting(.seconds(60)), true), (.lasting(.seconds(100)), false),
            (.other(than: RingAccessToken("u")), true),
            (.other(than: RingAccessToken("t")), false), (.newer(than: 3, isForced: true), true),
            (.newer(than: 4, isForced: false), false),
        ]
        for (need, isMet) in cases {
            #expect((state.known(meeting: need, self.clock) != nil) == isMet, "\(need.reason)")
        }
        self.clock.advance(by: .seconds(100))
        #expect(state.known(meeting: .other(than: RingAccessToken("u")), self.clock) == nil)
    }

    @Test func aNeedHasAReasonAndAPriority() {
        let needs: [(RingTokenNeed, String, RingPriority, RingTokenRecord.RefusedToken)] = [
            (.lasting(.zero), "expiry", .interactive, .afterPause),
            (.other(than: RingAccessToken("t")), "refused", .interactive, .afterPause),
            (.newer(than: 1, isForced: true), "forced", .interactive, .always),
            (.newer(than: 1, isForced: false), "idle", .background, .never),
        ]
        for (need, reason, priority, refused) in needs {
            #expect(need.reason == reason && need.priority == priority && need.refusedToken == refused)
        }
    }

    @Test func eightRefusalsAMinuteAreRefreshes() {
        var state = RingAccountTokensState()
        for second in 0..<8 { #expect(state.countRefusal(at: .seconds(second), isShared: false) == true) }
        #expect(state.countRefusal(at: .seconds(8), isShared: false) == false)
        #expect(state.countRefusal(at: .seconds(60), isShared: true) == false)
        #expect(state.countRefusal(at: .seconds(61), isShared: false) == true)
    }

    @Test func callersThatShareARefreshCountAsOne() {
        var state = RingAccountTokensState()
        for _ in 0..<100 { #expect(state.countRefusal(at: .zero, isShared: true) == true) }
        for _ in 0..<8 { #expect(state.countRefusal(at: .zero, isShared: false) == true) }
        #expect(state.countRefusal(at: .zero, isShared: false) == false)
    }

    @Test func anUnsavedPairStaysUntilItIsDropped() throws {
        var state = RingAccountTokensState()
        let (first, second) = (self.pair(), self.pair())
        state.keep(first)
        #expect(!state.isNew)
        state.forget()
        _ = state.learn(try self.known("t", secondsLeft: 100))
        #expect(state.unsaved === first)
        // A younger pair has replaced it meanwhile: the end of the first one must not drop the second.
        state.keep(second)
        state.drop(first)
        #expect(state.unsaved === second)
        state.drop(second)
        #expect(state.unsaved == nil)
    }

    @Test func failuresDelayBackgroundRefreshesOnly() {
        var state = RingAccountTokensState()
        var failures: [Int] = []
        let pause: (Int) -> Duration = {
            failures.append($0)
            return .seconds(10 * $0)
        }
        #expect(state.mayRefreshInBackground(at: .zero))
        state.endRefresh(succeeded: false, at: .zero, pause: pause)
        #expect(!state.mayRefreshInBackground(at: .seconds(9)))
        #expect(state.mayRefreshInBackground(at: .seconds(10)))
        state.endRefresh(succeeded: false, at: .seconds(10), pause: pause)
        #expect(!state.mayRefreshInBackground(at: .seconds(29)))
        state.endRefresh(succeeded: true, at: .seconds(30), pause: pause)
        state.endRefresh(succeeded: false, at: .seconds(30), pause: pause)
        #expect(failures == [1, 2, 1])
    }
}

@Suite struct RingFirstSeenTests {
    @Test func countsOnlyWithoutInterruption() {
        var seen = RingFirstSeen<String>()
        seen.update(["a", "b"], at: .seconds(0))
        seen.update(["a"], at: .seconds(50))
        seen.update(["a", "b", "c"], at: .seconds(60))
        #expect(seen.has("a", for: .seconds(60), at: .seconds(60)))
        #expect(!seen.has("b", for: .seconds(1), at: .seconds(60)))
        #expect(seen.has("b", for: .seconds(1), at: .seconds(61)))
        #expect(!seen.has("c", for: .seconds(2), at: .seconds(61)))
        #expect(!seen.has("d", for: .zero, at: .seconds(61)))
        seen.update([], at: .seconds(70))
        #expect(!seen.has("a", for: .zero, at: .seconds(70)))
    }
}

@Suite struct RingTokenPolicyTests {
    /// An environment whose random numbers are all the same.
    private func environment(_ random: UInt64) -> RingEnvironment {
        var environment = RingEnvironment()
        environment.random = { random }
        return environment
    }

    @Test func pausesGrowToALimit() {
        let policy = RingTokenPolicy()
        for random in [UInt64.min, UInt64.max] {
            let environment = self.environment(random)
            let share = random == .min ? 0.5 : 1.0
            let pauses = (0..<8).map { policy.pause($0, environment) }
            #expect(pauses.first.map { $0 >= .milliseconds(25 * share) && $0 <= .milliseconds(26) } ?? false)
            #expect(pauses.allSatisfy { $0 <= .milliseconds(501) })
            #expect(policy.advisoryPause(failures: 1, environment) <= .seconds(10))
            #expect(policy.advisoryPause(failures: 1, environment) >= .milliseconds(4_999))
            for failures in [0, 5, 100] {
                #expect(policy.advisoryPause(failures: failures, environment) <= .seconds(120))
            }
        }
    }

    @Test(
        arguments: [
            (1, 30.0 * 86_400, 600.0), (2, 30 * 86_400, 1_200), (3, 30 * 86_400, 2_400),
            // At most a twentieth of the time that is left, and at most the interval; never less than ten minutes.
            (10, 86_400, 4_320), (100, 30 * 86_400, 86_400), (5, 0, 600), (0, 0, 600),
        ] as [(Int, Double, Double)])
    func idlePausesDouble(failures: Int, secondsLeft: Double, longest: Double) {
        let policy = RingTokenPolicy()
        let shortest = policy.idlePause(failures: failures, left: .seconds(secondsLeft), self.environment(.min))
        let upper = policy.idlePause(failures: failures, left: .seconds(secondsLeft), self.environment(.max))
        #expect(abs(upper.seconds - longest) < 1)
        #expect(abs(shortest.seconds - longest * 0.75) < 1)
    }

    @Test func unusableSettingsAreCorrected() {
        let policy = RingTokenPolicy(leaseDuration: .zero, idleJitter: 7, saveAttempts: 0)
        #expect(policy.leaseDuration == .seconds(1))
        #expect(policy.idleJitter == 1)
        #expect(policy.saveAttempts == 1)
    }
}
