import Testing

@testable import RingCrypto

@Suite struct RingLinkNonceTests {
    static let keyText = "Zm9yLXRlc3RzLW9ubHktcmluZy1obWFjLWtleS0wMDE="
    static let account = "ava1.ring.account.TESTACCT0001"
    static let time = "1795000000123"
    static let nonce = "utNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf-tuGdg"
    let key: RingHMACKey

    init() throws { self.key = try RingHMACKey(Self.keyText) }

    @Test(arguments: [
        (time, nonce), ("1795000000126", "lEktl2yYlWIoXC_0_wAh_z__2fCYddDE_-WV6Pj_D3I"),
    ])
    func agreesWithTheWorkedVectors(time: String, nonce: String) throws {
        #expect(RingLinkNonce.compute(time: time, accountID: Self.account, key: self.key) == nonce)
        let search = try RingLinkNonceSearch(nonce: nonce, time: time, keys: [self.key])
        #expect(search.keyIndex(matching: Self.account) == 0)
    }

    @Test(arguments: [
        ("the key decoded first", time, "dxLSaz-l_PVTIeVqrL1tnKHrCY7RCadgzq9eVzu0wQo"),
        ("seconds", time, "8JUiDTokuJRzMznVXZcbU30lzRcP6bEBVmmE6OBuCNE"),
        ("another time", "1795000000124", nonce),
    ])
    func refusesTheWellFormedMistakes(_: String, time: String, nonce: String) throws {
        let search = try RingLinkNonceSearch(nonce: nonce, time: time, keys: [self.key])
        #expect(search.keyIndex(matching: Self.account) == nil)
        #expect(search.firstMatch(in: [Self.account]) == nil)
    }

