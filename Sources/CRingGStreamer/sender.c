#include "peer.h"
#include "sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEER_CONNECTED = 2, PEER_FAILED = 4, PEER_CLOSED = 5 };

// MARK: Life

ring_gst_sender *ring_sender_retain(ring_gst_sender *sender) {
    atomic_fetch_add(&sender->references, 1);
    return sender;
}

void ring_sender_release(void *data) {
    ring_gst_sender *sender = data;
    if (atomic_fetch_sub(&sender->references, 1) != 1) return;
    sender->release(sender->context);
    pthread_mutex_destroy(&sender->network.lock);
    pthread_mutex_destroy(&sender->lock);
    pthread_cond_destroy(&sender->began);
    free(sender->offer);
    free(sender->caps);
    free(sender->pem);
    free(sender);
}

static void release_closure(void *data, void *closure) {
    (void)closure;
    ring_sender_release(data);
}

void ring_sender_watch(ring_gst_sender *sender, void *object, const char *signal, void *handler) {
    ring_gst_connect(object, signal, handler, ring_sender_retain(sender), release_closure);
}

void ring_sender_end(ring_gst_sender *sender, const char *reason) {
    if (!atomic_exchange(&sender->has_ended, true)) sender->handler(sender->context, RING_GST_SENDER_ENDED, reason);
}

void ring_sender_end_with(ring_gst_sender *sender, glib_error *error, const char *reason) {
    ring_sender_end(sender, error ? error->message : reason);
    if (error) ring_gst.g_error_free(error);
}

// MARK: Elements

static int on_outgoing(void *pad, gst_probe_info *info, void *data) {
    return ring_gst_network_outgoing(pad, info, &((ring_gst_sender *)data)->network);
}

static int on_incoming(void *pad, gst_probe_info *info, void *data) {
    return ring_gst_network_incoming(pad, info, &((ring_gst_sender *)data)->network);
}

void ring_sender_probe(ring_gst_sender *sender, void *pad, int what, void *handler) {
    if (pad) ring_gst.gst_pad_add_probe(pad, what, handler, ring_sender_retain(sender), (void *)ring_sender_release);
}

/// Pictures are sent when both are known.
static void connect_when_verified(ring_gst_sender *sender) {
    if (atomic_load(&sender->is_secured) && atomic_load(&sender->is_verified) && !atomic_exchange(&sender->is_connected, true))
        sender->handler(sender->context, RING_GST_SENDER_CONNECTED, "");
}

static void on_certificate(void *dtls, void *property, void *data) {
    (void)property;
    ring_gst_sender *sender = data;
    ring_peer_certificate certificate = ring_peer_check_certificate(dtls, sender->offer);
    if (certificate == RING_PEER_UNKNOWN)
        ring_sender_end(sender, "the certificate of the peer is not the one in its SDP offer");
    if (certificate != RING_PEER_KNOWN) return;
    atomic_store(&sender->is_verified, true);
    connect_when_verified(sender);
}

void ring_sender_on_element(void *bin, void *parent, void *element, void *data) {
    (void)bin, (void)parent;
    ring_gst_sender *sender = data;
    if (ring_gst_is_made_by(element, "dtlssrtpdec")) {
        ring_gst.g_object_set(element, "pem", sender->pem, NULL);
    } else if (ring_gst_is_made_by(element, "dtlsdec")) {
        ring_sender_watch(sender, element, "notify::peer-pem", on_certificate);
    } else if (ring_gst_is_made_by(element, "nicesink") && !sender->network.sink_pad) {
        sender->network.sink_pad = ring_gst.gst_element_get_static_pad(element, "sink");
        ring_sender_probe(sender, sender->network.sink_pad, GST_PROBE_BUFFER | GST_PROBE_BUFFER_LIST, on_outgoing);
    } else if (ring_gst_is_made_by(element, "nicesrc")) {
        void *pad = ring_gst.gst_element_get_static_pad(element, "src");
        ring_sender_probe(sender, pad, GST_PROBE_BUFFER, on_incoming);
        if (pad) ring_gst.gst_object_unref(pad);
    } else if (ring_gst_is_made_by(element, "rtprtxsend")) {
        int place = atomic_load(&sender->repeater_count);
        if (place == MAXIMUM_REPEATERS) return;
        sender->repeaters[place] = ring_gst.gst_object_ref(element);
        atomic_store(&sender->repeater_count, place + 1);
    }
}

int ring_sender_on_message(void *bus, gst_message *message, void *data) {
    (void)bus;
    if (message->type == GST_MESSAGE_ERROR) {
        glib_error *error = NULL;
        ring_gst.gst_message_parse_error(message, &error, NULL);
        ring_sender_end_with(data, error, "GStreamer reports an error");
    }
    ring_gst.gst_mini_object_unref(message);
    return GST_BUS_DROP;
}

void ring_sender_on_connection(void *webrtc, void *property, void *data) {
    (void)property;
    ring_gst_sender *sender = data;
    int state = 0;
    ring_gst.g_object_get(webrtc, "connection-state", &state, NULL);
    if (state == PEER_CONNECTED) {
        atomic_store(&sender->is_secured, true);
        connect_when_verified(sender);
    }
    if (state == PEER_FAILED)
        ring_sender_end(sender, "the connection failed: no ICE candidate of the peer can be reached, or DTLS failed");
    if (state == PEER_CLOSED) ring_sender_end(sender, "the connection is closed");
}

