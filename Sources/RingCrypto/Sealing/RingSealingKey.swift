/// A key of 32 bytes that seals what a store keeps: tokens, above all.
///
/// It cannot print itself.
public struct RingSealingKey: Sendable, Hashable {
    /// The name written into every value this key seals: 1 to 32 letters, digits, `.`, `_` or `-`. No secret.
    package let id: String
    let bytes: [UInt8]

    /// Takes a key as bytes.
    ///
    /// - Parameters:
    ///   - bytes: Exactly 32 bytes from a random generator, not a password.
    ///   - id: The key's name; by default one computed from the key, so that the same key always has the same name.
    /// - Throws: `RingCryptoError` with code `malformedKey` when the length or the id is not allowed.
    public init(bytes: [UInt8], id: String? = nil) throws(RingCryptoError) {
        guard bytes.count == 32 else {
            throw RingCryptoError(
                code: .malformedKey,
                message: "a sealing key has 32 bytes, this one \(bytes.count); make one with: openssl rand -base64 32")
        }
        let name = if let id { id } else { try Self.fingerprint(of: bytes) }
        guard (1...32).contains(name.utf8.count), name.utf8.allSatisfy(Self.isAllowed) else {
            throw RingCryptoError(
                code: .malformedKey, message: "a sealing key's id has 1 to 32 letters, digits, '.', '_' or '-'")
        }
        self.id = name
        self.bytes = bytes
    }

    /// Takes a key as text.
    ///
    /// - Parameters:
    ///   - text: 64 hexadecimal digits, or Base64 of 32 bytes, standard or URL-safe.
    ///   - id: The key's name; by default one computed from the key.
    /// - Throws: `RingCryptoError` with code `malformedKey` when the text is neither, or the id is not allowed.
    public init(text: String, id: String? = nil) throws(RingCryptoError) {
        let hexadecimal = text.utf8.count == 64 ? RingHex.decode(text) : nil
        guard let bytes = hexadecimal ?? RingBase64.decode(text) ?? RingBase64URL.decode(text) else {
            throw RingCryptoError(
                code: .malformedKey,
                message:
                    "a sealing key is 32 bytes in Base64 or 64 hexadecimal digits; make one with: openssl rand -base64 32"
            )
        }
        try self.init(bytes: bytes, id: id)
    }

    /// Makes a new key.
    ///
    /// - Parameter id: The key's name; by default one computed from the key.
    /// - Returns: A key that exists nowhere else: keep it, or what it seals is lost.
    /// - Throws: `RingCryptoError` with code `engineFailed` without entropy, `malformedKey` when the id is not allowed.
    public static func generate(id: String? = nil) throws(RingCryptoError) -> Self {
        try Self(bytes: RingSecureRandom.bytes(count: 32), id: id)
    }

    /// The key in Base64, to be written where only the service can read it. A secret: never log it.
    public func exportedText() -> String { RingBase64.encode(self.bytes) }

    private static func fingerprint(of bytes: [UInt8]) throws(RingCryptoError) -> String {
        let key = try RingHMACKey(bytes: bytes)
        return "k" + key.fingerprint
    }

    private static func isAllowed(_ unit: UInt8) -> Bool {
        switch unit {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension RingSealingKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The id; never the key.
    public var description: String { "RingSealingKey(\(self.id))" }
    /// The id; never the key.
    public var debugDescription: String { self.description }
    /// A mirror without the key.
    public var customMirror: Mirror { Mirror(self, children: ["id": self.id]) }
}
