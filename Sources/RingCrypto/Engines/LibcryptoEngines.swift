#if !canImport(CryptoKit)
internal import CRingLibcrypto

/// SHA-256 as a value: copying it forks the computation, at the price of a 112-byte copy.
struct SHA256Engine: Sendable {
    private var context: SHA256_CTX

    init() {
        LibcryptoGlobal.start()
        self.context = SHA256_CTX()
        unsafe SHA256_Init(&self.context)
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, unsafe !bytes.isEmpty else { return }
        unsafe SHA256_Update(&self.context, base, bytes.count)
    }

    func finish() -> RingSHA256Digest {
        var copy = self.context
        return unsafe RingSHA256Digest { unsafe SHA256_Final($0, &copy) }
    }
}

/// HMAC-SHA-256 whose key was worked in once: the inner and outer states after the padded key (RFC 2104).
///
/// A value without allocation; copying it is how one prepared key serves any number of messages and tasks.
struct HMACEngine: Sendable {
    private(set) var inner: SHA256_CTX
    private(set) var outer: SHA256_CTX

    init(key: [UInt8]) {
        LibcryptoGlobal.start()
        var padded = key
        if key.count > 64 {
            var long = SHA256Engine()
            unsafe key.withUnsafeBytes { unsafe long.update($0) }
            padded = long.finish().bytes
        }
        padded += [UInt8](repeating: 0, count: 64 - padded.count)
        self.inner = SHA256_CTX()
        self.outer = SHA256_CTX()
        unsafe SHA256_Init(&self.inner)
        unsafe SHA256_Update(&self.inner, padded.map { $0 ^ 0x36 }, 64)
        unsafe SHA256_Init(&self.outer)
        unsafe SHA256_Update(&self.outer, padded.map { $0 ^ 0x5c }, 64)
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, unsafe !bytes.isEmpty else { return }
        unsafe SHA256_Update(&self.inner, base, bytes.count)
    }

    func finish() -> RingSHA256Digest {
        var first = self.inner
        var second = self.outer
        return unsafe RingSHA256Digest {
            unsafe SHA256_Final($0, &first)
            unsafe SHA256_Update(&second, $0, 32)
            unsafe SHA256_Final($0, &second)
        }
    }
}

extension HMACEngine {
    /// Whether the code of what was fed so far and this rest is the wanted one; for searches over many short rests, so it
    /// copies as little as it can.
    @inline(__always)
    func completes(with rest: UnsafeRawBufferPointer, to wanted: RingSHA256Digest) -> Bool {
        var context = self.inner
        if let base = rest.baseAddress { unsafe SHA256_Update(&context, base, rest.count) }
        let digest = unsafe RingSHA256Digest { bytes in
            unsafe SHA256_Final(bytes, &context)
            context = self.outer
            unsafe SHA256_Update(&context, bytes, 32)
            unsafe SHA256_Final(bytes, &context)
        }
        return digest == wanted
    }
}

/// AES-256-GCM with a 12-byte nonce and a 16-byte tag.
enum AES256GCMEngine {
    /// The ciphertext followed by the tag; `nil` when the library refuses.
    static func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], associatedData: [UInt8]) -> [UInt8]? {
        LibcryptoGlobal.start()
        guard key.count == 32, nonce.count == 12, let count = Int32(exactly: plaintext.count),
            let associatedCount = Int32(exactly: associatedData.count),
            let context = unsafe EVP_CIPHER_CTX_new()
        else { return nil }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: plaintext.count + 16)
        var written: Int32 = 0
        guard unsafe EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            unsafe associatedData.isEmpty
                || EVP_EncryptUpdate(context, nil, &written, associatedData, associatedCount) == 1,
            unsafe plaintext.isEmpty || EVP_EncryptUpdate(context, &output, &written, plaintext, count) == 1
        else { return nil }
        var tag = [UInt8](repeating: 0, count: 16)
        var spare = [UInt8](repeating: 0, count: 16)
        guard unsafe EVP_EncryptFinal_ex(context, &spare, &written) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1
        else { return nil }
        output.replaceSubrange(plaintext.count..., with: tag)
        return output
    }

    /// The plaintext; `nil` when the tag does not fit, which is all that may be known about it.
    static func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], associatedData: [UInt8]) -> [UInt8]? {
        LibcryptoGlobal.start()
        guard key.count == 32, nonce.count == 12, sealed.count >= 16,
            let count = Int32(exactly: sealed.count - 16),
            let associatedCount = Int32(exactly: associatedData.count),
            let context = unsafe EVP_CIPHER_CTX_new()
        else { return nil }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: sealed.count - 16)
        var tag = Array(sealed.suffix(16))
        var written: Int32 = 0
        var spare = [UInt8](repeating: 0, count: 16)
        guard unsafe EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            unsafe associatedData.isEmpty
                || EVP_DecryptUpdate(context, nil, &written, associatedData, associatedCount) == 1,
            unsafe output.isEmpty || EVP_DecryptUpdate(context, &output, &written, sealed, count) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1,
            unsafe EVP_DecryptFinal_ex(context, &spare, &written) == 1
        else { return nil }
        return output
    }
}

/// The library's random generator.
enum RandomEngine {
    /// Fills the array; false when the generator has no entropy.
    static func fill(_ bytes: inout [UInt8]) -> Bool {
        LibcryptoGlobal.start()
        guard let count = Int32(exactly: bytes.count) else { return false }
        return unsafe bytes.isEmpty || RAND_bytes(&bytes, count) == 1
    }
}

/// Comparison that takes the same time wherever the first difference is.
enum ComparisonEngine {
    static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let left = left.baseAddress, let base = right.baseAddress else { return unsafe right.isEmpty }
        return unsafe CRYPTO_memcmp(left, base, right.count) == 0
    }
}

/// Initialises libcrypto, once in a process, before its first use.
///
/// Without an exit handler: it would free what another thread may still use, such as the one that carries transfers, and
/// the process would crash as it ends. Whoever initialises libcrypto first decides; RingCurl initialises it in the same way.
enum LibcryptoGlobal {
    private static let isStarted = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1

    @inline(__always)
    static func start() { _ = self.isStarted }
}
#endif
