import RingCrypto
import Testing

@Suite struct RingSealerTests {
    private static let secrets = Array("access and refresh".utf8)

    private func sealer(_ bytes: UInt8...) throws -> RingSealer {
        let keys = try bytes.map { try RingSealingKey(bytes: [UInt8](repeating: $0, count: 32)) }
        return RingSealer(keys: try RingSealingKeyRing(active: keys[0], retired: Array(keys.dropFirst())))
    }

    private func code(_ body: () throws -> Void) -> RingCryptoError.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? RingCryptoError)?.code }
    }

    @Test func withoutKeysSecretsAreStoredAsTheyAre() throws {
        let sealer = RingSealer(keys: nil)
        for secrets in [Self.secrets, [], [0], [0, 1]] {
            let stored = try sealer.seal(secrets, for: "a")
            #expect(stored == [0] + secrets)
            #expect(try sealer.open(stored, for: "a") == secrets)
            // They are not bound to anything, and every ring reads them.
            #expect(try self.sealer(1).open(stored[...], for: "b") == secrets)
            #expect(RingSealer.keyID(of: stored) == nil)
        }
    }

    @Test func sealedSecretsBelongToTheirOwner() throws {
        let sealer = try self.sealer(1)
        let stored = try sealer.seal(Self.secrets, for: "ring tokens:a")
        #expect(stored.first != 0 && RingSealer.keyID(of: stored) == sealer.keys?.active.id)
        #expect(try sealer.open(stored, for: "ring tokens:a") == Self.secrets)
        #expect(self.code { _ = try sealer.open(stored, for: "ring tokens:b") } == .authenticationFailed)
        #expect(self.code { _ = try sealer.open(stored, for: "ring link:a") } == .authenticationFailed)
        #expect(self.code { _ = try sealer.open(stored.dropLast(), for: "ring tokens:a") } == .authenticationFailed)
    }

    @Test func aMissingKeyIsNamed() throws {
        let stored = try self.sealer(1).seal(Self.secrets, for: "a")
        #expect(self.code { _ = try RingSealer(keys: nil).open(stored, for: "a") } == .unknownKey)
        #expect(self.code { _ = try self.sealer(2).open(stored, for: "a") } == .unknownKey)
        #expect(try self.sealer(2, 1).open(stored, for: "a") == Self.secrets)
    }

    @Test func noBytesOpenByAccident() throws {
        let sealer = try self.sealer(1)
        let stored = try sealer.seal(Self.secrets, for: "a")
        #expect(self.code { _ = try sealer.open([], for: "a") } == .malformedBox)
        for length in 1..<stored.count {
            #expect(self.code { _ = try sealer.open(stored.prefix(length), for: "a") } != nil)
        }
        for place in stored.indices {
            var changed = stored
            changed[place] ^= 0x80
            #expect(self.code { _ = try sealer.open(changed, for: "a") } != nil)
        }
    }
}
