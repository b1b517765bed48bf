/// Comparison of secrets: how long it takes says nothing about where they differ.
public enum RingConstantTime: Sendable {
    /// Whether two byte strings are the same; only their lengths show in the time.
    ///
    /// - Parameters:
    ///   - left: One of the two.
    ///   - right: The other.
    /// - Returns: True when both have the same length and bytes.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in unsafe ComparisonEngine.areEqual(left, right) }
        }
    }

    /// Whether two texts have the same UTF-8 bytes; only their lengths show in the time.
    ///
    /// - Parameters:
    ///   - left: One of the two.
    ///   - right: The other.
    /// - Returns: True when both are the same, byte for byte; no Unicode normalisation.
    public static func areEqual(_ left: String, _ right: String) -> Bool {
        Self.areEqual(Array(left.utf8), Array(right.utf8))
    }
}

/// Bytes that nobody can guess, from the system's cryptographic library.
package enum RingSecureRandom: Sendable {
    /// Draws random bytes.
    ///
    /// - Parameter count: How many; a negative number counts as none.
    /// - Returns: Exactly that many bytes.
    /// - Throws: `RingCryptoError` with code `engineFailed` when the generator has no entropy.
    package static func bytes(count: Int) throws(RingCryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        guard RandomEngine.fill(&bytes) else {
            throw RingCryptoError(code: .engineFailed, message: "the random generator gave no bytes; try later")
        }
        return bytes
    }
}
