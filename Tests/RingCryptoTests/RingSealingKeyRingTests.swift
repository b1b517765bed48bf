import Foundation
import Testing

@testable import RingCrypto

@Suite struct RingSealingKeyRingTests {
    /// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13, 14 and 16, as NIST published them.
    static let vectors: [(key: String, nonce: String, plain: String, associated: String, sealed: String)] = [
        (
            String(repeating: "00", count: 32), String(repeating: "00", count: 12), "", "",
            "530f8afbc74536b9a963b4f1c4cb738b"
        ),
        (
            String(repeating: "00", count: 32), String(repeating: "00", count: 12), String(repeating: "00", count: 16),
            "", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
        ),
        (
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b"
        ),
    ]

    @Test(arguments: vectors)
    func theEngineAgreesWithNIST(
        vector: (key: String, nonce: String, plain: String, associated: String, sealed: String)
    ) throws {
        let key = try #require(RingHex.decode(vector.key))
        let nonce = try #require(RingHex.decode(vector.nonce))
        let plain = try #require(RingHex.decode(vector.plain))
        let associated = try #require(RingHex.decode(vector.associated))
        let sealed = try #require(
            AES256GCMEngine.seal(plain, key: key, nonce: nonce, associatedData: associated))
        #expect(RingHex.encode(sealed) == vector.sealed)
        #expect(AES256GCMEngine.open(sealed, key: key, nonce: nonce, associatedData: associated) == plain)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(AES256GCMEngine.open(changed, key: key, nonce: nonce, associatedData: associated) == nil)
        }
        #expect(AES256GCMEngine.open(sealed, key: key, nonce: nonce, associatedData: associated + [0]) == nil)
    }

    let record = Array("tokens/ava1.ring.account.TESTACCT0001".utf8)
    let plain = Array("a refresh token".utf8)

    @Test func opensWhatItSealedForTheSameRecordOnly() throws {
        let ring = try RingSealingKeyRing(active: .generate())
        let box = try ring.seal(self.plain, associatedData: self.record)
        #expect(try ring.open(box, associatedData: self.record) == self.plain)
        #expect(try ring.seal(self.plain, associatedData: self.record) != box)
        #expect { try ring.open(box, associatedData: Array("tokens/another".utf8)) } throws: {
            ($0 as? RingCryptoError)?.code == .authenticationFailed
        }
        #expect(try ring.open(ring.seal([], associatedData: []), associatedData: []).isEmpty)
    }

    @Test func everyChangedByteIsNoticed() throws {
        let ring = try RingSealingKeyRing(active: .generate(id: "k1"))
        let box = try ring.seal(self.plain, associatedData: self.record)
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(throws: RingCryptoError.self) { try ring.open(changed, associatedData: self.record) }
        }
        for count in 0..<box.count {
            #expect(throws: RingCryptoError.self) {
                try ring.open(Array(box.prefix(count)), associatedData: self.record)
            }
        }
        #expect { try ring.open(Array("plain text".utf8), associatedData: []) } throws: {
            ($0 as? RingCryptoError)?.code == .malformedBox
        }
    }

    @Test func aRotatedKeyStillOpensAndAsksForResealing() throws {
        let old = try RingSealingKey.generate(id: "old")
        let new = try RingSealingKey.generate(id: "new")
        let box = try RingSealingKeyRing(active: old).seal(self.plain, associatedData: self.record)
        let rotated = try RingSealingKeyRing(active: new, retired: [old])
        #expect(RingSealingKeyRing.keyID(of: box) == "old")
        #expect(rotated.needsResealing(box))
        let plain = try rotated.open(box, associatedData: self.record)
        let resealed = try rotated.seal(plain, associatedData: self.record)
        #expect(!rotated.needsResealing(resealed))
        #expect { try RingSealingKeyRing(active: new).open(box, associatedData: self.record) } throws: {
            ($0 as? RingCryptoError)?.code == .unknownKey
        }
    }

    @Test func anotherKeyUnderTheSameIDDoesNotOpen() throws {
        let box = try RingSealingKeyRing(active: .generate(id: "k")).seal(self.plain, associatedData: self.record)
        #expect { try RingSealingKeyRing(active: .generate(id: "k")).open(box, associatedData: self.record) } throws: {
            ($0 as? RingCryptoError)?.code == .authenticationFailed
        }
        #expect {
            try RingSealingKeyRing(active: .generate(id: "k"), retired: [.generate(id: "k")])
        } throws: { ($0 as? RingCryptoError)?.code == .duplicateKey }
    }

    @Test func readsKeysFromText() throws {
        let first = try RingSealingKey.generate()
        let second = try RingSealingKey.generate(id: "2026-11")
        let text = "# keys, the active one first\n\(first.exportedText()), 2026-11:\(second.exportedText())\r\n"
        let ring = try RingSealingKeyRing(text: text)
        #expect(ring.active == first)
        #expect(ring.retired == [second])
        let hex = try RingSealingKey(text: String(repeating: "0A", count: 32))
        #expect(hex.exportedText() == RingBase64.encode([UInt8](repeating: 10, count: 32)))
        // The same key always has the same name, whoever wrote it down in which form.
        #expect(try RingSealingKey(text: hex.exportedText()).id == hex.id)
    }

    @Test(arguments: ["c2hvcnQ=", "not base64!", String(repeating: "0", count: 63), "bad id:AAAA", "pass:word"])
    func refusesMalformedKeys(text: String) {
        #expect(throws: RingCryptoError.self) { try RingSealingKeyRing(text: text) }
    }

    @Test func saysWhereAMissingKeyShouldBe() throws {
        #expect {
            try RingSealingKeyRing.fromEnvironment("RING_NO_SUCH_KEYS", environment: [:])
        } throws: { ($0 as? RingCryptoError)?.code == .unreadableKey && "\($0)".contains("RING_NO_SUCH_KEYS") }
        #expect { try RingSealingKeyRing.fromEnvironment("K", environment: ["K": "  \n"]) } throws: {
            ($0 as? RingCryptoError)?.code == .emptyKey
        }
        #expect { try RingSealingKeyRing.fromFile("/nonexistent/keys") } throws: {
            ($0 as? RingCryptoError)?.code == .unreadableKey
        }
    }

    @Test func readsKeysFromAFile() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).keys")
        defer { try? FileManager.default.removeItem(at: path) }
        let key = try RingSealingKey.generate()
        try Data(key.exportedText().utf8).write(to: path)
        #expect(try RingSealingKeyRing.fromFile(path.path).active == key)
    }

    @Test func neverPrintsAKey() throws {
        let key = try RingSealingKey.generate()
        let ring = try RingSealingKeyRing(active: key)
        var dumped = ""
        dump(key, to: &dumped)
        dump(ring, to: &dumped)
        for output in [dumped, "\(key)", "\(ring)", String(reflecting: key), String(reflecting: ring)] {
            #expect(!output.contains(key.exportedText()))
            #expect(!output.contains("bytes"))
            #expect(output.contains(key.id))
        }
    }
}
