/// Encrypts and decrypts stored secrets with AES-256-GCM; several keys, so that they can be rotated.
///
/// The active key seals, and every key opens what it has sealed. A sealed value is bound to its record by associated data:
/// moved to another record it does not open. To rotate, put a new key first, seal the stored values again, then drop the old
/// key.
///
/// A sealed value: version (1 byte, 1), length of the key id (1 byte), key id, nonce (12 bytes), ciphertext, tag (16 bytes).
public struct RingSealingKeyRing: Sendable, Hashable {
    /// The key that seals.
    package let active: RingSealingKey
    /// The keys that only open.
    package let retired: [RingSealingKey]

    /// Makes a ring.
    ///
    /// - Parameters:
    ///   - active: The key that seals.
    ///   - retired: Keys that sealed what is still stored.
    /// - Throws: `RingCryptoError` with code `duplicateKey` when two different keys have one id.
    public init(active: RingSealingKey, retired: [RingSealingKey] = []) throws(RingCryptoError) {
        var seen = [active.id: active]
        for key in retired {
            if let other = seen.updateValue(key, forKey: key.id), other != key {
                throw RingCryptoError(code: .duplicateKey, message: "two sealing keys have the id \(key.id)")
            }
        }
        self.active = active
        self.retired = retired.filter { $0 != active }
    }

    /// Seals bytes for one record.
    ///
    /// - Parameters:
    ///   - plaintext: What to keep.
    ///   - associatedData: What names the record, such as the table and the account id. Not stored; needed to open.
    /// - Returns: The sealed value; sealing the same bytes twice gives different values.
    /// - Throws: `RingCryptoError` with code `engineFailed` when the cryptographic library refuses.
    package func seal(_ plaintext: [UInt8], associatedData: [UInt8]) throws(RingCryptoError) -> [UInt8] {
        let id = Array(self.active.id.utf8)
        let header = [SealedBox.version, UInt8(id.count)] + id
        let nonce = try RingSecureRandom.bytes(count: 12)
        guard
            let sealed = AES256GCMEngine.seal(
                plaintext, key: self.active.bytes, nonce: nonce, associatedData: header + associatedData)
        else { throw RingCryptoError(code: .engineFailed, message: "AES-256-GCM refused to seal") }
        return header + nonce + sealed
    }

    /// Opens what a ring with the same key sealed for the same record.
    ///
    /// - Parameters:
    ///   - box: The sealed value.
    ///   - associatedData: The same bytes as when it was sealed.
    /// - Returns: The plaintext.
    /// - Throws: `RingCryptoError` with code `malformedBox` for bytes no ring has sealed, `unknownKey` for a key that this
    ///   ring lacks, `authenticationFailed` for changed bytes, another record, or another key under the same id.
    package func open(_ box: [UInt8], associatedData: [UInt8]) throws(RingCryptoError) -> [UInt8] {
        let parts = try SealedBox(box)
        guard let key = self.key(id: parts.keyID) else {
            throw RingCryptoError(
                code: .unknownKey,
                message: "sealed with the key \(parts.keyID), which this ring lacks; add it as a retired key")
        }
        guard
            let plaintext = AES256GCMEngine.open(
                parts.sealed, key: key.bytes, nonce: parts.nonce, associatedData: parts.header + associatedData)
        else {
            throw RingCryptoError(
                code: .authenticationFailed,
                message: "the sealed value was changed, is another record's, or its key \(parts.keyID) is another one")
        }
        return plaintext
    }

    /// Whether a value was sealed with another key than the active one, or in another form, and should be sealed again.
    ///
    /// - Parameter box: A sealed value.
    /// - Returns: False when the active key sealed it.
    package func needsResealing(_ box: [UInt8]) -> Bool {
        (try? SealedBox(box))?.keyID != self.active.id
    }

    /// The id of the key that sealed a value.
    ///
    /// - Parameter box: A sealed value.
    /// - Returns: The id; `nil` when the bytes are no sealed value.
    package static func keyID(of box: [UInt8]) -> String? { (try? SealedBox(box))?.keyID }

    private func key(id: String) -> RingSealingKey? {
        self.active.id == id ? self.active : self.retired.first { $0.id == id }
    }
}

extension RingSealingKeyRing: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The ids; never a key.
    public var description: String {
        "RingSealingKeyRing(active: \(self.active.id), retired: \(self.retired.map(\.id)))"
    }
    /// The ids; never a key.
    public var debugDescription: String { self.description }
    /// A mirror without the keys.
    public var customMirror: Mirror {
        Mirror(self, children: ["active": self.active.id, "retired": self.retired.map(\.id).joined(separator: ",")])
    }
}

/// The parts of a sealed value.
private struct SealedBox {
    static let version: UInt8 = 1
    var header: [UInt8]
    var keyID: String
    var nonce: [UInt8]
    var sealed: [UInt8]

    init(_ box: [UInt8]) throws(RingCryptoError) {
        let malformed = RingCryptoError(code: .malformedBox, message: "these bytes are no sealed value of this package")
        guard box.count >= 2, box[0] == Self.version else { throw malformed }
        let idEnd = 2 + Int(box[1])
        guard idEnd > 2, box.count >= idEnd + 12 + 16 else { throw malformed }
        self.header = Array(box[..<idEnd])
        self.keyID = String(decoding: box[2..<idEnd], as: UTF8.self)
        self.nonce = Array(box[idEnd..<idEnd + 12])
        self.sealed = Array(box[(idEnd + 12)...])
    }
}
