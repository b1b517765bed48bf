/// Turns secrets into the bytes that a store keeps, encrypted when there are keys, and back.
///
/// The bytes are bound to what they belong to: moved to another record they do not open. Without keys they begin with a
/// zero; encrypted ones never do.
package struct RingSealer: Sendable {
    /// The keys; `nil` stores secrets as they are.
    package var keys: RingSealingKeyRing?

    package init(keys: RingSealingKeyRing?) { self.keys = keys }

    private static let plain: UInt8 = 0

    /// The bytes to store.
    ///
    /// - Parameter owner: What the secrets belong to, such as `ring tokens:` and the account.
    /// - Throws: `RingCryptoError` with code `engineFailed` when the cryptographic library refuses.
    package func seal(_ secrets: [UInt8], for owner: String) throws(RingCryptoError) -> [UInt8] {
        guard let keys else { return [Self.plain] + secrets }
        return try keys.seal(secrets, associatedData: Array(owner.utf8))
    }

    /// The secrets in stored bytes.
    ///
    /// - Parameter owner: The same text as when they were sealed.
    /// - Throws: `RingCryptoError` when the keys do not open them, or they are damaged.
    package func open(_ bytes: some Collection<UInt8>, for owner: String) throws(RingCryptoError) -> [UInt8] {
        if bytes.first == Self.plain { return Array(bytes.dropFirst()) }
        guard let keys else {
            throw RingCryptoError(
                code: .unknownKey, message: "sealed, and no sealing key is configured; set RING_SEALING_KEYS")
        }
        return try keys.open(Array(bytes), associatedData: Array(owner.utf8))
    }

    /// The key that sealed stored bytes; `nil` for bytes that are not sealed.
    package static func keyID(of bytes: some Collection<UInt8>) -> String? {
        bytes.first == Self.plain ? nil : RingSealingKeyRing.keyID(of: Array(bytes))
    }
}
