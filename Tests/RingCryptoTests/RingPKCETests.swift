import RingCrypto
import Testing

@Suite struct RingPKCETests {
    @Test(arguments: [
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("k7Qm2vXc0TzP9sLd4RwYb6NhJe3GfUaVo8iMxZtKq1S", "GYEVLNtCF6TJSlK3WmyMdeHOaLVO81dgTmq82rfxJLI"),
    ])
    func agreesWithTheVectors(verifier: String, challenge: String) throws {
        #expect(try RingPKCE(verifier: verifier).challenge == challenge)
        #expect(RingPKCE.method == "S256")
    }

    @Test func generatedPairsAreWellFormedAndDiffer() throws {
        let pair = try RingPKCE.generate()
        #expect(pair.verifier.count == 43)
        #expect(pair.challenge.count == 43)
        #expect(try pair != RingPKCE.generate())
        #expect(try RingPKCE(verifier: pair.verifier) == pair)
    }

    @Test(arguments: [
        "", String(repeating: "a", count: 42), String(repeating: "a", count: 129),
        String(repeating: "a", count: 42) + "+", String(repeating: "a", count: 42) + "ä",
    ])
    func refusesAMalformedVerifier(verifier: String) {
        #expect { try RingPKCE(verifier: verifier) } throws: { ($0 as? RingCryptoError)?.code == .malformedVerifier }
    }

    @Test func neverPrintsTheVerifier() throws {
        let pair = try RingPKCE.generate()
        var dumped = ""
        dump(pair, to: &dumped)
        for output in [dumped, "\(pair)", String(reflecting: pair)] { #expect(!output.contains(pair.verifier)) }
    }
}
