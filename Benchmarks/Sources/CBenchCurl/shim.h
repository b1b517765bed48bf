// The floor of the HTTP benchmarks: libcurl's easy interface in a loop, with nothing around it.
#ifndef CBENCH_CURL_SHIM_H
#define CBENCH_CURL_SHIM_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *bytes;
    size_t count;
    size_t capacity;
} bench_body;

static inline size_t bench_curl_write(char *bytes, size_t size, size_t count, void *context) {
    bench_body *body = (bench_body *)context;
    size_t all = size * count;
    if (body->count + all > body->capacity) { return 0; }
    memcpy(body->bytes + body->count, bytes, all);
    body->count += all;
    return all;
}

static inline CURL *bench_curl_make(const char *url) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    // The request is to be the same as the transport's, byte by byte: libcurl's own work depends on it.
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, bench_curl_write);
    return easy;
}

// Takes ownership of `fields`, and never frees them.
static inline void bench_curl_set_fields(CURL *easy, struct curl_slist *fields) {
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
}

static inline size_t bench_curl_get(CURL *easy, char *bytes, size_t capacity) {
    bench_body body = { bytes, 0, capacity };
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
    return curl_easy_perform(easy) == CURLE_OK ? body.count : 0;
}

// The floor of a transport that keeps a thread for its transfers: the multi interface on one thread, which gets each request
// from another one, which waits for the response.
typedef struct {
    CURLM *multi;
    CURL *easy;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t done;
    bench_body *asked;
    int finished;
    int stops;
} bench_loop;

static inline void *bench_loop_run(void *context) {
    bench_loop *loop = (bench_loop *)context;
    for (;;) {
        pthread_mutex_lock(&loop->lock);
        int stops = loop->stops;
        bench_body *asked = loop->asked;
        loop->asked = NULL;
        pthread_mutex_unlock(&loop->lock);
        if (stops) { return NULL; }
        if (asked) {
            curl_easy_setopt(loop->easy, CURLOPT_WRITEDATA, asked);
            curl_multi_add_handle(loop->multi, loop->easy);
        }
        int running = 0, left = 0;
        curl_multi_perform(loop->multi, &running);
        CURLMsg *message;
        while ((message = curl_multi_info_read(loop->multi, &left))) {
            if (message->msg != CURLMSG_DONE) { continue; }
            curl_multi_remove_handle(loop->multi, loop->easy);
            pthread_mutex_lock(&loop->lock);
            loop->finished = 1;
            pthread_cond_signal(&loop->done);
            pthread_mutex_unlock(&loop->lock);
        }
        curl_multi_poll(loop->multi, NULL, 0, 10000, NULL);
    }
}

static inline bench_loop *bench_loop_make(const char *url) {
    bench_loop *loop = (bench_loop *)calloc(1, sizeof(bench_loop));
    loop->multi = curl_multi_init();
    loop->easy = bench_curl_make(url);
    pthread_mutex_init(&loop->lock, NULL);
    pthread_cond_init(&loop->done, NULL);
    pthread_create(&loop->thread, NULL, bench_loop_run, loop);
    return loop;
}

static inline size_t bench_loop_get(bench_loop *loop, char *bytes, size_t capacity) {
    bench_body body = { bytes, 0, capacity };
    pthread_mutex_lock(&loop->lock);
    loop->finished = 0;
    loop->asked = &body;
    pthread_mutex_unlock(&loop->lock);
    curl_multi_wakeup(loop->multi);
    pthread_mutex_lock(&loop->lock);
    while (!loop->finished) { pthread_cond_wait(&loop->done, &loop->lock); }
    pthread_mutex_unlock(&loop->lock);
    return body.count;
}

static inline void bench_loop_free(bench_loop *loop) {
    pthread_mutex_lock(&loop->lock);
    loop->stops = 1;
    pthread_mutex_unlock(&loop->lock);
    curl_multi_wakeup(loop->multi);
    pthread_join(loop->thread, NULL);
    curl_easy_cleanup(loop->easy);
    curl_multi_cleanup(loop->multi);
    free(loop);
}

#endif
