/// Bytes nobody can guess, from the system's cryptographic library.
public enum RingSecureRandom: Sendable {
    /// Draws random bytes.
    ///
    /// - Parameter count: How many; a negative number counts as none.
    /// - Returns: Exactly that many bytes.
    /// - Throws: `RingCryptoError` with code `engineFailed` when the generator has no entropy.
    public static func bytes(count: Int) throws(RingCryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        guard RandomEngine.fill(&bytes) else {
            throw RingCryptoError(code: .engineFailed, message: "the random generator gave no bytes; try again later")
        }
        return bytes
    }
}
