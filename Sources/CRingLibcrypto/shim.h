// What RingCrypto uses of OpenSSL's libcrypto. HMAC_* and SHA256_* are deprecated since 3.0 and still present.
#define OPENSSL_SUPPRESS_DEPRECATED 1
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
