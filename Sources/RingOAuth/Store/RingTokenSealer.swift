package import RingCore
package import RingCrypto

/// Turns the secrets of a record into the bytes an engine stores, sealed when there are keys, and back.
///
/// The bytes are bound to their account: moved to another record they do not open. Without keys they begin with a zero;
/// sealed ones never do.
package struct RingTokenSealer: Sendable {
    /// The keys; `nil` stores secrets as they are.
    package var keys: RingSealingKeyRing?

    package init(keys: RingSealingKeyRing?) { self.keys = keys }

    /// What a record holds that must not be read by whoever reads the store.
    package struct Secrets: Sendable {
        package var accessToken: RingAccessToken?
        package var refreshToken: OAuthRefreshToken?
        package var nonce: String?
        package var accountIdentifier: String?

        package init(_ record: RingTokenRecord) {
            self.accessToken = record.tokens?.accessToken
            self.refreshToken = record.tokens?.refreshToken
            self.nonce = record.link?.nonce
            self.accountIdentifier = record.link?.accountIdentifier
        }

        fileprivate init(fields: [String?]) {
            self.accessToken = fields[0].map { RingAccessToken($0) }
            self.refreshToken = fields[1].map { OAuthRefreshToken($0) }
            self.nonce = fields[2]
            self.accountIdentifier = fields[3]
        }

        fileprivate var fields: [String?] {
            [self.accessToken?.revealed, self.refreshToken?.revealed, self.nonce, self.accountIdentifier]
        }
    }

    private static let plain: UInt8 = 0

    /// The bytes to store for an account.
    ///
    /// - Throws: `RingError` with code `storageFailed` when the cryptographic library refuses.
    package func seal(_ secrets: Secrets, for account: RingAccountID) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for field in secrets.fields {
            guard let field else {
                bytes.append(0)
                continue
            }
            let count = UInt32(clamping: field.utf8.count)
            bytes.append(1)
            for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
            bytes += field.utf8
        }
        guard let keys else { return [Self.plain] + bytes }
        do {
            return try keys.seal(bytes, associatedData: Self.associatedData(account))
        } catch {
            throw RingError(
                code: .storageFailed, message: "the tokens of \(account) could not be sealed: \(error)", cause: error)
        }
    }

    /// The secrets in stored bytes.
    ///
    /// - Throws: `RingError` with code `storageFailed` when the keys do not open them, or they are damaged.
    package func open(_ bytes: [UInt8], for account: RingAccountID) throws -> Secrets {
        if bytes.first == Self.plain { return try Self.decoded(bytes.dropFirst(), account) }
        guard let keys else {
            throw RingError(
                code: .storageFailed,
                message: "the tokens of \(account) are sealed, and no sealing key is configured: set RING_SEALING_KEYS")
        }
        do {
            return try Self.decoded(keys.open(bytes, associatedData: Self.associatedData(account))[...], account)
        } catch let error as RingCryptoError {
            throw RingError(
                code: .storageFailed, message: "the tokens of \(account) do not open: \(error)", cause: error)
        }
    }

    /// The key that sealed stored bytes; `nil` for bytes that are not sealed.
    package static func keyID(of bytes: [UInt8]) -> String? {
        bytes.first == Self.plain ? nil : RingSealingKeyRing.keyID(of: bytes)
    }

    private static func associatedData(_ account: RingAccountID) -> [UInt8] { Array("ring tokens:\(account)".utf8) }

    private static func decoded(_ bytes: ArraySlice<UInt8>, _ account: RingAccountID) throws -> Secrets {
        var rest = bytes
        var fields: [String?] = []
        for _ in 0..<4 {
            guard let isThere = rest.popFirst() else { break }
            guard isThere == 1 else {
                fields.append(nil)
                continue
            }
            let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard count <= rest.count else { break }
            fields.append(String(decoding: rest.prefix(count), as: UTF8.self))
            rest = rest.dropFirst(count)
        }
        guard fields.count == 4, rest.isEmpty else {
            throw RingError(
                code: .storageFailed, message: "the stored tokens of \(account) are damaged; restore a backup")
        }
        return Secrets(fields: fields)
    }
}
