#if !canImport(CryptoKit)
internal import CRingLibcrypto
internal import CRingSHA256

/// Codes of two short messages that begin alike, at a time, where the processor has instructions for SHA-256.
///
/// Twice as fast as one after the other, because one computation works while the other waits. Where the processor cannot,
/// `isAvailable` is false, and `HMACEngine` does the work.
struct HMACPairEngine: Sendable {
    /// Of the two messages.
    enum Lane: Int32 { case first, second }

    /// Whether the processor can.
    static let isAvailable = ring_sha256_pair_is_available() != 0

    private var messages = ring_sha256_pair()
    private let keys: [ring_sha256_key]

    /// Prepares an engine; to be used only where ``isAvailable`` says so.
    ///
    /// - Parameters:
    ///   - beginning: What both messages begin with; at most 119 bytes.
    ///   - keys: Keys that nothing was fed to.
    init(beginning: [UInt8], keys: [HMACEngine]) {
        self.keys = keys.map { ring_sha256_key(inner: $0.inner.h, outer: $0.outer.h) }
        let fits = unsafe ring_sha256_pair_begin(&self.messages, beginning, beginning.count)
        precondition(fits != 0, "the beginning is too long")
    }

    /// Sets how one of the messages goes on; false when it is too long for this engine.
    @inline(__always)
    mutating func set(_ lane: Lane, _ rest: UnsafeRawBufferPointer) -> Bool {
        unsafe ring_sha256_pair_set(&self.messages, lane.rawValue, rest.baseAddress, rest.count) != 0
    }

    /// The codes of both messages with one of the keys.
    @inline(__always)
    mutating func codes(_ keyIndex: Int) -> (first: RingSHA256Digest, second: RingSHA256Digest) {
        var codes = (RingSHA256Digest(), RingSHA256Digest())
        unsafe withUnsafeMutableBytes(of: &codes) { bytes in
            guard let base = bytes.baseAddress else { return }
            var key = self.keys[keyIndex]
            unsafe ring_sha256_pair_codes(&self.messages, &key, base.assumingMemoryBound(to: UInt8.self))
        }
        return codes
    }
}
#endif
