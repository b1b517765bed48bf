/// A SHA-256 computation fed piece by piece, for a download that is never in memory as a whole.
///
/// A value: a copy goes on by itself, and ``finish()`` leaves it usable.
package struct RingSHA256: Sendable {
    private var engine = SHA256Engine()

    /// Starts an empty computation.
    package init() {}

    /// Adds bytes at the end.
    ///
    /// - Parameter bytes: The next piece, of any length.
    package mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe self.engine.update($0) }
    }

    /// Adds bytes at the end.
    ///
    /// - Parameter bytes: The next piece, of any length.
    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe self.engine.update($0) }
    }

    /// The digest of everything added so far.
    package func finish() -> RingSHA256Digest { self.engine.finish() }

    /// The digest of one message.
    ///
    /// - Parameter bytes: The whole message.
    /// - Returns: Its 32 bytes.
    package static func digest(of bytes: [UInt8]) -> RingSHA256Digest {
        var hash = Self()
        hash.update(bytes)
        return hash.finish()
    }
}
