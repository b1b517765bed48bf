#include "functions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/// In the form of `a=fingerprint`.
static void write_digest(char *text, const unsigned char *digest, unsigned size) {
    for (unsigned i = 0; i < size; i++) text += sprintf(text, i ? ":%02X" : "%02X", digest[i]);
}

// WebRTC peers have to support ECDSA with P-256 (RFC 8827 section 6.5), and some support nothing else. GStreamer's own
// certificate is RSA.
char *ring_gst_make_certificate(char fingerprint[static 120]) {
    char *pem = NULL;
    void *key = ring_gst.EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    void *certificate = ring_gst.X509_new();
    void *text = ring_gst.BIO_new(ring_gst.BIO_s_mem());
    uint64_t serial = 0;
    unsigned char digest[64];
    unsigned digest_size = 0;
    if (!key || !certificate || !text || ring_gst.RAND_bytes((unsigned char *)&serial, sizeof serial) != 1) goto end;
    serial >>= 1;
    ring_gst.ASN1_INTEGER_set_uint64(ring_gst.X509_get_serialNumber(certificate), serial);
    ring_gst.X509_set_version(certificate, 2);
    ring_gst.X509_gmtime_adj(ring_gst.X509_getm_notBefore(certificate), -86400);
    ring_gst.X509_gmtime_adj(ring_gst.X509_getm_notAfter(certificate), 30 * 86400);
    ring_gst.X509_set_pubkey(certificate, key);
    void *name = ring_gst.X509_get_subject_name(certificate);
    ring_gst.X509_NAME_add_entry_by_txt(name, "CN", 0x1001 /* MBSTRING_ASC */, (const unsigned char *)"WebRTC", -1, -1, 0);
    ring_gst.X509_set_issuer_name(certificate, name);
    if (!ring_gst.X509_sign(certificate, key, ring_gst.EVP_sha256())) goto end;
    if (!ring_gst.X509_digest(certificate, ring_gst.EVP_sha256(), digest, &digest_size) || digest_size != 32) goto end;
    write_digest(fingerprint + sprintf(fingerprint, "sha-256 "), digest, digest_size);
    if (!ring_gst.PEM_write_bio_X509(text, certificate)) goto end;
    if (!ring_gst.PEM_write_bio_PrivateKey(text, key, NULL, NULL, 0, NULL, NULL)) goto end;
    enum { MAXIMUM = 8192 };
    if (!(pem = calloc(1, MAXIMUM))) goto end;
    if (ring_gst.BIO_read(text, pem, MAXIMUM - 1) <= 0) {
        free(pem);
        pem = NULL;
    }
end:
    if (text) ring_gst.BIO_free(text);
    ring_gst.X509_free(certificate);
    ring_gst.EVP_PKEY_free(key);
    return pem;
}

bool ring_gst_names_certificate(const char *sdp, const char *pem) {
    static const char *const names[] = {"sha-256 ", "sha-384 ", "sha-512 "};
    const void *const algorithms[] = {ring_gst.EVP_sha256(), ring_gst.EVP_sha384(), ring_gst.EVP_sha512()};
    bool is_named = false;
    void *text = ring_gst.BIO_new_mem_buf(pem, -1);
    void *certificate = text ? ring_gst.PEM_read_bio_X509(text, NULL, NULL, NULL) : NULL;
    for (int i = 0; certificate && i < 3 && !is_named; i++) {
        unsigned char digest[64];
        unsigned size = 0;
        if (!ring_gst.X509_digest(certificate, algorithms[i], digest, &size)) continue;
        char expected[64 * 3];
        write_digest(expected, digest, size);
        size_t length = strlen(expected), name_length = strlen(names[i]);
        for (const char *line = sdp; (line = strstr(line, "a=fingerprint:"));) {
            line += strlen("a=fingerprint:");
            if (strncasecmp(line, names[i], name_length)) continue;
            const char *value = line + name_length;
            while (*value == ' ') value++;
            // The end of the line follows, so a longer value does not match.
            if (!strncasecmp(value, expected, length) && strchr("\r\n \t", value[length])) is_named = true;
        }
    }
    ring_gst.X509_free(certificate);
    if (text) ring_gst.BIO_free(text);
    return is_named;
}
