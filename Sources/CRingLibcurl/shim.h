// What RingCurl uses of libcurl. curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift
// cannot import: one inline wrapper for each argument type.
#ifndef CRING_LIBCURL_SHIM_H
#define CRING_LIBCURL_SHIM_H

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

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

// Whether libcurl, the one that was loaded, may work on a thread that takes signals and must not wait: since 7.88 it writes
// to TLS connections, too, in a way that raises no SIGPIPE; and it must look names up on threads of its own.
static inline bool ring_curl_serves_any_thread(void) {
    const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
    return version && version->version_num >= 0x075800 && (version->features & CURL_VERSION_ASYNCHDNS);
}

// Whether a handle may carry one request after the other. From 7.83 to 8.1.0 a handle remembers the last header line of the
// request before, which is freed by then, and writes to it when the next response begins with a folded line.
static inline bool ring_curl_keeps_handles(void) {
    const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
    return version && (version->version_num < 0x075300 || version->version_num >= 0x080101);
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
