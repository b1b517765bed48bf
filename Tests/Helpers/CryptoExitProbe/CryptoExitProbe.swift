import RingCrypto

#if canImport(CRingLibcrypto)
import CRingLibcrypto
#endif

/// Does one thing with RingCrypto, the first that this process does with libcrypto, and says so if libcrypto is taken down
/// at the exit.
@main struct CryptoExitProbe {
    static func main() throws {
        switch CommandLine.arguments.dropFirst().first {
        case "random": print("did", try RingSecureRandom.bytes(count: 8).count)
        case "hash": print("did", RingSHA256.digest(of: [1]).bytes.count)
        case "code": print("did", try RingHMACKey("key").authenticationCode(for: "text").bytes.count)
        case "seal":
            let ring = try RingSealingKeyRing(active: RingSealingKey(bytes: Array(repeating: 1, count: 32)))
            print("did", try ring.seal([1], associatedData: []).count)
        default: print("did nothing")
        }
        #if canImport(CRingLibcrypto)
        // A later initialisation, as of TLS, must find the matter settled.
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_LOAD_CRYPTO_STRINGS), nil)
        OPENSSL_atexit { print("taken down") }
        #endif
    }
}
