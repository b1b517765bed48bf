import RingCrypto
import Testing

@Suite struct RingHMACKeyTests {
    /// RFC 4231: key, data, HMAC-SHA-256. Case 5 truncates the code and is left out.
    static let vectors: [(String, String, String)] = [
        (
            String(repeating: "0b", count: 20), RingHex.encode(Array("Hi There".utf8)),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            RingHex.encode(Array("Jefe".utf8)), RingHex.encode(Array("what do ya want for nothing?".utf8)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            "0102030405060708090a0b0c0d0e0f10111213141516171819", String(repeating: "cd", count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            String(repeating: "aa", count: 131),
            RingHex.encode(Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            String(repeating: "aa", count: 131),
            RingHex.encode(
                Array(
                    ("This is a test using a larger than block-size key and a larger than block-size data. "
                        + "The key needs to be hashed before being used by the HMAC algorithm.").utf8)),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test(arguments: vectors)
    func agreesWithRFC4231(key: String, data: String, code: String) throws {
        let prepared = try RingHMACKey(bytes: #require(RingHex.decode(key)))
        let message = try #require(RingHex.decode(data))
        #expect(prepared.authenticationCode(for: message).hex == code)
        #expect(prepared.authenticationCode(for: message.span).hex == code)
        // A prepared key is not used up by its first message.
        #expect(prepared.authenticationCode(for: message).hex == code)
    }

    @Test func refusesAnEmptyKey() {
        #expect { try RingHMACKey("") } throws: { ($0 as? RingCryptoError)?.code == .emptyKey }
        #expect { try RingHMACKey(bytes: []) } throws: { ($0 as? RingCryptoError)?.code == .emptyKey }
    }

    @Test func neverPrintsTheKey() throws {
        let text = "Zm9yLXRlc3RzLW9ubHktcmluZy1obWFjLWtleS0wMDE="
        let key = try RingHMACKey(text)
        var dumped = ""
        dump([key], to: &dumped)
        for output in [dumped, "\(key)", String(reflecting: key), String(describing: [key as Any])] {
            #expect(!output.contains("Zm9y"))
            #expect(!output.contains("engine"))
            #expect(output.contains(key.fingerprint))
        }
        #expect(key.fingerprint.count == 8)
    }

    @Test func keysAreEqualByTheirBytes() throws {
        #expect(try RingHMACKey("a") == RingHMACKey(bytes: [97]))
        #expect(try RingHMACKey("a") != RingHMACKey("b"))
        #expect(try RingHMACKey("a").fingerprint != RingHMACKey("b").fingerprint)
        // White space is part of a key: the portal's text is taken as given.
        #expect(try RingHMACKey("a") != RingHMACKey("a\n"))
    }

    @Test(arguments: [" key", "key ", "key\n", "k ey", "\tkey", "key\r\n", "key\u{a0}", " "])
    func whiteSpaceInAKeyIsNamedAsTheProbableCause(text: String) throws {
        let key = try RingHMACKey(text)
        let advice = try #require(key.advice)
        #expect(advice.contains("a blank or a line break") && !advice.contains("key\n") && !advice.hasSuffix("."))
        // The code is still that of the text as given.
        #expect(
            try key.authenticationCode(for: "m") == RingHMACKey(bytes: Array(text.utf8)).authenticationCode(for: "m"))
    }

    @Test func aKeyWithoutWhiteSpaceHasNoAdvice() throws {
        for text in ["key", RingLinkNonceTests.keyText, "a+b/c==", "-_~"] {
            #expect(try RingHMACKey(text).advice == nil)
        }
        #expect(try RingHMACKey(bytes: [0x20, 0x0a]).advice == nil)
    }

    /// RFC 2104 written down once more: keys and messages around every block boundary.
    @Test func agreesWithTheDefinitionForEveryLength() throws {
        func definition(_ key: [UInt8], _ message: [UInt8]) -> RingSHA256Digest {
            var block = key.count > 64 ? RingSHA256.digest(of: key).bytes : key
            block += [UInt8](repeating: 0, count: 64 - block.count)
            let inner = RingSHA256.digest(of: block.map { $0 ^ 0x36 } + message)
            return RingSHA256.digest(of: block.map { $0 ^ 0x5c } + inner.bytes)
        }
        for length in [1, 31, 32, 33, 55, 56, 63, 64, 65, 127, 128, 129, 200] {
            let key = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ length) }
            let prepared = try RingHMACKey(bytes: key)
            for size in [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 128, 1_000] {
                let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
                #expect(prepared.authenticationCode(for: message) == definition(key, message), "\(length), \(size)")
                #expect(prepared.authenticationCode(for: message.span) == definition(key, message))
            }
        }
    }

    @Test func oneKeyServesManyTasks() async throws {
        let key = try RingHMACKey("shared")
        let expected = key.authenticationCode(for: "message")
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { key.authenticationCode(for: "message") == expected } }
            for await same in group { #expect(same) }
        }
    }
}
