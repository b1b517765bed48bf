#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why a key was refused, or a sealed value did not open.
///
/// Switch on ``code``. Neither it nor ``message`` holds a key, a nonce or a plaintext.
public struct RingCryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var code: Code
    /// What was wrong, where, and what to do, for a developer's log.
    public var message: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What was wrong and what to do, without any secret.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message; no secret.
    public var description: String { "\(self.code): \(self.message)" }

    /// A kind of failure. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case emptyKey, malformedKey, unreadableKey, duplicateKey, unknownKey, malformedBox, authenticationFailed
            case malformedNonce, malformedTime, malformedVerifier, malformedSignature, engineFailed
        }
        private let value: Value
        private init(_ value: Value) { self.value = value }
        /// The code's name.
        public var description: String { self.value.rawValue }

        /// A key of no characters: it would accept what anybody can forge.
        public static let emptyKey = Self(.emptyKey)
        /// A sealing key that is not 32 bytes of Base64 or hexadecimal, or whose id is not allowed.
        public static let malformedKey = Self(.malformedKey)
        /// The environment variable or the file that should hold keys is missing or cannot be read.
        public static let unreadableKey = Self(.unreadableKey)
        /// Two keys of one ring have the same id.
        public static let duplicateKey = Self(.duplicateKey)
        /// A sealed value names a key that the ring does not have.
        public static let unknownKey = Self(.unknownKey)
        /// Bytes that no ring of this package has sealed.
        public static let malformedBox = Self(.malformedBox)
        /// A sealed value was changed, belongs to another record, or its key is another one under the same id.
        public static let authenticationFailed = Self(.authenticationFailed)
        /// A link nonce that is not 43 characters of the URL-safe alphabet.
        public static let malformedNonce = Self(.malformedNonce)
        /// A link time that is not a decimal number of milliseconds.
        public static let malformedTime = Self(.malformedTime)
        /// A PKCE verifier that is not 43 to 128 unreserved characters (RFC 7636, section 4.1).
        public static let malformedVerifier = Self(.malformedVerifier)
        /// A signature that is not 64 hexadecimal digits, with or without `sha256=` before them.
        public static let malformedSignature = Self(.malformedSignature)
        /// The system's cryptographic library refused to work.
        public static let engineFailed = Self(.engineFailed)
    }
}

extension RingCryptoError: LocalizedError {
    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}
