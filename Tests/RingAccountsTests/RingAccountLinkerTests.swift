import Foundation
import RingAccounts
import RingCore
import RingOAuth
import RingTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingAccountLinkerTests {
    @Test(arguments: [false, true])
    func linksFromCodeToCompleted(isFlat: Bool) async throws {
        let bench = try LinkBench(ring: StubRing(isFlat: isFlat))
        #expect(try await bench.arrive().state == .unclaimed)
        let result = try await bench.linker.link(bench.redirect(), for: .robin, accountIdentifier: "r***e")
        #expect(result == RingLinkResult(account: "a", keyIndex: 0))
        #expect(try await bench.state() == .linked)
        #expect(bench.ring.integration == "completed")
        #expect(bench.ring.state.withLock { $0.patches } == [#"{"status":"completed","account_identifier":"r***e"}"#])
        #expect(
            bench.observer.events(RingLinkAdvanced.self).map(\.step) == [.claimed, .confirming, .confirmed, .completed])
        let record = try #require(try await bench.store.record(for: "a"))
        #expect(record.link?.principal == .robin)
        #expect(record.linkedAt != nil)
    }

    @Test func matchesTheWholePoolAndBothKeys() async throws {
        let bench = try LinkBench(keys: ["new-key", LinkBench.hmacKey])
        for number in 0..<50 {
            bench.ring.state.withLock { $0.owners["access-\(number + 1)"] = "account-\(number)" }
            try await bench.arrive("code-\(number)")
        }
        let old = try await bench.linker.link(bench.redirect("account-49"), for: .robin)
        #expect(old == RingLinkResult(account: "account-49", keyIndex: 1))
        let new = try await bench.linker.link(bench.redirect("account-0", key: "new-key"), for: .alex)
        #expect(new.keyIndex == 0)
    }

    @Test func refusesWhatDoesNotFit() async throws {
        let bench = try LinkBench()
        try await bench.arrive()
        let good = try bench.redirect()
        let seconds = String(good.time.dropLast(3))
        let cases: [(RingLinkRedirect, RingError.Code)] = [
            (RingLinkRedirect(nonce: good.nonce + "=", time: good.time), .invalidNonce),
            (RingLinkRedirect(nonce: String(good.nonce.dropLast()), time: good.time), .invalidNonce),
            (RingLinkRedirect(nonce: String(repeating: "+", count: 43), time: good.time), .invalidNonce),
            (RingLinkRedirect(nonce: good.nonce, time: "soon"), .invalidNonce),
            (RingLinkRedirect(nonce: good.nonce, time: "99999999999999999999"), .invalidNonce),
            (RingLinkRedirect(nonce: good.nonce, time: seconds), .linkExpired),
            (RingLinkRedirect(nonce: good.nonce, time: good.time + "0"), .linkFromFuture),
            (try bench.redirect(secondsAgo: 601), .linkExpired), (try bench.redirect(secondsAgo: -1), .linkFromFuture),
            (try bench.redirect("other"), .noMatchingAccount), (try bench.redirect(key: "wrong"), .noMatchingAccount),
        ]
        for (redirect, code) in cases {
            #expect(await bench.code { _ = try await bench.linker.link(redirect, for: .robin) } == code)
        }
        let nobody = RingPrincipal(rawValue: "")
        #expect(await bench.code { _ = try await bench.linker.link(good, for: nobody) } == .invalidArgument)
        #expect(bench.ring.state.withLock { $0.posts } == 0)
        #expect(try await bench.state() == .unclaimed)
        let unkeyed = try bench.other(keys: [])
        #expect(await bench.code { _ = try await unkeyed.linker.link(good, for: .robin) } == .misconfigured)
        // Just inside the window.
        #expect(try await bench.linker.link(bench.redirect(secondsAgo: 600), for: .robin).account == "a")
    }

    @Test func thePoolForgetsAfterFifteenMinutes() async throws {
        let bench = try LinkBench(clock: ManualClock())
        try await bench.arrive()
        #expect(try await bench.linker.purge() == 0)
        try bench.clock.advance(by: .seconds(902))
        let late = try bench.redirect()
        #expect(await bench.code { _ = try await bench.linker.link(late, for: .robin) } == .noMatchingAccount)
        #expect(try await bench.linker.purge() == 1)
        #expect(try await bench.state() == nil)
    }

    @Test func twoUsersWithOneNonce() async throws {
        let bench = try LinkBench(clock: RingSystemClock())
        try await bench.arrive()
        let redirect = try bench.redirect()
        let other = try bench.other()
        async let first = bench.code { _ = try await bench.linker.link(redirect, for: .robin) }
        async let second = bench.code { _ = try await other.linker.link(redirect, for: .alex) }
        let codes = await [first, second]
        #expect(Set(codes) == [nil, .claimedByAnother])
        let record = try #require(try await bench.store.record(for: "a"))
        #expect(record.link?.principal == (codes[0] == nil ? .robin : .alex))
        #expect(bench.ring.state.withLock { $0.posts } == 1)
    }

    @Test func aDoubleClickIsOneLink() async throws {
        let bench = try LinkBench(clock: RingSystemClock())
        try await bench.arrive()
        let redirect = try bench.redirect()
        let results = try await withThrowingTaskGroup(of: RingLinkResult.self) { group in
            for number in 0..<16 {
                let clicked = number.isMultiple(of: 2) ? bench : try bench.other()
                group.addTask { try await clicked.linker.link(redirect, for: .robin) }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(results.count == 1)
        #expect(bench.ring.state.withLock { $0.posts } == 1)
        #expect(bench.ring.state.withLock { $0.patches.count } == 1)
        // And again, an hour later would be too late; now it is simply done.
        _ = try await bench.linker.link(redirect, for: .robin)
        #expect(bench.ring.state.withLock { $0.posts } == 1)
    }

    @Test func aLostResponseToThePostIsCheckedByPatch() async throws {
        let bench = try LinkBench()
        try await bench.arrive()
        bench.ring.state.withLock { $0.faults = [.responseLost] }
        #expect(try await bench.linker.link(bench.redirect(), for: .robin).account == "a")
        #expect(bench.ring.integration == "completed")
        #expect(try await bench.state() == .linked)
    }

    @Test func aNonceThatRingRefusesFreesTheAccount() async throws {
        let bench = try LinkBench()
        try await bench.arrive()
        let redirect = try bench.redirect()
        bench.ring.state.withLock { _ = $0.usedNonces.insert(redirect.nonce) }
        #expect(await bench.code { _ = try await bench.linker.link(redirect, for: .robin) } == .invalidNonce)
        #expect(try await bench.store.record(for: "a")?.link?.step == .refused)
        // A first try that was refused outright had no effect: there is nothing to check by PATCH.
        #expect(bench.ring.state.withLock { $0.patches }.isEmpty)
        // "Sign In" pressed again at Ring, by whoever is at the browser now.
        #expect(try await bench.linker.link(bench.redirect(secondsAgo: 2), for: .alex).account == "a")
        #expect(try await bench.store.record(for: "a")?.link?.principal == .alex)
    }

    @Test func aFailedPostCanBeRepeatedLongAfterThePoolForgot() async throws {
        let bench = try LinkBench(attempts: 1)
        try await bench.arrive()
        bench.ring.state.withLock { $0.faults = [.status(500)] }
        #expect(await bench.code { _ = try await bench.linker.link(bench.redirect(), for: .robin) } == .serverFailure)
        #expect(try await bench.state() == .claimed)
        try bench.clock.advance(by: .seconds(3_600))
        #expect(try await bench.linker.resume(for: .alex).isEmpty)
        #expect(try await bench.linker.resume(for: .robin).map(\.account) == ["a"])
        #expect(try await bench.state() == .linked)
    }

    @Test func aFailedPatchLeavesOnlyThePatch() async throws {
        let bench = try LinkBench(attempts: 1)
        try await bench.arrive()
        let redirect = try bench.redirect()
        let failing = try LinkBench(
            ring: StubRing { operation in
                if operation == .updateLink { throw RingError(code: .connectionFailed, message: "down") }
            }, endpoint: bench.endpoint, storage: bench.storage, clock: bench.time, attempts: 1)
        #expect(await bench.code { _ = try await failing.linker.link(redirect, for: .robin) } == .connectionFailed)
        #expect(try await bench.store.record(for: "a")?.link?.step == .confirmed)
        bench.ring.state.withLock { $0.integration = "awaiting" }
        #expect(try await bench.linker.link(redirect, for: .robin).account == "a")
        #expect(bench.ring.state.withLock { $0.posts } == 0)
    }

    @Test func aSecondExchangeKeepsTheLink() async throws {
        let bench = try LinkBench()
        try await bench.arrive("one")
        _ = try await bench.linker.link(bench.redirect(), for: .robin)
        #expect(try await bench.arrive("two").state == .linked)
        #expect(try await bench.keeper.tokens(for: "a").accessToken().revealed == "access-2")
        // The redirect that follows is of a new connection at Ring: whoever brings it has made that connection.
        #expect(try await bench.linker.link(bench.redirect(secondsAgo: 0), for: .robin).account == "a")
        #expect(bench.ring.state.withLock { $0.posts } == 2)
        try bench.clock.advance(by: .seconds(2))
        try await bench.arrive("three")
        #expect(try await bench.linker.link(bench.redirect(secondsAgo: 0), for: .alex).account == "a")
        #expect(try await bench.store.record(for: "a")?.link?.principal == .alex)
    }

    @Test func removalErasesAndTheNextLinkBeginsAnew() async throws {
        let bench = try LinkBench()
        try await bench.arrive("one")
        _ = try await bench.linker.link(bench.redirect(), for: .robin)
        let removedAt = bench.time.now() + 1
        let removal = RingLifecycleEvent(account: "a", change: .integrationRemoved, occurredAt: removedAt)
        try await bench.linker.respond(to: removal)
        #expect(try await bench.store.record(for: "a")?.tokens == nil)
        try bench.clock.advance(by: .seconds(60))
        try await bench.arrive("two")
        #expect(try await bench.linker.link(bench.redirect(), for: .alex).account == "a")
        // The webhook's seventh delivery, 73 minutes late.
        try await bench.linker.respond(to: removal)
        #expect(try await bench.state() == .linked)
    }

    @Test func unlinksWhatThePartnerBegan() async throws {
        let bench = try LinkBench()
        bench.endpoint.allow(code: "code")
        bench.ring.state.withLock { $0.integration = "awaiting" }
        let result = try await bench.linker.complete(
            OAuthAuthorizationCode("code"), verifier: OAuthCodeVerifier(String(repeating: "v", count: 43)), for: .robin,
            accountIdentifier: "r***e")
        #expect(result == RingLinkResult(account: "a", keyIndex: nil))
        #expect(bench.ring.state.withLock { $0.posts } == 0)
        #expect(bench.endpoint.forms.first?["code_verifier"]?.count == 43)
        try await bench.linker.unlink("a")
        #expect(try await bench.state() == nil)
        #expect(bench.ring.integration == "removed")
    }

    @Test func aProxysResponseErasesNoLink() async throws {
        let bench = try LinkBench(attempts: 1)
        try await bench.arrive()
        _ = try await bench.linker.link(bench.redirect(), for: .robin)
        for (status, body) in [(404, "<html>"), (410, #"{"message":"Gone"}"#)] {
            bench.ring.state.withLock { $0.faults = [.status(status, body: body)] }
            #expect(await bench.code { try await bench.linker.unlink("a") } == .serverFailure)
            #expect(try await bench.state() == .linked)
        }
    }

    @Test func aLinkThatBeganAtRingIsNotErasedByUs() async throws {
        let bench = try LinkBench()
        try await bench.arrive()
        _ = try await bench.linker.link(bench.redirect(), for: .robin)
        bench.ring.state.withLock { $0.faults = [.status(403)] }
        #expect(await bench.code { try await bench.linker.unlink("a") } == .forbidden)
        #expect(try await bench.state() == .linked)
    }

    @Test func tokensWaitWhenUsersMeCannotBeAsked() async throws {
        let bench = try LinkBench(attempts: 1)
        bench.ring.state.withLock { $0.userFault = 500 }
        #expect(try await bench.arrive().state == .unidentified)
        #expect(try await bench.linker.identifyWaiting().isEmpty)
        bench.ring.state.withLock { $0.userFault = nil }
        #expect(try await bench.other().linker.identifyWaiting().map(\.state) == [.unclaimed])
        #expect(try await bench.linker.link(bench.redirect(), for: .robin).account == "a")
    }

    /// Fault of the first release: a second redirect without a new code began the link of a linked account anew.
    @Test func aLinkedAccountIsNotConfirmedAgainWithoutANewCode() async throws {
        let bench = try LinkBench()
        try await bench.arrive()
        _ = try await bench.linker.link(bench.redirect(), for: .robin)
        #expect(try await bench.linker.link(bench.redirect(secondsAgo: 0), for: .robin).account == "a")
        #expect(bench.ring.state.withLock { $0.posts } == 1)
        #expect(bench.ring.state.withLock { $0.patches.count } == 1)
        let redirect = try bench.redirect(secondsAgo: 0)
        #expect(await bench.code { _ = try await bench.linker.link(redirect, for: .alex) } == .claimedByAnother)
    }

    /// A crash after the POST was begun: only then a refused nonce is checked by PATCH.
    @Test func aRefusalAfterACrashIsCheckedByPatch() async throws {
        let bench = try LinkBench(attempts: 1)
        try await bench.arrive()
        let redirect = try bench.redirect()
        bench.ring.state.withLock { $0.faults = [.responseLost] }
        #expect(await bench.code { _ = try await bench.linker.link(redirect, for: .robin) } == .connectionLost)
        #expect(try await bench.store.record(for: "a")?.link?.step == .confirming)
        #expect(try await bench.other().linker.link(redirect, for: .robin).account == "a")
        #expect(bench.ring.integration == "completed")
    }

    /// Fault of the first release: whose `users/me` failed once was told to check the HMAC key.
    @Test func linkingLooksAtTokensThatHaveNoNameYet() async throws {
        let bench = try LinkBench(attempts: 1)
        bench.ring.state.withLock { $0.userFault = 500 }
        #expect(try await bench.arrive().state == .unidentified)
        let redirect = try bench.redirect()
        #expect(await bench.code { _ = try await bench.linker.link(redirect, for: .robin) } == .serverFailure)
        bench.ring.state.withLock { $0.userFault = nil }
        #expect(try await bench.linker.link(redirect, for: .robin).account == "a")
    }

    /// Fault of the first release: an exchange beside other processes ended with `account_unknown`, though the pair was
    /// stored: another process had identified it first.
    @Test func anExchangeWhoseTokensAnotherProcessIdentifiesSucceeds() async throws {
        let other = Mutex<LinkBench?>(nil)
        let ring = StubRing()
        let transport = StubTransport { request, context in
            let response = try ring.response(to: request, context)
            if context.operation == .userProfile,
                let other = other.withLock({ bench in
                    defer { bench = nil }
                    return bench
                })
            {
                try await other.linker.identifyWaiting()
            }
            return response
        }
        let bench = try LinkBench(ring: ring, transport: transport)
        try other.withLock { $0 = try bench.other() }
        #expect(try await bench.arrive().state == .unclaimed)
        #expect(try await bench.keeper.statuses().map(\.accountID) == ["a"])
    }

    @Test func resumesEveryLinkThatWasBegun() async throws {
        let bench = try LinkBench(attempts: 1)
        for number in 1...3 {
            bench.ring.state.withLock { $0.owners["access-\(number)"] = "account-\(number)" }
            try await bench.arrive("code-\(number)")
            bench.ring.state.withLock { $0.faults = [.status(500)] }
            let redirect = try bench.redirect("account-\(number)")
            let user = RingPrincipal(rawValue: "user-\(number)")
            #expect(await bench.code { _ = try await bench.linker.link(redirect, for: user) } == .serverFailure)
        }
        let resumed = try await bench.other().linker.resumeAll()
        #expect(resumed.linked.map(\.account) == ["account-1", "account-2", "account-3"])
        #expect(resumed.failed.isEmpty)
        #expect(try await bench.linker.resumeAll().linked.isEmpty)
    }

    @Test func readsRedirectsAsBrowsersSendThem() {
        let redirect = RingLinkRedirect(query: "time=1795000000123&x=&nonce=utNQn2i5sfj6-k_X")
        #expect(redirect == RingLinkRedirect(nonce: "utNQn2i5sfj6-k_X", time: "1795000000123"))
        #expect(RingLinkRedirect(query: "nonce=a%2Db&time=1")?.nonce == "a-b")
        for query in ["", "nonce=a", "time=1", "nonce=a&nonce=b&time=1", "&&=&", "nonce=%&time"] {
            let found = RingLinkRedirect(query: query)
            #expect(found == nil || query == "nonce=%&time", "\(query)")
        }
        #expect(!"\(RingLinkRedirect(nonce: "SECRET", time: "1"))".contains("SECRET"))
    }

    /// Between reading an account and taking the right to work on its link, another process links it anew: the one that
    /// comes later sends nothing for what it read.
    @Test(arguments: [RingPrincipal.alex, .robin])
    func aLinkIsReadAgainWithTheRightToWorkOnIt(_ principal: RingPrincipal) async throws {
        let storage = InterruptedStorage()
        let second = try LinkBench(storage: storage.storage)
        let first = try LinkBench(
            ring: second.ring, endpoint: second.endpoint, storage: storage, clock: second.time)
        try await second.arrive()
        _ = try await second.linker.link(second.redirect(secondsAgo: 2), for: .robin)
        try await second.arrive("another code")
        let (late, early) = (try second.redirect(secondsAgo: 0), try second.redirect(secondsAgo: 1))
        storage.interrupt { _ = try await second.linker.link(early, for: .robin) }
        let code = await first.code { _ = try await first.linker.link(late, for: principal) }
        #expect(code == (principal == .alex ? .claimedByAnother : nil))
        #expect(second.ring.state.withLock { $0.posts } == 2)
        #expect(second.ring.integration == "completed")
        #expect(try await second.store.record(for: "a")?.link?.principal == .robin)
        #expect(try await second.store.record(for: "a")?.link?.step == .completed)
        #expect(try await second.state() == .linked)
    }

    /// The response to a PATCH comes when the user has removed the app, connected it again, and brought the old nonce once
    /// more: it says nothing about the new connection.
    @Test func aLateResponseDoesNotCompleteTheLinkOfALaterConnection() async throws {
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let ring = StubRing()
        let isFirst = Mutex(true)
        let slow = StubTransport { request, context in
            let response = try ring.response(to: request, context)
            if context.operation == .updateLink,
                isFirst.withLock({ first in
                    defer { first = false }
                    return first
                })
            {
                arrived.continuation.yield()
                for await _ in go.stream { break }
            }
            return response
        }
        let first = try LinkBench(ring: ring, clock: ManualClock(), transport: slow)
        let second = try first.other(attempts: 1)
        try await first.arrive()
        let redirect = try first.redirect()
        let linking = Task { try await first.linker.link(redirect, for: .robin) }
        for await _ in arrived.stream { break }
        // Its lease ends, and it cannot notice.
        let work = RingStorageID(RingStorageCollection(name: "link_work", indexes: []), "a")
        let held = try #require(try await first.storage.record(work))
        #expect(try await first.storage.commit([.delete(work, version: held.version)]))
        try first.clock.advance(by: .seconds(2))
        try await second.linker.respond(
            to: RingLifecycleEvent(account: "a", change: .integrationRemoved, occurredAt: first.time.now()))
        #expect(try await second.state() == .removed)
        ring.state.withLock { $0.integration = "pending" }
        try first.clock.advance(by: .seconds(2))
        try await second.arrive("again")
        ring.state.withLock { $0.faults = [.status(500)] }
        #expect(await second.code { _ = try await second.linker.link(redirect, for: .robin) } == .serverFailure)
        go.continuation.yield()
        await #expect(throws: RingError.self) { try await linking.value }
        #expect(try await first.state() != .linked)
    }

    /// A process stands still in its POST, and another one takes the link over and completes it. Ring then refuses the nonce of
    /// the slow POST, because it has taken it: the link must stay complete.
    @Test func aSlowPostDoesNotUndoTheLinkOfItsSuccessor() async throws {
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let ring = StubRing()
        let slow = StubTransport { request, context in
            if context.operation == .confirmLink {
                arrived.continuation.yield()
                for await _ in go.stream { break }
            }
            return try ring.response(to: request, context)
        }
        let first = try LinkBench(ring: ring, clock: ManualClock(), transport: slow)
        let second = try first.other()
        try await first.arrive()
        let redirect = try first.redirect()
        let linking = Task { try await first.linker.link(redirect, for: .robin) }
        for await _ in arrived.stream { break }
        // Its lease ends, and it cannot notice.
        let work = RingStorageID(RingStorageCollection(name: "link_work", indexes: []), "a")
        let held = try #require(try await first.storage.record(work))
        #expect(try await first.storage.commit([.delete(work, version: held.version)]))
        #expect(try await second.linker.link(redirect, for: .robin).account == "a")
        go.continuation.yield()
        #expect(try await linking.value.account == "a")
        #expect(try await first.state() == .linked)
        #expect(ring.integration == "completed")
    }
}

/// Lets something happen before the right to work on a link is taken for the first time after ``interrupt(with:)``.
private final class InterruptedStorage: RingStorage {
    let storage = RingMemoryStorage()
    let location = "interrupted"
    private let interruption = Mutex<(@Sendable () async throws -> Void)?>(nil)

    func interrupt(with body: @escaping @Sendable () async throws -> Void) { self.interruption.withLock { $0 = body } }

    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] { try await self.storage.records(ids) }

    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try await self.storage.records(matching: query)
    }

    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        if changes.contains(where: { $0.id.collection == "link_work" }) {
            let interruption = self.interruption.withLock { interruption in
                defer { interruption = nil }
                return interruption
            }
            try await interruption?()
        }
        return try await self.storage.commit(changes)
    }

    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        try await self.storage.extend(leases, by: duration)
    }

    func close() async {}
}
