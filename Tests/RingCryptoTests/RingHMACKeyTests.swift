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

    @Test func oneKeyServesManyTasks() async throws {
        let key = try RingHMACKey("shared")
        let expected = key.authenticationCode(for: "message")
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { key.authenticationCode(for: "message") == expected } }
            for await same in group { #expect(same) }
        }
    }
}
