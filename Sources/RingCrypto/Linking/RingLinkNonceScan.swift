/// One pass of a search over the accounts: two at a time where the processor can.
///
/// It visits every account with every key, whatever matches.
struct RingLinkNonceScan {
    private let search: RingLinkNonceSearch
    private let isByPairs: Bool
    private var pair: HMACPairEngine
    /// The account in the first lane, while the second one is empty.
    private var waiting: Int?
    private var count = 0
    private var found: RingLinkNonceSearch.Match?

    init(_ search: RingLinkNonceSearch, byPairs: Bool) {
        self.search = search
        self.isByPairs = byPairs
        self.pair = search.pair
    }

    @inline(__always)
    mutating func visit(_ accountID: consuming String) {
        accountID.withUTF8 { unsafe self.visit(UnsafeRawBufferPointer($0)) }
    }

    /// Where the nonce matched first.
    mutating func finish() -> RingLinkNonceSearch.Match? {
        // What is in the second lane was visited before.
        if let account = self.waiting { self.matchPair(account, nil) }
        self.waiting = nil
        return self.found
    }

    @inline(__always)
    private mutating func visit(_ accountID: UnsafeRawBufferPointer) {
        let account = self.count
        self.count += 1
        guard unsafe self.isByPairs && self.pair.set(self.waiting == nil ? .first : .second, accountID) else {
            if let key = unsafe self.search.firstKey(accountID) { self.note(account, key) }
            return
        }
        if let first = self.waiting {
            self.waiting = nil
            self.matchPair(first, account)
        } else {
            self.waiting = account
        }
    }

    @inline(__always)
    private mutating func matchPair(_ first: Int, _ second: Int?) {
        for key in self.search.engines.indices {
            let codes = self.pair.codes(key)
            if codes.first == self.search.wanted { self.note(first, key) }
            if let second, codes.second == self.search.wanted { self.note(second, key) }
        }
    }

    /// Keeps the first account, and of its keys the first: an account that is too long for a pair is visited before the one
    /// that waits.
    private mutating func note(_ account: Int, _ key: Int) {
        guard self.found.map({ account < $0.accountIndex }) ?? true else { return }
        self.found = .init(accountIndex: account, keyIndex: key)
    }
}
