// What RingCurl uses of libcurl. curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift
// cannot import: one inline wrapper for each argument type.
#ifndef CRING_LIBCURL_SHIM_H
#define CRING_LIBCURL_SHIM_H

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#else
#include <sys/event.h>
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

// libcurl's connections, what waits for them to become ready, and a bell that ends the waiting. libcurl tells through the
// callbacks below what it waits for, so that any thread that holds the loop's lock may work for it while another one waits.
enum { RING_CURL_READY_LIMIT = 64 };

typedef struct {
    CURLM *multi;
    int watch;
    int bell;
    // The time libcurl wants to be called again in, in milliseconds; negative when it has no such wish.
    long timeout;
    bool is_timeout_new;
    // The connections that were ready when the thread last woke. Its own, without the lock.
    int ready_count;
    struct {
        curl_socket_t socket;
        int events;
    } ready[RING_CURL_READY_LIMIT];
    // What libcurl has asked for in this turn, the last word on each connection.
    int wish_count;
    struct {
        curl_socket_t socket;
        int what;
    } wishes[RING_CURL_READY_LIMIT];
} ring_curl_hub;

#ifdef __linux__
static inline bool ring_curl_watch_make(ring_curl_hub *hub) {
    hub->watch = epoll_create1(EPOLL_CLOEXEC);
    hub->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event bell = { .events = EPOLLIN, .data.fd = hub->bell };
    return hub->watch >= 0 && hub->bell >= 0 && epoll_ctl(hub->watch, EPOLL_CTL_ADD, hub->bell, &bell) == 0;
}
static inline void ring_curl_watch(const ring_curl_hub *hub, curl_socket_t socket, int what) {
    struct epoll_event wish = { .events = 0, .data.fd = socket };
    if (what & CURL_POLL_IN) { wish.events |= EPOLLIN; }
    if (what & CURL_POLL_OUT) { wish.events |= EPOLLOUT; }
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(hub->watch, EPOLL_CTL_DEL, socket, &wish);
    } else if (epoll_ctl(hub->watch, EPOLL_CTL_ADD, socket, &wish) != 0 && errno == EEXIST) {
        epoll_ctl(hub->watch, EPOLL_CTL_MOD, socket, &wish);
    }
}
static inline void ring_curl_wait(ring_curl_hub *hub, int milliseconds) {
    struct epoll_event events[RING_CURL_READY_LIMIT];
    int count = epoll_wait(hub->watch, events, RING_CURL_READY_LIMIT, milliseconds);
    hub->ready_count = 0;
    for (int index = 0; index < count; index++) {
        if (events[index].data.fd == hub->bell) {
            uint64_t rings;
            if (read(hub->bell, &rings, sizeof rings) < 0) { continue; }
            continue;
        }
        hub->ready[hub->ready_count].socket = events[index].data.fd;
        hub->ready[hub->ready_count].events = ((events[index].events & (EPOLLIN | EPOLLHUP)) ? CURL_CSELECT_IN : 0)
            | ((events[index].events & EPOLLOUT) ? CURL_CSELECT_OUT : 0)
            | ((events[index].events & EPOLLERR) ? CURL_CSELECT_ERR : 0);
        hub->ready_count++;
    }
}
static inline void ring_curl_bell_ring(const ring_curl_hub *hub) {
    uint64_t one = 1;
    // It can fail only when it has been rung very often already.
    if (write(hub->bell, &one, sizeof one) < 0) { return; }
}
#else
static inline bool ring_curl_watch_make(ring_curl_hub *hub) {
    hub->watch = kqueue();
    hub->bell = -1;
    struct kevent bell;
    EV_SET(&bell, 0, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, NULL);
    return hub->watch >= 0 && fcntl(hub->watch, F_SETFD, FD_CLOEXEC) == 0
        && kevent(hub->watch, &bell, 1, NULL, 0, NULL) == 0;
}
static inline void ring_curl_watch(const ring_curl_hub *hub, curl_socket_t socket, int what) {
    bool reads = what != CURL_POLL_REMOVE && (what & CURL_POLL_IN);
    bool writes = what != CURL_POLL_REMOVE && (what & CURL_POLL_OUT);
    struct kevent wish;
    EV_SET(&wish, socket, EVFILT_READ, reads ? EV_ADD : EV_DELETE, 0, 0, NULL);
    kevent(hub->watch, &wish, 1, NULL, 0, NULL);
    EV_SET(&wish, socket, EVFILT_WRITE, writes ? EV_ADD : EV_DELETE, 0, 0, NULL);
    kevent(hub->watch, &wish, 1, NULL, 0, NULL);
}
static inline void ring_curl_wait(ring_curl_hub *hub, int milliseconds) {
    struct kevent events[RING_CURL_READY_LIMIT];
    struct timespec time = { milliseconds / 1000, (milliseconds % 1000) * 1000000L };
    int count = kevent(hub->watch, NULL, 0, events, RING_CURL_READY_LIMIT, &time);
    hub->ready_count = 0;
    for (int index = 0; index < count; index++) {
        if (events[index].filter == EVFILT_USER) { continue; }
        hub->ready[hub->ready_count].socket = (curl_socket_t)events[index].ident;
        hub->ready[hub->ready_count].events = events[index].filter == EVFILT_READ ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
        hub->ready_count++;
    }
}
static inline void ring_curl_bell_ring(const ring_curl_hub *hub) {
    struct kevent bell;
    EV_SET(&bell, 0, EVFILT_USER, 0, NOTE_TRIGGER, 0, NULL);
    kevent(hub->watch, &bell, 1, NULL, 0, NULL);
}
#endif

