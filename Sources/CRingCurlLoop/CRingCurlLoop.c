#include "CRingCurlLoop.h"

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#else
#include <sys/event.h>
#endif

enum { EVENTS_PER_WAIT = 64 };

struct ring_curl_loop {
    CURLM *multi;
    // The descriptor of epoll or kqueue.
    int watch;
    // The descriptor of eventfd, which wakes the thread; -1 with kqueue, which needs none.
    int waker;
    // When libcurl wants to be called, in milliseconds; negative for never.
    long timeout;
    bool is_timeout_new;
    // The sockets that were ready when the thread last woke. Used by the loop's thread alone, without the lock.
    int ready_count;
    struct {
        curl_socket_t socket;
        int events;
    } ready[EVENTS_PER_WAIT];
    // What libcurl has requested in this turn: the last request for each socket.
    int request_count;
    struct {
        curl_socket_t socket;
        int what;
    } requests[EVENTS_PER_WAIT];
};

#ifdef __linux__
static bool make_watch(ring_curl_loop *loop) {
    loop->watch = epoll_create1(EPOLL_CLOEXEC);
    loop->waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = loop->waker };
    return loop->watch >= 0 && loop->waker >= 0 && epoll_ctl(loop->watch, EPOLL_CTL_ADD, loop->waker, &event) == 0;
}

static void watch(const ring_curl_loop *loop, curl_socket_t socket, int what) {
    struct epoll_event event = { .events = 0, .data.fd = socket };
    if (what & CURL_POLL_IN) { event.events |= EPOLLIN; }
    if (what & CURL_POLL_OUT) { event.events |= EPOLLOUT; }
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->watch, EPOLL_CTL_DEL, socket, &event);
    } else if (epoll_ctl(loop->watch, EPOLL_CTL_ADD, socket, &event) != 0 && errno == EEXIST) {
        epoll_ctl(loop->watch, EPOLL_CTL_MOD, socket, &event);
    }
}

void ring_curl_loop_wait(ring_curl_loop *loop, int milliseconds) {
    struct epoll_event events[EVENTS_PER_WAIT];
    int count = epoll_wait(loop->watch, events, EVENTS_PER_WAIT, milliseconds);
    loop->ready_count = 0;
    for (int index = 0; index < count; index++) {
        if (events[index].data.fd == loop->waker) {
            uint64_t wakes;
            if (read(loop->waker, &wakes, sizeof wakes) < 0) { continue; }
            continue;
        }
        loop->ready[loop->ready_count].socket = events[index].data.fd;
        loop->ready[loop->ready_count].events = ((events[index].events & (EPOLLIN | EPOLLHUP)) ? CURL_CSELECT_IN : 0)
            | ((events[index].events & EPOLLOUT) ? CURL_CSELECT_OUT : 0)
            | ((events[index].events & EPOLLERR) ? CURL_CSELECT_ERR : 0);
        loop->ready_count++;
    }
}

void ring_curl_loop_wake(const ring_curl_loop *loop) {
    uint64_t one = 1;
    // It fails only when the counter is full, and then the thread wakes anyway.
    if (write(loop->waker, &one, sizeof one) < 0) { return; }
}
#else
static bool make_watch(ring_curl_loop *loop) {
    loop->watch = kqueue();
    loop->waker = -1;
    struct kevent event;
    EV_SET(&event, 0, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, NULL);
    return loop->watch >= 0 && fcntl(loop->watch, F_SETFD, FD_CLOEXEC) == 0
        && kevent(loop->watch, &event, 1, NULL, 0, NULL) == 0;
}

static void watch(const ring_curl_loop *loop, curl_socket_t socket, int what) {
    bool reads = what != CURL_POLL_REMOVE && (what & CURL_POLL_IN);
    bool writes = what != CURL_POLL_REMOVE && (what & CURL_POLL_OUT);
    struct kevent event;
    EV_SET(&event, socket, EVFILT_READ, reads ? EV_ADD : EV_DELETE, 0, 0, NULL);
    kevent(loop->watch, &event, 1, NULL, 0, NULL);
    EV_SET(&event, socket, EVFILT_WRITE, writes ? EV_ADD : EV_DELETE, 0, 0, NULL);
    kevent(loop->watch, &event, 1, NULL, 0, NULL);
}

