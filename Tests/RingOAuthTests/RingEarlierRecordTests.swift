import Foundation
import RingCore
import RingCrypto
import RingTesting
import Testing

@testable import RingOAuth

/// Records that a file of the release before 0.2 becomes when it is migrated.
@Suite struct RingEarlierRecordTests {
    private static let account: RingAccountID = "a"

    /// The four secrets in the form of that release.
    private func secrets(_ texts: [String?], _ keys: RingSealingKeyRing?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for text in texts {
            guard let text else {
                bytes.append(0)
                continue
            }
            bytes += [1, 0, 0, UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 0xFF)] + Array(text.utf8)
        }
        return try RingSealer(keys: keys).seal(bytes, for: "ring tokens:\(Self.account)")
    }

    private func store(
        _ secrets: [UInt8], stage: String = "linked", linkedAt: Int64? = 2_000_000, exchangedAt: Int64 = 1_000_000,
        _ keys: RingSealingKeyRing?
    ) async throws -> RingTokenStore {
        var fields = RingRecordFields()
        fields.put(1, stage)
        fields.put(2, "current")
        fields.put(3, 5 as Int64)
        fields.put(4, 2 as Int64)
        for field in [5, 6, 7] as [UInt8] { fields.put(field, 4_000_000_000_000_000 as Int64) }
        fields.put(12, exchangedAt)
        fields.put(14, linkedAt)
        fields.put(18, "user")
        fields.put(19, "1795000000123")
        fields.put(20, "completed")
        fields.put(23, secrets)
        let storage = RingMemoryStorage()
        let record = RingStorageRecord(
            id: RingStorageID(.tokens, Self.account.rawValue), version: 1,
            keys: [RingStorageKey?](repeating: nil, count: 8), payload: fields.payload)
        #expect(try await storage.commit([.put(record, replacing: nil)]))
        return RingTokenStore(storage: storage, sealing: keys, environment: RingEnvironment())
    }

    @Test(arguments: [true, false])
    func itsSecretsAreRead(isSealed: Bool) async throws {
        let keys = isSealed ? try RingSealingKeyRing(active: .generate()) : nil
        let store = try await self.store(try self.secrets(["access", "refresh", "nonce", nil], keys), keys)
        let record = try #require(try await store.record(for: Self.account))
        #expect(record.tokens?.accessToken?.revealed == "access" && record.tokens?.refreshToken?.revealed == "refresh")
        #expect(record.link?.nonce == "nonce" && record.link?.accountIdentifier == nil)
        #expect(record.generation == 5 && record.stage == .linked)
        // Written again, it has the form of this release, and nothing is lost.
        var next = record
        next.version &+= 1
        #expect(try await store.commit([.put(next, replacing: record.version)]))
        let again = try #require(try await store.record(for: Self.account))
        #expect(again.tokens?.refreshToken?.revealed == "refresh" && again.link?.nonce == "nonce")
    }

    @Test(arguments: [[], [1], [1, 0, 0, 0, 9, 65], [0, 0, 0], [0, 0, 0, 0, 0]] as [[UInt8]])
    func damagedSecretsAreATypedError(bytes: [UInt8]) async throws {
        let sealed = try RingSealer(keys: nil).seal(bytes, for: "ring tokens:\(Self.account)")
        let store = try await self.store(sealed, nil)
        await #expect { _ = try await store.record(for: Self.account) } throws: {
            ($0 as? RingError)?.code == .storageFailed && "\($0)".contains("damaged")
        }
    }

    @Test func secretsOfAnotherKeyAreATypedError() async throws {
        let (old, new) = (try RingSealingKeyRing(active: .generate()), try RingSealingKeyRing(active: .generate()))
        let store = try await self.store(try self.secrets(["access", "refresh", nil, nil], old), new)
        await #expect(throws: RingError.self) { _ = try await store.record(for: Self.account) }
    }

    @Test func aStageOfALaterReleaseIsATypedError() async throws {
        let store = try await self.store(try self.secrets([nil, nil, nil, nil], nil), stage: "on_the_moon", nil)
        await #expect { _ = try await store.record(for: Self.account) } throws: {
            ($0 as? RingError)?.code == .storageFailed && "\($0)".contains("newer release")
        }
    }

    /// That release had no note of a code that was exchanged after the link: the dates tell.
    @Test(arguments: [(1_000_000, 2_000_000, false), (3_000_000, 2_000_000, true)] as [(Int64, Int64, Bool)])
    func aCodeAfterTheLinkIsSeen(exchangedAt: Int64, linkedAt: Int64, isNew: Bool) async throws {
        let store = try await self.store(
            try self.secrets(["access", "refresh", nil, nil], nil), linkedAt: linkedAt, exchangedAt: exchangedAt, nil)
        #expect(try await store.record(for: Self.account)?.hasNewCode == isNew)
    }
}
