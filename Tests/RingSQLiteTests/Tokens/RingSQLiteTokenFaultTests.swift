import Foundation
import RingCore
import RingOAuth
import RingSQLite
import RingTesting
import Testing

/// What a keeper says, and leaves alone, when the file under it fails.
@Suite(.timeLimit(.minutes(1))) struct RingSQLiteTokenFaultTests {
    private let endpoint = StubTokenEndpoint()
    private let clock = ManualClock(autoAdvance: true)

    private func keeper(_ store: any RingTokenStore) throws -> RingTokenKeeper {
        let environment = RingEnvironment(clock: self.clock)
        return RingTokenKeeper(
            store: store,
            client: try OAuthClient(
                credentials: OAuthCredentials(clientID: "c", clientSecret: OAuthClientSecret("s")),
                transport: self.endpoint, origin: try #require(URL(string: "https://oauth.ring.com")),
                environment: environment), environment: environment)
    }

    private func link(_ store: any RingTokenStore) async throws {
        self.endpoint.allow(refreshToken: "first")
        var record = RingSQLiteTokenStoreTests.record("a", refresh: "first")
        record.tokens?.accessExpiresAt = self.clock.now() - 1
        #expect(try await store.commit([.put(record, replacing: nil)]))
    }

    private func failure(_ body: () async throws -> Void) async -> RingSQLiteError.Code? {
        do {
            try await body()
            return nil
        } catch {
            guard let error = error as? RingError, error.code == .storageFailed else { return nil }
            return (error.cause as? RingSQLiteError)?.code
        }
    }

    @Test func fullDiskBeforeTheRequest() async throws {
        let database = try await RingSQLiteDatabase.open(.memory)
        let store = try await RingSQLiteTokenStore(in: database, sealing: nil)
        try await self.link(store)
        try await database.write { try $0.script("CREATE TABLE filler (text TEXT)") }
        let pages = try await database.read { try $0.first("PRAGMA page_count") { $0.integer(0) } } ?? 0
        _ = try await database.read { try $0.first("PRAGMA max_page_count = \(pages)") { $0.integer(0) } }
        // Fill what is left of the last pages.
        while await self.failure({
            _ = try await store.commit([
                .put(
                    RingSQLiteTokenStoreTests.record(RingAccountID(rawValue: UUID().uuidString)), replacing: nil)
            ])
        }) == nil {}
        let keeper = try self.keeper(store)
        let code = await self.failure { _ = try await keeper.tokens(for: "a").accessToken() }
        // Updating a row in place may still fit; what may not happen is a lost pair.
        if code == nil {
            #expect(try await store.record(for: "a")?.tokens?.refreshToken?.revealed == "refresh-1")
        } else {
            #expect(code == .diskFull)
            _ = try await database.read { try $0.first("PRAGMA max_page_count = 100000") { $0.integer(0) } }
            #expect(try await keeper.tokens(for: "a").accessToken().revealed == "access-1")
        }
        #expect(self.endpoint.exchanges == ["first": 1])
    }

    @Test func readOnlyFileSendsNothing() async throws {
        let database = try await RingSQLiteDatabase.open(.memory)
        let store = try await RingSQLiteTokenStore(in: database, sealing: nil)
        try await self.link(store)
        _ = try await database.read { try $0.execute("PRAGMA query_only = ON") }
        let keeper = try self.keeper(store)
        #expect(await self.failure { _ = try await keeper.tokens(for: "a").accessToken() } == .readOnly)
        #expect(self.endpoint.forms.isEmpty)
        _ = try await database.read { try $0.execute("PRAGMA query_only = OFF") }
        #expect(try await keeper.tokens(for: "a").accessToken().revealed == "access-1")
    }

    @Test func aFileLockedByAnotherProcessSendsNothing() async throws {
        let folder = TemporaryFolder()
        let store = try await RingSQLiteTokenStore.open(
            .file(folder.file()), sealing: nil, options: RingSQLiteOptions(busyTimeout: .milliseconds(20)))
        try await self.link(store)
        let holder = try await RingSQLiteDatabase.open(.file(folder.file()))
        let (release, held) = (DispatchSemaphore(value: 0), AsyncStream<Void>.makeStream())
        async let holding = holder.write { _ in
            held.continuation.yield()
            release.wait()
        }
        for await _ in held.stream { break }
        let keeper = try self.keeper(store)
        #expect(await self.failure { _ = try await keeper.tokens(for: "a").accessToken() } == .locked)
        #expect(self.endpoint.forms.isEmpty)
        release.signal()
        _ = try await holding
        #expect(try await keeper.tokens(for: "a").accessToken().revealed == "access-1")
    }

    @Test func aDamagedFileIsSaidToBeDamaged() async throws {
        let folder = TemporaryFolder()
        let store = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: nil)
        for number in 0..<100 {
            let record = RingSQLiteTokenStoreTests.record(RingAccountID(rawValue: "a\(number)"))
            #expect(try await store.commit([.put(record, replacing: nil)]))
        }
        await store.close()
        let url = URL(fileURLWithPath: folder.file())
        var bytes = try Data(contentsOf: url)
        let range = 4_096..<bytes.count
        bytes.replaceSubrange(range, with: Data(repeating: 0x5A, count: range.count))
        try bytes.write(to: url)
        let code = await self.failure {
            let again = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: nil)
            _ = try await again.record(for: "a50")
        }
        #expect(code == .corrupted)
        #expect(try Data(contentsOf: url) == bytes, "and left as it was")
    }

    /// A file of the release that did not write down what it had warned of.
    @Test func aFileOfTheFirstSchemaIsCarriedOn() async throws {
        let folder = TemporaryFolder()
        let store = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: nil)
        try await self.link(store)
        await store.close()
        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await database.write {
            try $0.execute("ALTER TABLE token_account DROP COLUMN warned_days")
            try $0.execute("UPDATE ring_schema SET version = 1 WHERE room = 'tokens'")
        }
        await database.close()
        let again = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: nil)
        var record = try #require(try await again.record(for: "a"))
        #expect(record.tokens?.refreshToken?.revealed == "first")
        #expect(record.warnedDays == nil)
        let version = record.version
        (record.version, record.warnedDays) = (version + 1, 5)
        #expect(try await again.commit([.put(record, replacing: version)]))
        #expect(try await again.record(for: "a")?.warnedDays == 5)
    }

    @Test func aNewerSchemaIsLeftAlone() async throws {
        let folder = TemporaryFolder()
        let store = try await RingSQLiteTokenStore.open(.file(folder.file()), sealing: nil)
        try await self.link(store)
        await store.close()
        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await database.write {
            try $0.execute("UPDATE ring_schema SET version = version + 97 WHERE room = 'tokens'")
        }
        let code = await self.failure { _ = try await RingSQLiteTokenStore(in: database, sealing: nil) }
        #expect(code == .newerSchema)
        // The tokens are there when the newer release comes back.
        try await database.write {
            try $0.execute("UPDATE ring_schema SET version = version - 97 WHERE room = 'tokens'")
        }
        let again = try await RingSQLiteTokenStore(in: database, sealing: nil)
        #expect(try await again.record(for: "a")?.tokens?.refreshToken?.revealed == "first")
    }
}
