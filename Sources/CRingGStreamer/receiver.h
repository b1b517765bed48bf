// What the files of the receiver share.
#ifndef RING_RECEIVER_H
#define RING_RECEIVER_H

#include "functions.h"

#include <pthread.h>
#include <stdatomic.h>

// A peer has one video and one audio track. More streams than these are ignored.
enum { MAXIMUM_STREAMS = 8 };

struct ring_gst_receiver {
    ring_gst_receiver_callbacks callbacks;
    ring_gst_receiver_options options;
    char *pem;
    char fingerprint[120];
    atomic_int references;
    // Held while the pipeline is made, told the answer, or taken down.
    pthread_mutex_t work;
    void *pipeline, *webrtc, *rtpbin;
    atomic_bool is_offered, is_answered, has_begun;
    // Guards what follows; `idle` is signalled when the last callback has returned.
    pthread_mutex_t lock;
    pthread_cond_t idle;
    bool is_closed;
    // The text of the answer, and whether the peer's certificate is the one that it names.
    char *answer;
    atomic_bool is_verified;
    int callback_count;
    void *jitter_buffers[MAXIMUM_STREAMS];
    int jitter_buffer_count;
    // What reads from the sockets.
    void *socket_readers[MAXIMUM_STREAMS];
    int socket_reader_count;
    void *video_pad;
    int stream_count;
    atomic_int video_stream;
};

ring_gst_receiver *ring_receiver_retain(ring_gst_receiver *receiver);
void ring_receiver_release(ring_gst_receiver *receiver);

/// The end of a signal connection, and of a promise.
void ring_receiver_released(void *data, void *closure);
void ring_receiver_released_data(void *data);

/// Every callback of Swift stands between enter and leave, so that closing can wait for it.
bool ring_receiver_enter(ring_gst_receiver *receiver);
void ring_receiver_leave(ring_gst_receiver *receiver);

/// Call Swift, unless the receiver was closed.
void ring_receiver_tell(ring_gst_receiver *receiver, ring_gst_receiver_event event, const char *text);
void ring_receiver_tell_offer(ring_gst_receiver *receiver, const char *sdp, const char *failure);
void ring_receiver_tell_answer(ring_gst_receiver *receiver, const char *failure);

/// Connects a handler that keeps the receiver.
void ring_receiver_watch(void *object, const char *signal, void *handler, ring_gst_receiver *receiver);

/// Handlers of GStreamer.
void ring_receiver_on_pad_added(void *webrtc, void *pad, ring_gst_receiver *receiver);
void ring_receiver_on_gathering(void *webrtc, void *property, ring_gst_receiver *receiver);
void ring_receiver_on_offer_made(void *promise, void *data);
void ring_receiver_on_ice_state(void *webrtc, void *property, ring_gst_receiver *receiver);
void ring_receiver_on_connection_state(void *webrtc, void *property, ring_gst_receiver *receiver);
void ring_receiver_on_element(void *bin, void *parent, void *element, ring_gst_receiver *receiver);
int ring_receiver_on_bus(void *bus, gst_message *message, void *data);

/// Puts the first packets in order before they enter a jitter buffer.
void ring_receiver_order_beginning(void *jitter_buffer);

/// Asks the peer behind a pad for a key frame.
void ring_receiver_ask_for_key_frame(void *pad);

#endif