/// Whether all that is needed is installed; otherwise the session has ended.
static bool is_complete(ring_gst_sender *sender) {
    static const char *const elements[] = {"webrtcbin", "nicesink", "dtlssrtpenc", "srtpenc", "rtpbin", "rtph264pay",
                                           "capssetter", "appsrc"};
    char text[80] = "";
    const char *missing = ring_gst_load();
    for (size_t i = 0; !missing && i < sizeof elements / sizeof *elements; i++) {
        if (ring_gst_has_element(elements[i])) continue;
        snprintf(text, sizeof text, "the GStreamer element %s is not installed", elements[i]);
        missing = text;
    }
    if (missing && !atomic_exchange(&sender->has_ended, true))
        sender->handler(sender->context, RING_GST_SENDER_MISSING, missing);
    return !missing;
}

static void *run(void *data) {
    ring_gst_sender *sender = data;
    if (!is_complete(sender)) {
        // Nothing was begun.
    } else if (ring_gst_network_start(&sender->network, &sender->options.network)) {
        ring_sender_begin(sender);
    } else {
        ring_sender_end(sender, "there is no memory or no thread to be had");
    }
    pthread_mutex_lock(&sender->lock);
    sender->has_begun = true;
    pthread_cond_broadcast(&sender->began);
    pthread_mutex_unlock(&sender->lock);
    ring_sender_release(sender);
    return NULL;
}

// MARK: The application's side

static void *load(void *data) {
    // What is missing is reported by the first session.
    ring_gst_load();
    return data;
}

void ring_gst_sender_prepare(void) { ring_gst_run(load, NULL); }

ring_gst_sender *ring_gst_sender_new(
    const ring_gst_sender_options *options, ring_gst_sender_handler handler, void *context, void (*release_context)(void *)) {
    ring_gst_sender *sender = calloc(1, sizeof *sender);
    if (!sender) return NULL;
    sender->options = *options;
    sender->offer = strdup(options->offer);
    sender->caps = strdup(options->caps);
    sender->handler = handler;
    sender->context = context;
    sender->release = release_context;
    sender->start = GST_NO_TIME;
    atomic_store(&sender->references, 2);
    pthread_mutex_init(&sender->lock, NULL);
    pthread_cond_init(&sender->began, NULL);
    pthread_mutex_init(&sender->network.lock, NULL);
    if (sender->offer && sender->caps && ring_gst_run(run, sender)) return sender;
    free(sender->offer);
    free(sender->caps);
    free(sender);
    return NULL;
}

bool ring_gst_sender_push(ring_gst_sender *sender, const uint8_t *bytes, size_t size, uint64_t time) {
    if (!atomic_load(&sender->is_connected) || atomic_load(&sender->has_ended)) return false;
    if (sender->start == GST_NO_TIME) sender->start = ring_gst.gst_element_get_current_running_time(sender->pipeline);
    gst_buffer *buffer = ring_gst.gst_buffer_new_allocate(NULL, size, NULL);
    if (!buffer) return false;
    ring_gst.gst_buffer_fill(buffer, 0, bytes, size);
    buffer->pts = sender->start + time;
    int flow = -1;
    // The signal takes a reference of its own.
    ring_gst.g_signal_emit_by_name(sender->source, "push-buffer", buffer, &flow);
    ring_gst.gst_mini_object_unref(buffer);
    return flow == 0;
}

ring_gst_sender_statistics ring_gst_sender_read(ring_gst_sender *sender) {
    ring_gst_sender_statistics result = {
        .packets = atomic_load(&sender->network.packets),
        .lost = atomic_load(&sender->network.lost),
        .delayed = atomic_load(&sender->network.delayed),
        .reordered = atomic_load(&sender->network.reordered),
        .received = atomic_load(&sender->network.received)};
    for (int i = 0; i < atomic_load(&sender->repeater_count); i++) {
        unsigned requests = 0, packets = 0;
        ring_gst.g_object_get(sender->repeaters[i], "num-rtx-requests", &requests, "num-rtx-packets", &packets, NULL);
        result.requested += requests;
        result.repeated += packets;
    }
    return result;
}

static void *finish(void *data) {
    ring_gst_sender *sender = data;
    pthread_mutex_lock(&sender->lock);
    while (!sender->has_begun) pthread_cond_wait(&sender->began, &sender->lock);
    pthread_mutex_unlock(&sender->lock);
    if (sender->pipeline) {
        ring_gst.gst_element_set_state(sender->pipeline, GST_STATE_NULL);
        void *bus = ring_gst.gst_element_get_bus(sender->pipeline);
        ring_gst.gst_bus_set_sync_handler(bus, NULL, NULL, NULL);
        ring_gst.gst_object_unref(bus);
    }
    ring_gst_network_stop(&sender->network);
    for (int i = 0; i < atomic_load(&sender->repeater_count); i++) ring_gst.gst_object_unref(sender->repeaters[i]);
    atomic_store(&sender->repeater_count, 0);
    if (sender->source) ring_gst.gst_object_unref(sender->source);
    if (sender->pipeline) ring_gst.gst_object_unref(sender->pipeline);
    sender->closed(sender->closed_context);
    ring_sender_release(sender);
    return NULL;
}

void ring_gst_sender_close(ring_gst_sender *sender, void (*closed)(void *), void *context) {
    // Nothing is reported any more.
    atomic_store(&sender->has_ended, true);
    sender->closed = closed;
    sender->closed_context = context;
    if (!ring_gst_run(finish, sender)) finish(sender);
}
