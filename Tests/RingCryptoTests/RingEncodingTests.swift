import RingCrypto
import Testing

@Suite struct RingEncodingTests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64AgreesWithRFC4648(plain: String, encoded: String) {
        let bytes = Array(plain.utf8)
        #expect(RingBase64.encode(bytes) == encoded)
        #expect(RingBase64.decode(encoded) == bytes)
        let bare = String(encoded.prefix { $0 != "=" })
        #expect(RingBase64URL.encode(bytes) == bare)
        #expect(RingBase64URL.decode(bare) == bytes)
    }

    @Test func everyLengthSurvivesTheRoundTrip() throws {
        var generator = SystemRandomNumberGenerator()
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            #expect(RingBase64.decode(RingBase64.encode(bytes)) == bytes)
            #expect(RingBase64URL.decode(RingBase64URL.encode(bytes)) == bytes)
            #expect(RingHex.decode(RingHex.encode(bytes)) == bytes)
            #expect(RingHex.decode(RingHex.encode(bytes).uppercased()) == bytes)
        }
    }

    @Test(arguments: ["A", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", "Zm9-", "====", "Z===", "Zg==Zg=="])
    func base64RefusesWhatIsNotCanonical(text: String) {
        #expect(RingBase64.decode(text) == nil)
    }

    @Test(arguments: ["A", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm9v Zg"])
    func base64URLRefusesWhatIsNotCanonical(text: String) {
        #expect(RingBase64URL.decode(text) == nil)
    }

    @Test(arguments: ["0", "0g", "zz", "0x00", " 00", "００"])
    func hexRefusesOtherCharacters(text: String) {
        #expect(RingHex.decode(text) == nil)
    }

    @Test func constantTimeComparisonCompares() {
        #expect(RingConstantTime.areEqual("", ""))
        #expect(RingConstantTime.areEqual("abc", "abc"))
        #expect(!RingConstantTime.areEqual("abc", "abd"))
        #expect(!RingConstantTime.areEqual("abc", "ab"))
        #expect(!RingConstantTime.areEqual("", "a"))
        #expect(RingConstantTime.areEqual([0, 255], [0, 255]))
        // Unicode equality is not byte equality.
        #expect(!RingConstantTime.areEqual("\u{e9}", "e\u{301}"))
    }

    @Test func randomBytesDiffer() throws {
        #expect(try RingSecureRandom.bytes(count: 32).count == 32)
        #expect(try RingSecureRandom.bytes(count: 32) != RingSecureRandom.bytes(count: 32))
        #expect(try RingSecureRandom.bytes(count: 0).isEmpty)
        #expect(try RingSecureRandom.bytes(count: -1).isEmpty)
    }

    @Test func digestsAreFedPieceByPiece() {
        // FIPS 180-4 examples.
        #expect(
            RingSHA256.digest(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(RingSHA256.digest(of: Array("abc".utf8)).hex == abc)
        var hash = RingSHA256()
        hash.update([97])
        let fork = hash
        hash.update([98, 99].span)
        #expect(hash.finish().hex == abc)
        #expect(hash.finish().hex == abc)
        #expect(fork.finish() != hash.finish())
    }

    @Test func aDigestDoesNotDependOnHowItIsFed() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        for length in [0, 1, 55, 56, 63, 64, 65, 127, 128, 129, 300] {
            let message = Array(bytes.prefix(length))
            let whole = RingSHA256.digest(of: message)
            for piece in [1, 7, 63, 64, 65] {
                var hash = RingSHA256()
                for start in stride(from: 0, to: length, by: piece) {
                    hash.update(Array(message[start..<min(start + piece, length)]))
                    hash.update([])
                }
                #expect(hash.finish() == whole, "\(length) by \(piece)")
            }
        }
    }

    @Test func errorsSayWhatTheyAreAndNothingSecret() throws {
        let error = try #require(throws: RingCryptoError.self) { try RingSealingKey(text: "CANARY-secret") }
        #expect(error.code == .malformedKey && "\(error.code)" == "malformedKey")
        #expect(error.errorDescription == error.description && error.description.hasPrefix("malformedKey: "))
        #expect(!error.description.contains("CANARY") && error.message.contains("openssl rand -base64 32"))
    }

    @Test func digestsRefuseOtherLengths() {
        #expect(RingSHA256Digest(bytes: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(RingSHA256Digest(bytes: [UInt8](repeating: 0, count: 33)) == nil)
        let digest = RingSHA256.digest(of: [1])
        #expect(RingSHA256Digest(bytes: digest.bytes) == digest)
        for index in 0..<32 {
            var other = digest.bytes
            other[index] ^= 1
            #expect(RingSHA256Digest(bytes: other) != digest)
        }
    }
}
