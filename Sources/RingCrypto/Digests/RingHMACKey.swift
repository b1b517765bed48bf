/// A prepared HMAC-SHA-256 key: the one Ring shows in the developer portal, for webhooks and link nonces alike.
///
/// The key is the UTF-8 bytes of the string **as given**. It looks like Base64 and must not be decoded: a decoded key
/// computes other signatures and nonces than Ring does.
///
/// A value: working the key in costs two SHA-256 blocks once, after which any number of tasks compute codes from copies.
/// It cannot print itself, and it does not keep the key's text.
public struct RingHMACKey: Sendable, Hashable {
    let engine: HMACEngine
    /// A name for the key that can be logged: 8 hexadecimal digits computed from it, useless for computing it back.
    package let fingerprint: String
    private let identity: RingSHA256Digest
    /// The key that Base64-decoding the string would give: only for telling an adopter what went wrong.
    private let decodedEngine: HMACEngine?
    private let hasWhiteSpace: Bool

    /// Prepares a key from its text.
    ///
    /// - Parameter text: The key exactly as the portal shows it. White space counts as part of it, and is most probably a
    ///   mistake: the error of a webhook or a link that does not match then says so.
    /// - Throws: `RingCryptoError` with code `emptyKey` when the text has no characters.
    public init(_ text: String) throws(RingCryptoError) {
        try self.init(
            bytes: Array(text.utf8), decoded: RingBase64.decode(text),
            hasWhiteSpace: text.contains { $0.isWhitespace })
    }

    /// Prepares a key from bytes, for keys that never were text.
    ///
    /// - Parameter bytes: At least one byte.
    /// - Throws: `RingCryptoError` with code `emptyKey` when there are none.
    package init(bytes: [UInt8]) throws(RingCryptoError) {
        try self.init(bytes: bytes, decoded: nil, hasWhiteSpace: false)
    }

    private init(bytes: [UInt8], decoded: [UInt8]?, hasWhiteSpace: Bool) throws(RingCryptoError) {
        guard !bytes.isEmpty else {
            throw RingCryptoError(
                code: .emptyKey,
                message: "the HMAC key is empty; copy it from the developer portal, exactly as shown there")
        }
        self.engine = HMACEngine(key: bytes)
        self.decodedEngine = decoded.flatMap { $0.isEmpty ? nil : HMACEngine(key: $0) }
        self.hasWhiteSpace = hasWhiteSpace
        self.identity = self.engine.code(for: Array("ring-partner-swift key fingerprint".utf8))
        self.fingerprint = String(self.identity.hex.prefix(8))
    }

    /// The authentication code of a message.
    ///
    /// - Parameter message: The raw bytes, unchanged since they arrived.
    /// - Returns: 32 bytes; compare them with `==`, which is constant in time.
    package func authenticationCode(for message: [UInt8]) -> RingSHA256Digest { self.engine.code(for: message) }

    /// The authentication code of a message that lies in somebody else's memory.
    ///
    /// - Parameter message: The raw bytes, unchanged since they arrived.
    /// - Returns: 32 bytes; compare them with `==`, which is constant in time.
    package func authenticationCode(for message: Span<UInt8>) -> RingSHA256Digest {
        var engine = self.engine
        unsafe message.withUnsafeBytes { unsafe engine.update($0) }
        return engine.finish()
    }

    /// The authentication code of a text's UTF-8 bytes.
    ///
    /// - Parameter message: The text, unchanged since it arrived.
    /// - Returns: 32 bytes; compare them with `==`, which is constant in time.
    package func authenticationCode(for message: String) -> RingSHA256Digest {
        self.engine.code(for: Array(message.utf8))
    }

    /// The code that the commonest mistake would compute: Base64-decoding the key first.
    ///
    /// Never accept a message because of it. It exists so that a verifier can say why nothing matches.
    ///
    /// - Parameter message: The raw bytes.
    /// - Returns: The wrong code; `nil` when the key is no Base64 text.
    package func codeWithDecodedKey(for message: [UInt8]) -> RingSHA256Digest? {
        self.decodedEngine?.code(for: message)
    }

    /// What is probably wrong with the key when nothing matches; `nil` when nothing is known. It contains nothing of the key.
    package var advice: String? {
        self.hasWhiteSpace
            ? "the HMAC key contains a blank or a line break, which no key of the developer portal does; remove it"
            : nil
    }

    /// Whether both were prepared from the same bytes.
    public static func == (left: Self, right: Self) -> Bool { left.identity == right.identity }

    /// Feeds the key's fingerprint to a hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.identity) }
}

extension RingHMACKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The fingerprint; never the key.
    public var description: String { "RingHMACKey(\(self.fingerprint))" }
    /// The fingerprint; never the key.
    public var debugDescription: String { self.description }
    /// A mirror without the key's material.
    public var customMirror: Mirror { Mirror(self, children: ["fingerprint": self.fingerprint]) }
}

extension HMACEngine {
    /// The code of one message.
    func code(for message: [UInt8]) -> RingSHA256Digest {
        var engine = self
        unsafe message.withUnsafeBytes { unsafe engine.update($0) }
        return engine.finish()
    }
}
