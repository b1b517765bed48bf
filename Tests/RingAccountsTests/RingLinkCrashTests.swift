import Foundation
import RingAccounts
import RingCore
import RingCrypto
import RingOAuth
import RingTesting
import Synchronization
import Testing

/// A process that dies after a number of things it did: every later call of it fails, and nothing it knew is left.
private final class Mortal: Sendable {
    struct Killed: Error {}
    private let left: Mutex<Int>
    init(after count: Int) { self.left = Mutex(count) }

    func live() throws {
        let isAlive = self.left.withLock { left in
            left -= 1
            return left >= 0
        }
        if !isAlive { throw Killed() }
    }

    var isDead: Bool { self.left.withLock { $0 < 0 } }
}

/// A database as a mortal process sees it: it may die before a commit, or between the commit and its return.
private struct MortalStorage: RingStorage {
    var storage: RingMemoryStorage
    var mortal: Mortal
    let location = "mortal"

    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        if self.mortal.isDead { throw Mortal.Killed() }
        return try await self.storage.records(ids)
    }

    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        if self.mortal.isDead { throw Mortal.Killed() }
        return try await self.storage.records(matching: query)
    }

    func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        try self.mortal.live()
        let isTaken = try await self.storage.commit(changes)
        try self.mortal.live()
        return isTaken
    }

    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        if self.mortal.isDead { throw Mortal.Killed() }
        return try await self.storage.extend(leases, by: duration)
    }

    func close() async {}
}

@Suite(.timeLimit(.minutes(1))) struct RingLinkCrashTests {
    /// Kills the linking process at every boundary there is: before and after each commit, before and after each request.
    @Test func everyCrashBetweenClaimAndLinkIsResumed() async throws {
        var deaths = 0
        for step in 0..<40 {
            let ring = StubRing()
            let clock = ManualClock(autoAdvance: true)
            let storage = RingMemoryStorage(uptime: { clock.uptime() })
            let bench = try LinkBench(ring: ring, storage: storage, clock: clock)
            try await bench.arrive()
            let redirect = try bench.redirect()
            let mortal = Mortal(after: step)
            let transport = StubTransport { request, context in
                try mortal.live()
                let response = try ring.response(to: request, context)
                try mortal.live()
                return response
            }
            let dying = try self.linker(
                MortalStorage(storage: storage.anotherProcess(), mortal: mortal), transport, bench)
            do {
                _ = try await dying.link(redirect, for: .robin)
                #expect(!mortal.isDead)
            } catch {
                #expect(mortal.isDead)
                deaths += 1
            }
            // Another process, the same user, the same page loaded again.
            let result = try await bench.linker.link(redirect, for: .robin)
            #expect(result.account == "a", "step \(step)")
            #expect(try await bench.state() == .linked, "step \(step)")
            #expect(ring.integration == "completed", "step \(step)")
        }
        #expect(deaths >= 10, "there were that many boundaries to die at: \(deaths)")
        #expect(deaths < 40, "and the last rounds lived")
    }

    /// The same for the exchange: once the tokens are stored, no crash loses them.
    @Test func everyCrashAfterTheExchangeIsResumed() async throws {
        var lost = 0
        for step in 0..<12 {
            let ring = StubRing()
            let clock = ManualClock(autoAdvance: true)
            let storage = RingMemoryStorage(uptime: { clock.uptime() })
            let bench = try LinkBench(ring: ring, storage: storage, clock: clock)
            bench.endpoint.allow(code: "code")
            let mortal = Mortal(after: step)
            let transport = StubTransport { request, context in
                try mortal.live()
                let response = try ring.response(to: request, context)
                try mortal.live()
                return response
            }
            let dying = try self.linker(
                MortalStorage(storage: storage.anotherProcess(), mortal: mortal), transport, bench)
            _ = try? await dying.exchange(OAuthAuthorizationCode("code"))
            try await bench.linker.identifyWaiting()
            if try await bench.state() == nil {
                lost += 1
            } else {
                #expect(try await bench.state() == .unclaimed, "step \(step)")
                #expect(try await bench.keeper.tokens(for: "a").accessToken().revealed == "access-1")
            }
        }
        // Only a crash between Ring's response and the first commit loses the tokens: a code works once.
        #expect(lost == 1)
    }

    private func linker(
        _ storage: any RingStorage, _ transport: StubTransport, _ bench: LinkBench
    ) throws -> RingAccountLinker {
        let environment = bench.keeper.environment
        let keeper = RingTokenKeeper(
            store: RingTokenStore(storage: storage, sealing: nil, environment: environment),
            client: bench.keeper.client, environment: environment)
        return RingAccountLinker(
            keeper: keeper, policy: RingLinkPolicy(keys: [try .init(LinkBench.hmacKey)]),
            pipeline: RingSharedPipeline(
                transport: transport, retryPolicy: RingRetryPolicy(attempts: 1), callLimit: nil,
                environment: environment),
            baseURL: try #require(URL(string: "https://api.amazonvision.com")))
    }
}
