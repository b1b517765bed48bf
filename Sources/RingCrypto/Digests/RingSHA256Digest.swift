/// The 32 bytes that SHA-256 or HMAC-SHA-256 gives.
///
/// `==` takes the same time wherever the first difference is, so an authentication code may be compared with it.
package struct RingSHA256Digest: Sendable, Hashable, CustomStringConvertible {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Wraps 32 bytes; `nil` when there are more or fewer.
    ///
    /// - Parameter bytes: The digest, first byte first.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        unsafe withUnsafeMutableBytes(of: &self.words) { unsafe $0.copyBytes(from: bytes) }
    }

    /// Zeros, for an engine to write over.
    init() {}

    /// Lets an engine write the 32 bytes in place.
    init(_ write: (UnsafeMutablePointer<UInt8>) -> Void) {
        unsafe withUnsafeMutableBytes(of: &self.words) { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe write(base.assumingMemoryBound(to: UInt8.self))
        }
    }

    /// The 32 bytes, first byte first.
    package var bytes: [UInt8] { unsafe withUnsafeBytes(of: self.words) { unsafe Array($0) } }

    /// 64 lowercase hexadecimal digits, as a webhook signature is written.
    package var hex: String { RingHex.encode(self.bytes) }

    /// 43 characters of the URL-safe Base64 alphabet without padding, as a link nonce is written.
    package var base64URL: String { RingBase64URL.encode(self.bytes) }

    /// The digest as lowercase hexadecimal digits.
    package var description: String { self.hex }

    /// Whether both hold the same bytes, in constant time.
    package static func == (left: Self, right: Self) -> Bool { left.difference(from: right) == 0 }

    /// Feeds the bytes to a hasher.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
        hasher.combine(self.words.2)
        hasher.combine(self.words.3)
    }

    /// Zero when both are equal, without a branch on the way.
    @inline(__always)
    func difference(from other: Self) -> UInt64 {
        (self.words.0 ^ other.words.0) | (self.words.1 ^ other.words.1) | (self.words.2 ^ other.words.2)
            | (self.words.3 ^ other.words.3)
    }
}
