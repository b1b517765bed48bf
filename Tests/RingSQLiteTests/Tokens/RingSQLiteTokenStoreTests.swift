import Foundation
import RingCore
import RingCrypto
import RingOAuth
import RingSQLite
import RingTesting
import Testing

@Suite struct RingSQLiteTokenStoreTests {
    static func record(_ account: RingAccountID, refresh: String = "SECRET-refresh") -> RingTokenRecord {
        let now = Date(timeIntervalSince1970: 1_795_000_000)
        return RingTokenRecord(
            accountID: account, stage: .linked,
            tokens: OAuthTokens(
                accessToken: RingAccessToken("SECRET-access"), accessExpiresAt: now + 14_400,
                refreshToken: OAuthRefreshToken(refresh), refreshExpiresAt: now + 86_400, issuedAt: now), now: now)
    }

    @Test(arguments: RingTokenStoreConformance.checks)
    func aFileKeepsTheContract(check: RingTokenStoreConformance.Check) async throws {
        let folder = TemporaryFolder()
        try await check.run(try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: nil))
    }

    @Test(arguments: RingTokenStoreConformance.checks)
    func memoryWithKeysKeepsTheContract(check: RingTokenStoreConformance.Check) async throws {
        let keys = try RingSealingKeyRing(active: .generate())
        try await check.run(try await RingSQLiteTokenStore.open(.memory, sealing: keys))
    }

    @Test func twoProcessesOnOneFileSeeEachOther() async throws {
        let folder = TemporaryFolder()
        let one = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: nil)
        let other = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: nil)
        let record = Self.record("a")
        #expect(try await one.commit([.put(record, replacing: nil)]))
        #expect(try await other.record(for: "a")?.tokens?.refreshToken?.revealed == "SECRET-refresh")
        // Of 200 increments through both, none is lost.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                let store = number.isMultiple(of: 2) ? one : other
                group.addTask {
                    while true {
                        guard var found = try await store.record(for: "a") else { throw CancellationError() }
                        let version = found.version
                        (found.version, found.generation) = (version + 1, found.generation + 1)
                        if try await store.commit([.put(found, replacing: version)]) { return }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await one.record(for: "a")?.generation == 201)
    }

    @Test func secretsAreNotInTheFiles() async throws {
        let folder = TemporaryFolder()
        let keys = try RingSealingKeyRing(active: .generate())
        let observer = RecordingObserver()
        let store = try await RingSQLiteTokenStore.open(
            .file(folder.file()), sealing: keys, environment: RingEnvironment(observer: observer))
        var record = Self.record("a")
        record.link = RingLinkProgress(
            principal: RingPrincipal(rawValue: "u"), nonce: "SECRET-nonce", time: "1", accountIdentifier: "SECRET-mail")
        #expect(try await store.commit([.put(record, replacing: nil)]))
        for suffix in ["", "-wal"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file() + suffix))
            #expect(bytes.range(of: Data("SECRET".utf8)) == nil)
        }
        #expect(observer.events(RingTokensUnsealed.self).isEmpty)
    }

    @Test func warnsOnceWithoutAKey() async throws {
        let folder = TemporaryFolder()
        let observer = RecordingObserver()
        let store = try await RingSQLiteTokenStore.open(
            .file(folder.file()), sealing: nil, environment: RingEnvironment(observer: observer))
        for name in ["a", "b"] as [RingAccountID] {
            #expect(try await store.commit([.put(Self.record(name), replacing: nil)]))
        }
        #expect(observer.events(RingTokensUnsealed.self).count == 1)
        #expect(observer.events(RingTokensUnsealed.self).first?.level == .warning)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file() + "-wal"))
        #expect(bytes.range(of: Data("SECRET".utf8)) != nil, "the test above can fail")
    }

    @Test func aKeyThatOpensNothingIsRefusedAtTheStart() async throws {
        let folder = TemporaryFolder()
        let right = try RingSealingKey.generate(id: "one")
        let store = try await RingSQLiteTokenStore.open(
            .file(folder.file()), sealing: RingSealingKeyRing(active: right))
        #expect(try await store.commit([.put(Self.record("a"), replacing: nil)]))
        await store.close()

        let wrong: [RingSealingKeyRing?] = [
            nil, try RingSealingKeyRing(active: .generate(id: "two")),
            try RingSealingKeyRing(active: .generate(id: "one")),
        ]
        for keys in wrong {
            await #expect("\(String(describing: keys))") {
                _ = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: keys)
            } throws: { error in
                let error = error as? RingError
                return error?.code == .misconfigured && error?.message.contains("one") == true
            }
        }
        // Untouched: the right key still opens it.
        let again = try await RingSQLiteTokenStore.open(
            .file(folder.file()), sealing: RingSealingKeyRing(active: right))
        #expect(try await again.record(for: "a")?.tokens?.refreshToken?.revealed == "SECRET-refresh")
    }

    @Test func rotationSealsAnewWithEveryWriteAndOnRequest() async throws {
        let folder = TemporaryFolder()
        let (old, new) = (try RingSealingKey.generate(id: "old"), try RingSealingKey.generate(id: "new"))
        let plain = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: nil)
        #expect(try await plain.commit([.put(Self.record("plain"), replacing: nil)]))
        await plain.close()
        let first = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: RingSealingKeyRing(active: old))
        for name in ["a", "b"] as [RingAccountID] {
            #expect(try await first.commit([.put(Self.record(name), replacing: nil)]))
        }
        await first.close()

        let second = try await RingSQLiteTokenStore.open(
            .file(folder.file()), sealing: RingSealingKeyRing(active: new, retired: [old]))
        var record = try #require(try await second.record(for: "a"))
        let version = record.version
        record.version += 1
        #expect(try await second.commit([.put(record, replacing: version)]))
        #expect(try await second.reseal() == 2)
        #expect(try await second.reseal() == 0)
        await second.close()

        let third = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: RingSealingKeyRing(active: new))
        for name in ["a", "b", "plain"] as [RingAccountID] {
            #expect(try await third.record(for: name)?.tokens?.refreshToken?.revealed == "SECRET-refresh")
        }
    }

    @Test func secretsMovedToAnotherAccountDoNotOpen() async throws {
        let database = try await RingSQLiteDatabase.open(.memory)
        let store = try await RingSQLiteTokenStore(in: database, sealing: RingSealingKeyRing(active: .generate()))
        for name in ["a", "b"] as [RingAccountID] {
            #expect(try await store.commit([.put(Self.record(name, refresh: "of \(name)"), replacing: nil)]))
        }
        try await database.write {
            try $0.execute(
                "UPDATE token_account SET secrets = (SELECT secrets FROM token_account WHERE account = 'a')")
        }
        #expect(try await store.record(for: "a") != nil)
        await #expect { try await store.record(for: "b") } throws: { ($0 as? RingError)?.code == .storageFailed }
    }
}