static inline void ring_curl_serve(ring_curl_hub *hub, int index) {
    int running = 0;
    curl_multi_socket_action(hub->multi, hub->ready[index].socket, hub->ready[index].events, &running);
}
static inline void ring_curl_serve_timeout(ring_curl_hub *hub) {
    int running = 0;
    curl_multi_socket_action(hub->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

// At the end of a turn: a connection that was paused, read and paused again is where it was, and nobody wakes for it.
static inline void ring_curl_watch_wishes(ring_curl_hub *hub) {
    for (int index = 0; index < hub->wish_count; index++) {
        ring_curl_watch(hub, hub->wishes[index].socket, hub->wishes[index].what);
    }
    hub->wish_count = 0;
}
static inline void ring_curl_wish(ring_curl_hub *hub, curl_socket_t socket, int what) {
    int index = 0;
    while (index < hub->wish_count && hub->wishes[index].socket != socket) { index++; }
    if (what == CURL_POLL_REMOVE) {
        // At once: the socket may be about to be closed. After that nobody could end the watch, and where a forked process
        // holds a copy of the socket, closing it does not end it either.
        ring_curl_watch(hub, socket, what);
        if (index < hub->wish_count) { hub->wishes[index] = hub->wishes[--hub->wish_count]; }
        return;
    }
    if (index == RING_CURL_READY_LIMIT) {
        ring_curl_watch_wishes(hub);
        index = 0;
    }
    hub->wishes[index].socket = socket;
    hub->wishes[index].what = what;
    if (index == hub->wish_count) { hub->wish_count++; }
}

static inline int ring_curl_socket_changed(CURL *easy, curl_socket_t socket, int what, void *hub, void *unused) {
    (void)easy;
    (void)unused;
    ring_curl_wish((ring_curl_hub *)hub, socket, what);
    return 0;
}
static inline int ring_curl_timeout_changed(CURLM *multi, long milliseconds, void *context) {
    (void)multi;
    ring_curl_hub *hub = (ring_curl_hub *)context;
    hub->timeout = milliseconds;
    hub->is_timeout_new = true;
    return 0;
}
static inline void ring_curl_hub_free(ring_curl_hub *hub) {
    if (hub->multi) { curl_multi_cleanup(hub->multi); }
    if (hub->watch >= 0) { close(hub->watch); }
    if (hub->bell >= 0) { close(hub->bell); }
    free(hub);
}
static inline ring_curl_hub *ring_curl_hub_make(void) {
    ring_curl_hub *hub = (ring_curl_hub *)calloc(1, sizeof(ring_curl_hub));
    if (!hub) { return NULL; }
    hub->watch = hub->bell = -1;
    hub->timeout = -1;
    hub->multi = curl_multi_init();
    if (!hub->multi || !ring_curl_watch_make(hub)) {
        ring_curl_hub_free(hub);
        return NULL;
    }
    curl_multi_setopt(hub->multi, CURLMOPT_SOCKETFUNCTION, ring_curl_socket_changed);
    curl_multi_setopt(hub->multi, CURLMOPT_SOCKETDATA, hub);
    curl_multi_setopt(hub->multi, CURLMOPT_TIMERFUNCTION, ring_curl_timeout_changed);
    curl_multi_setopt(hub->multi, CURLMOPT_TIMERDATA, hub);
    return hub;
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
// request before, which is freed by then, and writes to it when the next answer begins with a folded line.
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
