// What the files of the sender share.
#ifndef RING_SENDER_H
#define RING_SENDER_H

#include "network.h"

#include <pthread.h>
#include <stdatomic.h>

enum { MAXIMUM_REPEATERS = 4 };

struct ring_gst_sender {
    ring_gst_sender_options options;
    char *offer, *caps, *pem, fingerprint[120];
    ring_gst_sender_handler handler;
    void *context;
    void (*release)(void *);
    /// Its owner, and everything of GStreamer that may still call back.
    atomic_int references;
    /// Whether DTLS is done, whether the peer's certificate is one that the offer names, and both.
    atomic_bool is_answered, is_secured, is_verified, is_connected, has_ended;
    // Changed by the thread that begins the session; `lock` and `began` tell when it is done.
    pthread_mutex_t lock;
    pthread_cond_t began;
    bool has_begun;
    void *pipeline, *webrtc, *source;
    /// `rtprtxsend`, which repeats packets.
    void *repeaters[MAXIMUM_REPEATERS];
    atomic_int repeater_count;
    ring_gst_network_state network;
    // Of the one thread that sends.
    uint64_t start;
    // Of the end.
    void (*closed)(void *);
    void *closed_context;
};

ring_gst_sender *ring_sender_retain(ring_gst_sender *sender);
void ring_sender_release(void *sender);

/// Connects a handler that keeps the sender, and the same for what passes a pad.
void ring_sender_watch(ring_gst_sender *sender, void *object, const char *signal, void *handler);
void ring_sender_probe(ring_gst_sender *sender, void *pad, int what, void *handler);

/// Reports the end, once. `ring_sender_end_with` frees the error, which may be NULL.
void ring_sender_end(ring_gst_sender *sender, const char *reason);
void ring_sender_end_with(ring_gst_sender *sender, glib_error *error, const char *reason);

/// Handlers of GStreamer.
void ring_sender_on_element(void *bin, void *parent, void *element, void *data);
void ring_sender_on_connection(void *webrtc, void *property, void *data);
int ring_sender_on_message(void *bus, gst_message *message, void *data);

/// Makes the pipeline and answers the offer.
void ring_sender_begin(ring_gst_sender *sender);

#endif
