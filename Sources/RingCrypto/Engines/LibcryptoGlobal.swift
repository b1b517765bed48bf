#if !canImport(CryptoKit)
internal import CRingLibcrypto

/// libcrypto's initialisation, once in a process, before anything else is asked of it.
///
/// Without an exit handler: it would free what another thread may still use, such as the one that carries transfers, and
/// the process would crash as it ends. Whoever initialises libcrypto first decides; RingCurl asks for the same.
enum LibcryptoGlobal {
    private static let isStarted = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1

    @inline(__always)
    static func start() { _ = self.isStarted }
}
#endif
