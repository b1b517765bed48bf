// The event loop that libcurl's multi interface runs on: one multi handle, the sockets that are watched for it (epoll, or
// kqueue outside Linux), and a way to wake the thread that waits.
//
// All functions are called under one lock, except two: ring_curl_loop_wait is called by the loop's own thread without the
// lock, and ring_curl_loop_wake by any thread.
#ifndef CRING_CURL_LOOP_H
#define CRING_CURL_LOOP_H

#include <stdbool.h>

typedef struct ring_curl_loop ring_curl_loop;

/// A loop with a multi handle of its own; NULL when memory or file descriptors are missing.
ring_curl_loop *ring_curl_loop_make(void);
/// Frees the multi handle with its connections, and closes the loop's descriptors.
void ring_curl_loop_free(ring_curl_loop *loop);

/// The multi handle, a `CURLM *`.
void *ring_curl_loop_multi(const ring_curl_loop *loop);
/// When libcurl wants to be called, if that changed since the last call of this function: milliseconds from now, negative
/// for never.
bool ring_curl_loop_take_timeout(ring_curl_loop *loop, long *milliseconds);
/// Lets libcurl do what is due by its own clock.
void ring_curl_loop_serve_timeout(ring_curl_loop *loop);
/// Lets libcurl read and write the sockets that were ready when ring_curl_loop_wait returned. Under the lock, on the thread
/// that waited.
void ring_curl_loop_serve_ready(ring_curl_loop *loop);
/// Applies what libcurl has requested since the last call: which sockets to watch for what.
void ring_curl_loop_apply_watches(ring_curl_loop *loop);

/// Waits, without the lock, until a socket is ready, ring_curl_loop_wake is called, or the time is over.
void ring_curl_loop_wait(ring_curl_loop *loop, int milliseconds);
/// Ends the wait of the loop's thread.
void ring_curl_loop_wake(const ring_curl_loop *loop);

#endif
