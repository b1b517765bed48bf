// The floor of the HTTP benchmarks: libcurl's easy interface in a loop, with nothing around it.
#ifndef CBENCH_CURL_SHIM_H
#define CBENCH_CURL_SHIM_H

#include <curl/curl.h>
#include <string.h>

typedef struct {
    char *bytes;
    size_t count;
    size_t room;
} bench_body;

static inline size_t bench_curl_write(char *bytes, size_t size, size_t count, void *context) {
    bench_body *body = (bench_body *)context;
    size_t all = size * count;
    if (body->count + all > body->room) { return 0; }
    memcpy(body->bytes + body->count, bytes, all);
    body->count += all;
    return all;
}

static inline CURL *bench_curl_make(const char *url) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, bench_curl_write);
    return easy;
}

static inline size_t bench_curl_get(CURL *easy, char *bytes, size_t room) {
    bench_body body = { bytes, 0, room };
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
    return curl_easy_perform(easy) == CURLE_OK ? body.count : 0;
}

#endif
