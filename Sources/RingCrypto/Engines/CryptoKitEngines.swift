#if canImport(CryptoKit)
internal import CryptoKit
internal import Foundation

/// SHA-256 as a value: copying it forks the computation.
struct SHA256Engine: Sendable {
    private var hash = SHA256()

    init() {}

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.hash.update(bufferPointer: bytes)
    }

    func finish() -> RingSHA256Digest { RingSHA256Digest(copying: self.hash.finalize()) }
}

/// HMAC-SHA-256 whose key was worked in once; a copy serves a message.
struct HMACEngine: Sendable {
    private var code: HMAC<SHA256>

    init(key: [UInt8]) { self.code = HMAC<SHA256>(key: SymmetricKey(data: key)) }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.code.update(data: bytes)
    }

    func finish() -> RingSHA256Digest { RingSHA256Digest(copying: self.code.finalize()) }
}

extension HMACEngine {
    /// Whether the code of what was fed so far and this rest is the wanted one.
    func completes(with rest: UnsafeRawBufferPointer, to wanted: RingSHA256Digest) -> Bool {
        var engine = self
        unsafe engine.update(rest)
        return engine.finish() == wanted
    }
}

/// CryptoKit does not show the state a key leaves, so nothing is computed by pairs.
struct HMACPairEngine: Sendable {
    enum Lane { case first, second }

    static let isAvailable = false

    init(beginning: [UInt8], keys: [HMACEngine]) {}
    func set(_ lane: Lane, _ rest: UnsafeRawBufferPointer) -> Bool { false }
    func codes(_ keyIndex: Int) -> (first: RingSHA256Digest, second: RingSHA256Digest) { (.init(), .init()) }
}

extension RingSHA256Digest {
    fileprivate init(copying value: some ContiguousBytes) {
        self = unsafe value.withUnsafeBytes { source in
            unsafe RingSHA256Digest { target in
                unsafe UnsafeMutableRawPointer(target).copyMemory(
                    from: source.baseAddress ?? UnsafeRawPointer(target), byteCount: min(32, source.count))
            }
        }
    }
}

/// AES-256-GCM with a 12-byte nonce and a 16-byte tag.
enum AES256GCMEngine {
    /// The ciphertext followed by the tag; `nil` when the library refuses.
    static func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], associatedData: [UInt8]) -> [UInt8]? {
        guard key.count == 32, nonce.count == 12, let nonce = try? AES.GCM.Nonce(data: nonce),
            let box = try? AES.GCM.seal(
                plaintext, using: SymmetricKey(data: key), nonce: nonce, authenticating: associatedData)
        else { return nil }
        return Array(box.ciphertext) + Array(box.tag)
    }

    /// The plaintext; `nil` when the tag does not fit, which is all that may be known about it.
    static func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], associatedData: [UInt8]) -> [UInt8]? {
        guard key.count == 32, nonce.count == 12, sealed.count >= 16, let nonce = try? AES.GCM.Nonce(data: nonce),
            let box = try? AES.GCM.SealedBox(
                nonce: nonce, ciphertext: sealed.dropLast(16), tag: sealed.suffix(16)),
            let plaintext = try? AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: associatedData)
        else { return nil }
        return Array(plaintext)
    }
}

/// The system's random generator, which cannot fail on Apple systems.
enum RandomEngine {
    static func fill(_ bytes: inout [UInt8]) -> Bool {
        var generator = SystemRandomNumberGenerator()
        for index in bytes.indices { bytes[index] = UInt8.random(in: .min ... .max, using: &generator) }
        return true
    }
}

/// Comparison that takes the same time wherever the first difference is.
enum ComparisonEngine {
    static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<left.count { difference |= unsafe left[index] ^ right[index] }
        return difference == 0
    }
}
#endif
