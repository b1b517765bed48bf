/// The search for the account a nonce was made for, prepared for a large pool.
///
/// Everything that does not depend on the account is worked in once. The search visits the whole pool with every key,
/// so that the duration does not depend on where the match is.
public struct RingLinkNonceSearch: Sendable {
    /// Where a nonce matched.
    public struct Match: Hashable, Sendable {
        /// The position of the account in the list that was searched.
        public var accountIndex: Int
        /// The position of the key in the list that was given: 0 for the present key, 1 for the one before it.
        public var keyIndex: Int

        /// Creates a match by hand, for tests.
        ///
        /// - Parameters:
        ///   - accountIndex: The position of the account in its list.
        ///   - keyIndex: The position of the key in its list.
        package init(accountIndex: Int, keyIndex: Int) {
            self.accountIndex = accountIndex
            self.keyIndex = keyIndex
        }
    }

    let engines: [HMACEngine]
    let wanted: RingSHA256Digest
    /// Looks at two accounts at a time, where the processor can.
    let pair: HMACPairEngine

    /// Prepares a search, refusing what no account could match before anything is hashed.
    ///
    /// - Parameters:
    ///   - nonce: The `nonce` parameter of the redirect.
    ///   - time: The `time` parameter, exactly as received.
    ///   - keys: The HMAC keys that may have been used, the present one first.
    /// - Throws: `RingCryptoError` with code `malformedNonce` for anything but 43 URL-safe characters, `malformedTime` for
    ///   anything but a decimal number, `emptyKey` for no keys.
    public init(nonce: String, time: String, keys: [RingHMACKey]) throws(RingCryptoError) {
        guard let wanted = RingLinkNonce.digest(of: nonce) else {
            throw RingCryptoError(
                code: .malformedNonce, message: "the nonce is not 43 characters of the URL-safe Base64 alphabet")
        }
        guard RingLinkNonceWindow.milliseconds(of: time) != nil else {
            throw RingCryptoError(
                code: .malformedTime, message: "the link time is not a decimal number of milliseconds")
        }
        guard !keys.isEmpty else {
            throw RingCryptoError(code: .emptyKey, message: "a nonce search needs at least one HMAC key")
        }
        self.wanted = wanted
        let prefix = Array("\(time):".utf8)
        self.engines = keys.map { key in
            var engine = key.engine
            unsafe prefix.withUnsafeBytes { unsafe engine.update($0) }
            return engine
        }
        self.pair = HMACPairEngine(beginning: prefix, keys: keys.map(\.engine))
    }

    /// Whether the nonce was made for one account.
    ///
    /// - Parameter accountID: The Ring account id.
    /// - Returns: The position of the key that fits; `nil` when none does.
    public func keyIndex(matching accountID: String) -> Int? {
        var accountID = accountID
        return accountID.withUTF8 { unsafe self.firstKey(UnsafeRawBufferPointer($0)) }
    }

    /// Finds the account the nonce was made for.
    ///
    /// - Parameter accountIDs: The unclaimed accounts; all of them are visited, whatever matches.
    /// - Returns: Where it matched first; `nil` when no account and key fit.
    public func firstMatch(in accountIDs: some Sequence<String>) -> Match? {
        self.firstMatch(in: accountIDs, byPairs: HMACPairEngine.isAvailable)
    }

    /// As ``firstMatch(in:)``, in the way that a test chooses.
    func firstMatch(in accountIDs: some Sequence<String>, byPairs: Bool) -> Match? {
        var scan = RingLinkNonceScan(self, byPairs: byPairs)
        // An array's memory is read directly: a sequence of unknown type costs two calls an element.
        let isArray: Void? = accountIDs.withContiguousStorageIfAvailable { accounts in
            for index in accounts.indices { unsafe scan.visit(accounts[index]) }
        }
        if isArray == nil { for accountID in accountIDs { scan.visit(accountID) } }
        return scan.finish()
    }

    /// The first key that fits; all of them are tried.
    func firstKey(_ accountID: UnsafeRawBufferPointer) -> Int? {
        var found: Int?
        for index in self.engines.indices
        where unsafe self.engines[index].completes(with: accountID, to: self.wanted) && found == nil {
            found = index
        }
        return found
    }
}