void ring_curl_loop_wait(ring_curl_loop *loop, int milliseconds) {
    struct kevent events[EVENTS_PER_WAIT];
    struct timespec time = { milliseconds / 1000, (milliseconds % 1000) * 1000000L };
    int count = kevent(loop->watch, NULL, 0, events, EVENTS_PER_WAIT, &time);
    loop->ready_count = 0;
    for (int index = 0; index < count; index++) {
        if (events[index].filter == EVFILT_USER) { continue; }
        loop->ready[loop->ready_count].socket = (curl_socket_t)events[index].ident;
        loop->ready[loop->ready_count].events = events[index].filter == EVFILT_READ ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
        loop->ready_count++;
    }
}

void ring_curl_loop_wake(const ring_curl_loop *loop) {
    struct kevent event;
    EV_SET(&event, 0, EVFILT_USER, 0, NOTE_TRIGGER, 0, NULL);
    kevent(loop->watch, &event, 1, NULL, 0, NULL);
}
#endif

void ring_curl_loop_serve_ready(ring_curl_loop *loop) {
    int running = 0;
    for (int index = 0; index < loop->ready_count; index++) {
        curl_multi_socket_action(loop->multi, loop->ready[index].socket, loop->ready[index].events, &running);
    }
}

void ring_curl_loop_serve_timeout(ring_curl_loop *loop) {
    int running = 0;
    curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

bool ring_curl_loop_take_timeout(ring_curl_loop *loop, long *milliseconds) {
    if (!loop->is_timeout_new) { return false; }
    loop->is_timeout_new = false;
    *milliseconds = loop->timeout;
    return true;
}

void *ring_curl_loop_multi(const ring_curl_loop *loop) { return loop->multi; }

// At the end of a turn: a socket that was paused, read and paused again in it needs no change, and no system call.
void ring_curl_loop_apply_watches(ring_curl_loop *loop) {
    for (int index = 0; index < loop->request_count; index++) {
        watch(loop, loop->requests[index].socket, loop->requests[index].what);
    }
    loop->request_count = 0;
}

static int socket_changed(CURL *easy, curl_socket_t socket, int what, void *context, void *unused) {
    (void)easy;
    (void)unused;
    ring_curl_loop *loop = context;
    int index = 0;
    while (index < loop->request_count && loop->requests[index].socket != socket) { index++; }
    if (what == CURL_POLL_REMOVE) {
        // At once: the socket may be about to be closed. After that nothing could end the watch, and where a forked process
        // holds a copy of the socket, closing it does not end it either.
        watch(loop, socket, what);
        if (index < loop->request_count) { loop->requests[index] = loop->requests[--loop->request_count]; }
        return 0;
    }
    if (index == EVENTS_PER_WAIT) {
        ring_curl_loop_apply_watches(loop);
        index = 0;
    }
    loop->requests[index].socket = socket;
    loop->requests[index].what = what;
    if (index == loop->request_count) { loop->request_count++; }
    return 0;
}

static int timeout_changed(CURLM *multi, long milliseconds, void *context) {
    (void)multi;
    ring_curl_loop *loop = context;
    loop->timeout = milliseconds;
    loop->is_timeout_new = true;
    return 0;
}

void ring_curl_loop_free(ring_curl_loop *loop) {
    if (loop->multi) { curl_multi_cleanup(loop->multi); }
    if (loop->watch >= 0) { close(loop->watch); }
    if (loop->waker >= 0) { close(loop->waker); }
    free(loop);
}

ring_curl_loop *ring_curl_loop_make(void) {
    ring_curl_loop *loop = calloc(1, sizeof *loop);
    if (!loop) { return NULL; }
    loop->watch = loop->waker = -1;
    loop->timeout = -1;
    loop->multi = curl_multi_init();
    if (!loop->multi || !make_watch(loop)) {
        ring_curl_loop_free(loop);
        return NULL;
    }
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, timeout_changed);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    return loop;
}
