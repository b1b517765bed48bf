// What RingCurl uses of libcurl. curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift
// cannot import: one inline wrapper for each argument type.
#ifndef CRING_LIBCURL_SHIM_H
#define CRING_LIBCURL_SHIM_H

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/eventfd.h>
#endif

typedef size_t (*ring_curl_data_callback)(char *, size_t, size_t, void *);
typedef int (*ring_curl_prereq_callback)(void *, char *, char *, int, int);

static inline CURLcode ring_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ring_curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ring_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ring_curl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ring_curl_set_data_callback(CURL *easy, CURLoption option, ring_curl_data_callback value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ring_curl_set_prereq_callback(CURL *easy, ring_curl_prereq_callback value) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, value);
}
static inline CURLcode ring_curl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode ring_curl_get_pointer(CURL *easy, CURLINFO info, void **value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLMcode ring_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}
static inline CURLcode ring_curl_message_result(const CURLMsg *message) { return message->data.result; }

// A child process must not inherit a connection: it would stay open, with a server's secrets on it, after it was closed
// here.
static inline curl_socket_t ring_curl_open_socket(
    void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)context;
    (void)purpose;
#ifdef SOCK_CLOEXEC
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
    int descriptor = socket(address->family, address->socktype, address->protocol);
    if (descriptor >= 0) { fcntl(descriptor, F_SETFD, FD_CLOEXEC); }
    return descriptor;
#endif
}
static inline CURLcode ring_curl_set_private_sockets(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, ring_curl_open_socket);
}

// What wakes the loop. On Linux a counter, which costs half of what libcurl's own pair of sockets does.
static inline int ring_curl_bell_make(void) {
#ifdef __linux__
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
#else
    return -1;
#endif
}
static inline void ring_curl_bell_ring(int bell, CURLM *multi) {
    uint64_t one = 1;
    if (bell < 0 || write(bell, &one, sizeof one) != sizeof one) { curl_multi_wakeup(multi); }
}
static inline void ring_curl_wait(int bell, CURLM *multi, int milliseconds) {
    struct curl_waitfd waited = { .fd = bell, .events = CURL_WAIT_POLLIN, .revents = 0 };
    int ready = 0;
    curl_multi_poll(multi, &waited, bell < 0 ? 0 : 1, milliseconds, &ready);
    uint64_t rings;
    if (waited.revents && read(bell, &rings, sizeof rings) < 0) { return; }
}
static inline void ring_curl_bell_free(int bell) {
    if (bell >= 0) { close(bell); }
}

// No other protocol than these two, whatever libcurl was built with.
static inline CURLcode ring_curl_set_protocols(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

// Lets a cancelled transfer go without waiting for its name look-up: one slow resolver would hold up all transfers.
static inline void ring_curl_set_quick_exit(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)easy;
#endif
}

// A certificate bundle in memory, copied by libcurl.
static inline CURLcode ring_curl_set_authorities(CURL *easy, const void *bytes, size_t count) {
    struct curl_blob blob = { (void *)bytes, count, CURL_BLOB_COPY };
    return curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
}

// OpenSSL's exit handler frees what our thread may still use: the process would crash as it ends. Looked up by name, so
// that a libcurl over another TLS library works too.
static inline void ring_curl_no_exit_handler(void) {
    int (*initialise)(uint64_t, const void *) =
        (int (*)(uint64_t, const void *))dlsym(NULL, "OPENSSL_init_crypto");
    if (initialise) { initialise(0x00080000, NULL); }
}

#endif
