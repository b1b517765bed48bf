import Foundation
import RingCore
import RingCrypto
import RingOAuth
import RingTesting
import Testing

/// Wall clocks step in both directions, keys are rotated, records get another name: no account is lost or blocked by it.
@Suite(.timeLimit(.minutes(1))) struct RingTokenClockTests {
    private let day = Duration.seconds(86_400)

    /// A refresh that is under way in a request that waits until the test lets it go.
    private struct Gate {
        let arrived = AsyncStream<Void>.makeStream()
        let go = AsyncStream<Void>.makeStream()
        var endpoint: StubTokenEndpoint {
            StubTokenEndpoint(before: {
                self.arrived.continuation.yield()
                for await _ in self.go.stream { break }
            })
        }
        func wait() async { for await _ in self.arrived.stream { break } }
        func open() { self.go.continuation.yield() }
    }

    @Test(arguments: [1.0, -1.0])
    func aTokenInUseOutlivesAStepOfTheWallClock(direction: Double) async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        #expect(try await bench.token() == "old-a")
        bench.clock.step(wallClockBy: self.day * direction)
        #expect(try await bench.token() == "old-a")
        #expect(bench.endpoint.forms.isEmpty)
        // Its true end is not moved either.
        bench.clock.advance(by: .seconds(14_400 - 59))
        #expect(try await bench.token() == "access-1")
    }

    /// Fault of the first release: an attempt stamped a day ahead blocked every call for 180 s.
    @Test func anAttemptFromAFastClockBlocksNoRefresh() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.clock.step(wallClockBy: self.day)
        let record = try #require(try await bench.store.record(for: "a"))
        guard case .begun(let begun) = record.beginningRefresh(now: bench.clock.now()) else {
            throw CancellationError()
        }
        let lease = RingLeaseChange.take(token: 7, for: .seconds(15))
        #expect(try await bench.store.commit([.put(begun, replacing: record.version, lease: lease)]))
        bench.clock.step(wallClockBy: self.day * -1)
        bench.clock.advance(by: .seconds(15))
        #expect(try await bench.token() == "access-1")
    }

    @Test func aTokenFromTheFutureIsUsedAndRefreshed() async throws {
        let bench = try KeeperBench()
        bench.clock.step(wallClockBy: self.day)
        try await bench.link("a")
        bench.clock.step(wallClockBy: self.day * -1)
        #expect(try await bench.token() == "old-a")
        await bench.seen(RingTokensRefreshed.self)
        #expect(try await bench.token() == "access-1")
    }

    @Test func aClockThatJumpsAheadDeletesNothing() async throws {
        let bench = try KeeperBench()
        bench.endpoint.allow(refreshToken: "r")
        let now = bench.clock.now()
        let provisional = try await bench.keeper.accept(
            OAuthGrant(
                accessToken: RingAccessToken("t"), refreshToken: OAuthRefreshToken("r"), accessExpiresAt: now + 14_400,
                issuedAt: now))
        try await bench.keeper.identify(provisional, as: "a")
        #expect(try await bench.keeper.purge() == 0)
        bench.clock.step(wallClockBy: self.day)
        #expect(try await bench.keeper.purge() == 0)
        #expect(try await bench.state("a") == .unclaimed)
        bench.clock.advance(by: .seconds(901))
        #expect(try await bench.keeper.purge() == 1)
    }

    /// Fault of the first release: under a clock five minutes slow, a late report about the removal of the *old* link
    /// erased the new one.
    @Test func aLateRemovalIsComparedWithRingsOwnTime() async throws {
        let bench = try KeeperBench()
        let ring = bench.clock.now()  // Ring's clock is right
        bench.clock.step(wallClockBy: .seconds(-300))
        let now = bench.clock.now()
        let provisional = try await bench.keeper.accept(
            OAuthGrant(
                accessToken: RingAccessToken("t"), refreshToken: OAuthRefreshToken("r"), accessExpiresAt: now + 14_400,
                issuedAt: now, serverDate: ring))
        try await bench.keeper.identify(provisional, as: "a")
        #expect(try await bench.keeper.remove("a", at: ring - 60) == false)
        #expect(try await bench.state("a") == .unclaimed)
        #expect(try await bench.keeper.remove("a", at: ring + 60))
    }

    /// Fault of the first release: an old process with a refresh under way could not read what a process with the new key
    /// had written, could not save its pair, and the account was lost.
    @Test func aPairIsSavedOverARecordThatTheKeysDoNotOpen() async throws {
        let gate = Gate()
        let oldKey = try RingSealingKey.generate(id: "old")
        let newKey = try RingSealingKey.generate(id: "new")
        let old = try KeeperBench(endpoint: gate.endpoint, sealing: RingSealingKeyRing(active: oldKey))
        try await old.link("a", secondsLeft: -1)
        let call = Task { try await old.token() }
        await gate.wait()
        // Another process has the new key already and writes the record anew.
        let keys = try RingSealingKeyRing(active: newKey, retired: [oldKey])
        let new = RingTokenStore(storage: old.storage, sealing: keys)
        #expect(try await new.reseal() == 1)
        await #expect(throws: RingError.self) { try await old.store.record(for: "a") }
        gate.open()
        #expect(try await call.value == "access-1")
        let saved = try #require(try await new.record(for: "a"))
        #expect(saved.tokens?.refreshToken?.revealed == "refresh-1")
        #expect(saved.state == .linked)
    }

    /// In the middle of a rotation an account may have parts of both keys: neither may be dropped before it is sealed anew.
    @Test func anAccountWithPartsOfTwoKeysNeedsBoth() async throws {
        let gate = Gate()
        let (first, second) = (try RingSealingKey.generate(id: "first"), try RingSealingKey.generate(id: "second"))
        let old = try KeeperBench(
            endpoint: gate.endpoint, sealing: RingSealingKeyRing(active: first, retired: [second]))
        try await old.link("a", secondsLeft: -1)
        var record = try #require(try await old.store.record(for: "a"))
        record.link = RingLinkProgress(
            principal: RingPrincipal(rawValue: "robin"), nonce: "n", time: "1",
            accountIdentifier: nil)
        record.version += 1
        #expect(try await old.store.commit([.put(record, replacing: record.version - 1)]))
        let call = Task { try await old.token() }
        await gate.wait()
        let new = RingTokenStore(
            storage: old.storage, sealing: try RingSealingKeyRing(active: second, retired: [first]))
        #expect(try await new.reseal() == 1)
        #expect(try await new.count(ofKey: "first") == 0)
        gate.open()
        _ = try await call.value
        for key in ["first", "second"] { #expect(try await new.count(ofKey: key) == 1, "\(key)") }
        #expect(try await new.count(ofKey: "never used") == 0)
        let early = RingTokenStore(storage: old.storage, sealing: try RingSealingKeyRing(active: second))
        let error = await #expect(throws: RingError.self) { try await early.record(for: "a") }
        #expect(error?.code == .misconfigured)
        #expect(try await new.reseal() == 1)
        #expect(try await new.count(ofKey: "first") == 0)
        let late = RingTokenStore(storage: old.storage, sealing: try RingSealingKeyRing(active: second))
        #expect(try await late.record(for: "a")?.tokens?.refreshToken?.revealed == "refresh-1")
    }

    /// Fault of the first release: identifying after the lease's end deleted the record under which a pair was about to be
    /// saved.
    @Test(arguments: [false, true])
    func aPairIsSavedUnderTheNameItsRecordGotMeanwhile(accountExists: Bool) async throws {
        let gate = Gate()
        let bench = try KeeperBench(endpoint: gate.endpoint)
        if accountExists { try await bench.link("a") }
        let now = bench.clock.now()
        bench.endpoint.allow(refreshToken: "r")
        let provisional = try await bench.keeper.accept(
            OAuthGrant(
                accessToken: RingAccessToken("t"), refreshToken: OAuthRefreshToken("r"), accessExpiresAt: now - 1,
                issuedAt: now - 14_400))
        let call = Task { try await bench.token(provisional) }
        await gate.wait()
        // Suspended for so long that its lease is over; another process identifies the tokens.
        let storage = try #require(bench.storage as? RingMemoryStorage)
        let stolen = try #require(try await storage.record(RingStorageID(.tokens, provisional.rawValue)))
        #expect(try await storage.commit([.put(stolen, replacing: stolen.version, lease: .release)]))
        #expect(try await bench.other().keeper.identify(provisional, as: "a").state == .uncertain)
        gate.open()
        #expect(try await call.value == "access-1")
        let saved = try #require(try await bench.store.record(for: "a"))
        #expect(saved.tokens?.refreshToken?.revealed == "refresh-1")
        #expect(saved.state == (accountExists ? .linked : .unclaimed))
    }

    /// Tokens of an earlier code, whose refresh ends after those of a later one were identified.
    @Test func tokensOfAnOutdatedCodeReplaceNothing() async throws {
        let gate = Gate()
        let bench = try KeeperBench(endpoint: gate.endpoint)
        let now = bench.clock.now()
        func grant(_ name: String, codeAt date: Date, secondsLeft: Double) -> OAuthGrant {
            bench.endpoint.allow(refreshToken: "r-\(name)")
            return OAuthGrant(
                accessToken: RingAccessToken("t-\(name)"), refreshToken: OAuthRefreshToken("r-\(name)"),
                accessExpiresAt: now + secondsLeft, issuedAt: now + secondsLeft - 14_400, serverDate: date)
        }
        let early = try await bench.keeper.accept(grant("early", codeAt: now - 60, secondsLeft: -1))
        let late = try await bench.keeper.accept(grant("late", codeAt: now, secondsLeft: 14_400))
        try await bench.keeper.identify(late, as: "a")
        let call = Task { try await bench.token(early) }
        await gate.wait()
        let storage = try #require(bench.storage as? RingMemoryStorage)
        let stolen = try #require(try await storage.record(RingStorageID(.tokens, early.rawValue)))
        #expect(try await storage.commit([.put(stolen, replacing: stolen.version, lease: .release)]))
        try await bench.other().keeper.identify(early, as: "a")
        gate.open()
        #expect(try await call.value == "t-late")
        #expect(try await bench.store.record(for: "a")?.tokens?.refreshToken?.revealed == "r-late")
    }

    @Test func theStatusTellsBothEndsWithoutOpeningTheSecrets() async throws {
        let key = try RingSealingKey.generate(id: "k")
        let bench = try KeeperBench(sealing: RingSealingKeyRing(active: key))
        try await bench.link("a")
        let now = bench.clock.now()
        let playground = try await bench.keeper.accept(
            OAuthGrant(
                accessToken: RingAccessToken("t"), refreshToken: nil, accessExpiresAt: now + 1_800, issuedAt: now))
        let seeded = try await bench.keeper.seed(OAuthRefreshToken("seed"))
        let linked = try await bench.keeper.status(of: "a")
        #expect(linked.accessExpiresAt == now + 14_400)
        #expect(linked.refreshExpiresAt == now + 30 * 86_400)
        #expect(try await bench.keeper.status(of: playground).accessExpiresAt == now + 1_800)
        #expect(try await bench.keeper.status(of: playground).refreshExpiresAt == nil)
        #expect(try await bench.keeper.status(of: seeded).accessExpiresAt == nil)
        #expect(try await bench.keeper.status(of: seeded).refreshExpiresAt == now + 30 * 86_400)
        #expect(try await bench.keeper.statuses().compactMap(\.accessExpiresAt).count == 2)
        #expect(try await bench.keeper.refresh("a").accessExpiresAt == now + 14_400)
    }

    @Test func pagingPassesOverForwardings() async throws {
        let bench = try KeeperBench()
        let now = bench.clock.now()
        for number in 0..<10 {
            let provisional = try await bench.keeper.accept(
                OAuthGrant(
                    accessToken: RingAccessToken("t\(number)"), refreshToken: nil, accessExpiresAt: now + 1_800,
                    issuedAt: now))
            try await bench.keeper.identify(provisional, as: RingAccountID(rawValue: "z\(number)"))
        }
        // Ten forwardings come before the accounts in the order of names.
        var found: [RingAccountID] = []
        while true {
            let page = try await bench.keeper.statuses(after: found.last, limit: 3)
            found += page.map(\.accountID)
            if page.isEmpty { break }
        }
        #expect(found.map(\.rawValue) == (0..<10).map { "z\($0)" })
    }

    /// Damaged counters are no reason to end the process.
    @Test func aDamagedRecordDoesNotOverflow() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        let id = RingStorageID(.tokens, "a")
        let stored = try #require(try await bench.storage.record(id))
        var fields = RingRecordFields()
        let old = try RingRecordFields(stored.payload, of: id)
        for number in UInt8(1)...40 {
            if [3, 4, 17, 27].contains(number) {
                fields.put(number, Int64.max)
            } else {
                fields.put(number, old.bytes(number))
            }
        }
        var damaged = stored
        damaged.payload = fields.payload
        damaged.version = .max
        #expect(try await bench.storage.commit([.put(damaged, replacing: stored.version)]))
        bench.endpoint.setOutage(.status(503))
        _ = try await RingIdleKeeper(keeper: bench.keeper).sweep()
        bench.endpoint.setOutage(nil)
        #expect(try await bench.keeper.refresh("a").state == .linked)
    }

    @Test func settlingSavesWhatCouldNotBeSaved() async throws {
        let clock = ManualClock(autoAdvance: true)
        let storage = FaultyStorage(RingMemoryStorage(uptime: { clock.uptime() }))
        let bench = try KeeperBench(storage: storage, clock: clock)
        try await bench.link("a", secondsLeft: -1)
        for number in 3...8 { storage.failCommit(number) }
        #expect(await bench.code { _ = try await bench.token() } == .storageFailed)
        // Forgetting the account does not forget the pair.
        bench.keeper.forget("a")
        #expect(await bench.keeper.settle() == [])
        #expect(try await bench.store.record(for: "a")?.tokens?.refreshToken?.revealed == "refresh-1")
        #expect(bench.endpoint.forms.count == 1)
    }

    @Test func settlingSaysWhatIsStillUnsaved() async throws {
        let clock = ManualClock(autoAdvance: true)
        let storage = FaultyStorage(RingMemoryStorage(uptime: { clock.uptime() }))
        let bench = try KeeperBench(storage: storage, clock: clock)
        try await bench.link("a", secondsLeft: -1)
        for number in 3...400 { storage.failCommit(number) }
        #expect(await bench.code { _ = try await bench.token() } == .storageFailed)
        #expect(await bench.keeper.settle(within: .seconds(2)) == ["a"])
    }

    /// One value for an account for the life of the process: an old and a new handle share their refreshes.
    @Test func aHandleFromBeforeForgettingSharesTheRefresh() async throws {
        let gate = Gate()
        let bench = try KeeperBench(endpoint: gate.endpoint)
        try await bench.link("a", secondsLeft: -1)
        let old = bench.keeper.tokens(for: "a")
        let first = Task { try await old.accessToken().revealed }
        await gate.wait()
        bench.keeper.forget("a")
        #expect(bench.keeper.tokens(for: "a") === old)
        gate.open()
        #expect(try await first.value == "access-1")
        #expect(bench.endpoint.exchanges == ["first-a": 1])
    }

    /// An intent that was stored by a commit which reported a failure belongs to this process.
    @Test func anIntentThatWasStoredAfterAllIsOurs() async throws {
        let clock = ManualClock()
        let storage = FaultyStorage(RingMemoryStorage(uptime: { clock.uptime() }))
        let bench = try KeeperBench(storage: storage, clock: clock)
        try await bench.link("a", secondsLeft: -1)
        storage.failCommit(2, .after)
        #expect(try await bench.token() == "access-1")
        #expect(bench.endpoint.forms.count == 1)
    }

    /// The lease outlives the request, whether or not it can be extended: the pair that the request brings is stored.
    @Test func aStorageThatStallsDoesNotCutOffTheRequest() async throws {
        let clock = ManualClock()
        let storage = FaultyStorage(RingMemoryStorage(uptime: { clock.uptime() }))
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let endpoint = StubTokenEndpoint(before: {
            arrived.continuation.yield()
            for await _ in go.stream { break }
        })
        let bench = try KeeperBench(storage: storage, endpoint: endpoint, clock: clock)
        try await bench.link("a", secondsLeft: -1)
        let call = Task { try await bench.token() }
        for await _ in arrived.stream { break }
        storage.failCommits(FaultyStorage.full)
        await clock.advanceUntilQuiet(by: .seconds(29))
        storage.failCommits(nil)
        go.continuation.yield()
        #expect(try await call.value == "access-1")
        #expect(bench.endpoint.forms.count == 1)
        #expect(try await bench.store.record(for: "a")?.tokens?.accessToken?.revealed == "access-1")
    }

    /// A process that waits for another one's refresh waits no longer than its caller, and not at its end.
    @Test func whoOnlyWaitsForAnotherProcessMayLeave() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        let record = try #require(try await bench.store.record(for: "a"))
        guard case .begun(let begun) = record.beginningRefresh(now: bench.clock.now()) else {
            throw CancellationError()
        }
        let lease = RingLeaseChange.take(token: 7, for: .seconds(3_600))
        #expect(try await bench.store.commit([.put(begun, replacing: record.version, lease: lease)]))
        let call = Task { try await bench.token() }
        await bench.clock.sleepers(atLeast: 1)
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        let settling = Task { await bench.keeper.settle() }
        await bench.clock.advanceUntilQuiet(by: .seconds(1))
        #expect(await settling.value == [])
        #expect(bench.endpoint.forms.isEmpty)
    }

    @Test func anOlderReleaseKeepsTheFieldsOfANewerOne() async throws {
        let bench = try KeeperBench()
        try await bench.link("a")
        let id = RingStorageID(.tokens, "a")
        var stored = try #require(try await bench.storage.record(id))
        // A field of a release to come.
        stored.payload += [200, 3, 1, 2, 3]
        #expect(try await bench.storage.commit([.put(stored, replacing: stored.version)]))
        _ = try await bench.keeper.refresh("a")
        let rewritten = try #require(try await bench.storage.record(id))
        #expect(rewritten.version > stored.version)
        #expect(Array(rewritten.payload.suffix(5)) == [200, 3, 1, 2, 3])
    }

    @Test func wrongKeysAreRefusedBeforeAnythingIsWritten() async throws {
        let key = try RingSealingKey.generate(id: "k")
        let bench = try KeeperBench(sealing: RingSealingKeyRing(active: key))
        try await bench.link("a")
        let before = try await bench.storage.record(RingStorageID(.tokens, "a"))
        let impostor = try RingSealingKeyRing(active: RingSealingKey.generate(id: "k"))
        for keys in [nil, try RingSealingKeyRing(active: RingSealingKey.generate(id: "other")), impostor] {
            let store = RingTokenStore(storage: bench.storage, sealing: keys)
            #expect(await bench.code { _ = try await store.record(for: "a") } == .misconfigured)
        }
        #expect(try await bench.storage.record(RingStorageID(.tokens, "a")) == before)
        // Nothing secret is in the stored bytes.
        let payload = try #require(before).payload
        for secret in ["old-a", "first-a"] {
            #expect(String(decoding: payload, as: UTF8.self).contains(secret) == false)
        }
    }
}
