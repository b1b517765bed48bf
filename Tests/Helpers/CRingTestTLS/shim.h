// What the tests' own TLS server uses of OpenSSL: a server that can be told to misbehave. Macros as functions.
#ifndef CRING_TEST_TLS_SHIM_H
#define CRING_TEST_TLS_SHIM_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static inline void ring_tls_set_versions(SSL_CTX *context, int lowest, int highest) {
    SSL_CTX_set_min_proto_version(context, lowest);
    SSL_CTX_set_max_proto_version(context, highest);
}

// ALPN: HTTP/2 where the client has it.
static inline int ring_tls_choose_http2(
    SSL *ssl, const unsigned char **chosen, unsigned char *length, const unsigned char *offered, unsigned int count,
    void *context) {
    static const unsigned char wanted[] = {2, 'h', '2'};
    (void)ssl;
    (void)context;
    unsigned char *found = NULL;
    if (SSL_select_next_proto(&found, length, wanted, sizeof wanted, offered, count) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}
static inline void ring_tls_demand_http2(SSL_CTX *context) {
    SSL_CTX_set_alpn_select_cb(context, ring_tls_choose_http2, NULL);
}

#endif
