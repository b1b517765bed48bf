package import RingCore
internal import RingCrypto

/// The index keys of the collection of accounts, by position. Part of the stored format.
enum RingTokenIndex {
    static let due = 0
    static let pool = 1
    static let unclaimed = 2
    static let unidentified = 3
    static let principal = 4
    static let seed = 5
    static let sealingKey = 6
    static let expires = 7
    /// Stands for the key of a record whose parts were encrypted with different keys; no key has this name.
    static let severalKeys = "*"
}

extension RingStorageCollection {
    /// The accounts.
    package static let tokens = Self(
        name: "tokens",
        indexes: ["due", "pool", "unclaimed", "unidentified", "principal", "seed", "sealing_key", "expires"])
}

extension RingStorageID {
    /// The name of an account's record.
    static func account(_ account: RingAccountID) -> RingStorageID { RingStorageID(.tokens, account.rawValue) }
}

extension RingAccountID {
    private static let provisionalPrefix = "unidentified:"

    /// The id under which tokens are stored until `users/me` tells their account. Equal secrets give equal ids.
    package static func provisional(for secret: String) -> RingAccountID {
        let digest = RingSHA256.digest(of: Array("ring provisional:\(secret)".utf8)).base64URL
        return RingAccountID(rawValue: Self.provisionalPrefix + digest)
    }

    /// Whether it stands for tokens whose account is not known yet.
    package var isProvisional: Bool { self.rawValue.hasPrefix(Self.provisionalPrefix) }
}