    @Test func computesTheDocumentedMistakesOnlyWhenAskedTo() {
        #expect(
            RingLinkNonce.compute(time: "1795000000", accountID: Self.account, key: self.key)
                == "8JUiDTokuJRzMznVXZcbU30lzRcP6bEBVmmE6OBuCNE")
        #expect(
            self.key.codeWithDecodedKey(for: Array("\(Self.time):\(Self.account)".utf8))?.base64URL
                == "dxLSaz-l_PVTIeVqrL1tnKHrCY7RCadgzq9eVzu0wQo")
    }

    @Test(arguments: [
        "", "utNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf+tuGdg=", "utNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf+tuGdg",
        "utNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf-tuGd", "utNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf-tuGdgA",
        "utNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf-tuGd ", "utNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf-tuGdh",
        "ütNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf-tuGdg",
    ])
    func refusesAMalformedNonceBeforeHashing(nonce: String) {
        #expect(!RingLinkNonce.isWellFormed(nonce))
        #expect {
            try RingLinkNonceSearch(nonce: nonce, time: Self.time, keys: [self.key])
        } throws: { ($0 as? RingCryptoError)?.code == .malformedNonce }
    }

    @Test(arguments: [
        "", "abc", "-5", "+5", "1795000000123 ", "1e9", "179500000012300000000", "1795000000123:x", "١٢٣",
    ])
    func refusesAMalformedTime(time: String) {
        #expect {
            try RingLinkNonceSearch(nonce: Self.nonce, time: time, keys: [self.key])
        } throws: { ($0 as? RingCryptoError)?.code == .malformedTime }
        #expect(RingLinkNonceWindow().verdict(time: time, nowMilliseconds: 1_795_000_000_123) == .malformed)
    }

    @Test func refusesASearchWithoutKeys() {
        #expect {
            try RingLinkNonceSearch(nonce: Self.nonce, time: Self.time, keys: [])
        } throws: { ($0 as? RingCryptoError)?.code == .emptyKey }
    }

    @Test(arguments: [0, 1, 4_999, 9_999])
    func findsTheAccountInALargePoolWithEitherKey(position: Int) throws {
        var pool = (0..<10_000).map { "ava1.ring.account.POOL\($0)" }
        pool[position] = Self.account
        let present = try RingHMACKey("the key after the rotation")
        let search = try RingLinkNonceSearch(nonce: Self.nonce, time: Self.time, keys: [present, self.key])
        #expect(search.firstMatch(in: pool) == .init(accountIndex: position, keyIndex: 1))
        // A lazily bridged sequence works as well as an array.
        #expect(search.firstMatch(in: pool.lazy.map { $0 + "" })?.accountIndex == position)
        pool[position] = "somebody else"
        #expect(search.firstMatch(in: pool) == nil)
    }

    @Test func theFirstOfTwoEqualAccountsIsReported() throws {
        let search = try RingLinkNonceSearch(nonce: Self.nonce, time: Self.time, keys: [self.key, self.key])
        #expect(search.firstMatch(in: ["a", Self.account, Self.account]) == .init(accountIndex: 1, keyIndex: 0))
    }

    /// Two at a time or one after the other: the same results, at even and odd counts, with accounts that no pair holds among
    /// them, with a match at every place, by either key.
    @Test(arguments: [1, 2, 3, 4, 5, 8, 13])
    func findsTheSameByPairsAndWithout(count: Int) throws {
        let present = try RingHMACKey("the key after the rotation")
        let longs = [nil, 80, 102, 103, 104, 105, 300]
        for (offset, long) in longs.enumerated() {
            var pool = (0..<count).map { "ava1.ring.account.POOL\($0)" }
            if let long { pool[offset % count] = String(repeating: "x", count: long) }
            for position in 0..<count {
                for (keyIndex, key) in [present, self.key].enumerated() {
                    let nonce = RingLinkNonce.compute(time: Self.time, accountID: pool[position], key: key)
                    let search = try RingLinkNonceSearch(nonce: nonce, time: Self.time, keys: [present, self.key])
                    let expected = RingLinkNonceSearch.Match(accountIndex: position, keyIndex: keyIndex)
                    #expect(search.firstMatch(in: pool, byPairs: HMACPairEngine.isAvailable) == expected)
                    #expect(search.firstMatch(in: pool, byPairs: false) == expected)
                    #expect(search.firstMatch(in: pool.reversed().reversed()) == expected)
                }
            }
        }
    }

    /// The second lane keeps what it held: a lone last account must not match a second time, nor hide the first match.
    @Test func theFirstMatchWinsHoweverAccountsArePaired() throws {
        let long = String(repeating: "y", count: 200)
        for same in [Self.account, long] {
            let nonce = RingLinkNonce.compute(time: Self.time, accountID: same, key: self.key)
            let search = try RingLinkNonceSearch(nonce: nonce, time: Self.time, keys: [self.key])
            for pool in [[same, same, "a"], ["a", same, same], ["a", "b", same], ["a", long, same, same, "c"]] {
                let place = try #require(pool.firstIndex(of: same))
                let expected = RingLinkNonceSearch.Match(accountIndex: place, keyIndex: 0)
                #expect(search.firstMatch(in: pool) == expected, "\(pool)")
                #expect(search.firstMatch(in: pool, byPairs: false) == expected, "\(pool)")
            }
            #expect(search.firstMatch(in: []) == nil)
        }
    }

    @Test func timeKeepsItsLeadingZeros() {
        #expect(
            RingLinkNonce.compute(time: "0123", accountID: "a", key: self.key)
                != RingLinkNonce.compute(time: "123", accountID: "a", key: self.key))
    }

    @Test(
        arguments: [
            (0, .fresh), (600_000, .fresh), (600_001, .expired), (-1, .future), (-60_001, .future),
        ] as [(Int64, RingLinkNonceWindow.Verdict)])
    func theWindowIsSixHundredSeconds(age: Int64, verdict: RingLinkNonceWindow.Verdict) {
        let window = RingLinkNonceWindow()
        #expect(window.verdict(time: "1795000000123", nowMilliseconds: 1_795_000_000_123 + age) == verdict)
    }

    @Test func aToleranceForTheFutureIsOptional() {
        let window = RingLinkNonceWindow(futureTolerance: .seconds(30))
        #expect(window.verdict(time: "30000", nowMilliseconds: 0) == .fresh)
        #expect(window.verdict(time: "30001", nowMilliseconds: 0) == .future)
        #expect(window.verdict(time: "9999999999999999", nowMilliseconds: .min) == .expired)
    }
}
