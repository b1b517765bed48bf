#include "peer.h"
#include "receiver.h"

#include <stdlib.h>
#include <string.h>

// --- Life --------------------------------------------------------------------------------------

ring_gst_receiver *ring_receiver_retain(ring_gst_receiver *receiver) {
    atomic_fetch_add(&receiver->references, 1);
    return receiver;
}

void ring_receiver_release(ring_gst_receiver *receiver) {
    if (atomic_fetch_sub(&receiver->references, 1) != 1) return;
    pthread_mutex_destroy(&receiver->work);
    pthread_mutex_destroy(&receiver->lock);
    pthread_cond_destroy(&receiver->idle);
    for (size_t i = 0; i < receiver->options.turn_server_count; i++) free((char *)receiver->options.turn_servers[i]);
    free((void *)receiver->options.turn_servers);
    free((char *)receiver->options.stun_server);
    free(receiver->pem);
    free(receiver->answer);
    free(receiver);
}

/// The end of a signal connection, of a handler or of a promise.
void ring_receiver_released(void *data, void *closure) {
    (void)closure;
    ring_receiver_release(data);
}

void ring_receiver_released_data(void *data) { ring_receiver_release(data); }

/// Every callback of Swift stands between enter and ring_receiver_leave, so that closing can wait for it.
bool ring_receiver_enter(ring_gst_receiver *receiver) {
    pthread_mutex_lock(&receiver->lock);
    bool is_open = !receiver->is_closed;
    if (is_open) receiver->callback_count++;
    pthread_mutex_unlock(&receiver->lock);
    return is_open;
}

void ring_receiver_leave(ring_gst_receiver *receiver) {
    pthread_mutex_lock(&receiver->lock);
    if (--receiver->callback_count == 0) pthread_cond_broadcast(&receiver->idle);
    pthread_mutex_unlock(&receiver->lock);
}

void ring_receiver_tell(ring_gst_receiver *receiver, ring_gst_receiver_event event, const char *text) {
    if (!ring_receiver_enter(receiver)) return;
    receiver->callbacks.event(receiver->callbacks.context, event, text);
    ring_receiver_leave(receiver);
}

// --- Reading from the sockets ------------------------------------------------------------------

// A peer may check a path before its answer is here. libnice learns the peer's address from that check, pairs it with the one
// socket that it came to, and makes no further pair when the answer names the address: a relay would never be tried. So with
// TURN servers nothing is read between offer and answer; the system keeps what arrives.

static void on_socket_reader(void *bin, void *parent, void *element, ring_gst_receiver *receiver) {
    (void)bin, (void)parent;
    if (!receiver->options.turn_server_count || !ring_gst_is_made_by(element, "nicesrc")) return;
    pthread_mutex_lock(&receiver->lock);
    if (!receiver->is_closed && receiver->socket_reader_count < MAXIMUM_STREAMS)
        receiver->socket_readers[receiver->socket_reader_count++] = ring_gst.gst_object_ref(element);
    pthread_mutex_unlock(&receiver->lock);
}

/// To be called between enter and leave.
static void read_sockets(ring_gst_receiver *receiver, bool reads) {
    pthread_mutex_lock(&receiver->lock);
    int count = receiver->socket_reader_count;
    pthread_mutex_unlock(&receiver->lock);
    for (int i = 0; i < count; i++) {
        void *reader = receiver->socket_readers[i];
        // Locked, it does not follow the state of the pipeline.
        ring_gst.gst_element_set_locked_state(reader, !reads);
        ring_gst.gst_element_set_state(reader, reads ? GST_STATE_PLAYING : GST_STATE_READY);
    }
}

// --- Telling Swift -----------------------------------------------------------------------------

void ring_receiver_tell_offer(ring_gst_receiver *receiver, const char *sdp, const char *failure) {
    if (atomic_exchange(&receiver->is_offered, true) || !ring_receiver_enter(receiver)) return;
    if (sdp) read_sockets(receiver, false);
    receiver->callbacks.offered(receiver->callbacks.context, sdp, failure);
    ring_receiver_leave(receiver);
}

void ring_receiver_tell_answer(ring_gst_receiver *receiver, const char *failure) {
    if (atomic_exchange(&receiver->is_answered, true) || !ring_receiver_enter(receiver)) return;
    read_sockets(receiver, true);
    receiver->callbacks.answered(receiver->callbacks.context, failure);
    ring_receiver_leave(receiver);
}

void ring_receiver_watch(void *object, const char *signal, void *handler, ring_gst_receiver *receiver) {
    ring_gst_connect(object, signal, handler, ring_receiver_retain(receiver), ring_receiver_released);
}

// --- Making ------------------------------------------------------------------------------------

static void add_transceiver(ring_gst_receiver *receiver, const char *text, bool is_repaired) {
    void *caps = ring_gst.gst_caps_from_string(text), *transceiver = NULL;
    if (!caps) return;
    ring_gst.g_signal_emit_by_name(receiver->webrtc, "add-transceiver", GST_DIRECTION_RECVONLY, caps, &transceiver);
    if (transceiver) {
        ring_gst.g_object_set(transceiver, "do-nack", (int)is_repaired, NULL);
        ring_gst.gst_object_unref(transceiver);
    }
    ring_gst.gst_mini_object_unref(caps);
}

static void configure_ice(ring_gst_receiver *receiver) {
    void *ice = ring_peer_ice(receiver->webrtc);
    if (receiver->options.stun_server)
        ring_gst.g_object_set(receiver->webrtc, "stun-server", receiver->options.stun_server, NULL);
    for (size_t i = 0; i < receiver->options.turn_server_count; i++) {
        int added = 0;
        ring_gst.g_signal_emit_by_name(receiver->webrtc, "add-turn-server", receiver->options.turn_servers[i], &added);
    }
    if (ice && receiver->options.has_loopback) ring_peer_add_addresses(ice, true);
    if (ice) ring_gst.gst_object_unref(ice);
}

#define H264 \
    "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,packetization-mode=(string)1," \
    "level-asymmetry-allowed=(string)1,rtcp-fb-nack=(boolean)true,rtcp-fb-nack-pli=(boolean)true,"

static void *make(void *data) {
    ring_gst_receiver *receiver = data;
    pthread_mutex_lock(&receiver->work);
    void *webrtc = NULL;
    if (receiver->is_closed) goto end;
    receiver->pem = ring_gst_make_certificate(receiver->fingerprint);
    webrtc = receiver->pem ? ring_gst.gst_element_factory_make("webrtcbin", NULL) : NULL;
    if (!webrtc) {
        ring_receiver_tell_offer(receiver, NULL, receiver->pem ? "webrtcbin cannot be made" : "no certificate can be made");
        goto end;
    }
    void *pipeline = ring_gst.gst_pipeline_new(NULL);
    receiver->pipeline = ring_gst.gst_object_ref_sink(pipeline);
    receiver->webrtc = webrtc;
    ring_receiver_watch(pipeline, "deep-element-added", (void *)ring_receiver_on_element, receiver);
    ring_receiver_watch(pipeline, "deep-element-added", (void *)on_socket_reader, receiver);
    ring_gst.g_object_set(webrtc, "bundle-policy", GST_BUNDLE_MAXIMUM, "latency", receiver->options.first_latency, NULL);
    ring_gst.gst_bin_add(pipeline, webrtc);
    configure_ice(receiver);
    void *bus = ring_gst.gst_element_get_bus(pipeline);
    ring_gst.gst_bus_set_sync_handler(
        bus, (void *)ring_receiver_on_bus, ring_receiver_retain(receiver), (void *)ring_receiver_released_data);
    ring_gst.gst_object_unref(bus);
    ring_receiver_watch(webrtc, "notify::ice-gathering-state", (void *)ring_receiver_on_gathering, receiver);
    ring_receiver_watch(webrtc, "notify::ice-connection-state", (void *)ring_receiver_on_ice_state, receiver);
    ring_receiver_watch(webrtc, "notify::connection-state", (void *)ring_receiver_on_connection_state, receiver);
    ring_receiver_watch(webrtc, "pad-added", (void *)ring_receiver_on_pad_added, receiver);
    ring_gst.gst_element_set_state(pipeline, GST_STATE_READY);
    add_transceiver(
        receiver, H264 "payload=96,profile-level-id=(string)42e01f;" H264 "payload=98,profile-level-id=(string)64001f", true);
    if (receiver->options.has_audio)
        add_transceiver(
            receiver,
            "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2", false);
    if (ring_gst.gst_element_set_state(pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        ring_receiver_tell_offer(receiver, NULL, "the pipeline does not start");
        goto end;
    }
    // Not in "on-negotiation-needed", which is emitted before there is a transceiver.
    ring_gst.g_signal_emit_by_name(
        webrtc, "create-offer", NULL,
        ring_gst.gst_promise_new_with_change_func(
            (void *)ring_receiver_on_offer_made, ring_receiver_retain(receiver), (void *)ring_receiver_released_data));
end:
    pthread_mutex_unlock(&receiver->work);
    ring_receiver_release(receiver);
    return NULL;
}

ring_gst_receiver *ring_gst_receiver_make(
    const ring_gst_receiver_options *options, const ring_gst_receiver_callbacks *callbacks) {
    ring_gst_receiver *receiver = calloc(1, sizeof *receiver);
    if (!receiver) return NULL;
    receiver->callbacks = *callbacks;
    receiver->options = *options;
    receiver->options.stun_server = options->stun_server ? strdup(options->stun_server) : NULL;
    char **servers = calloc(options->turn_server_count + 1, sizeof *servers);
    for (size_t i = 0; servers && i < options->turn_server_count; i++) servers[i] = strdup(options->turn_servers[i]);
    receiver->options.turn_servers = (const char *const *)servers;
    if (!servers) receiver->options.turn_server_count = 0;
    atomic_init(&receiver->references, 1);
    pthread_mutex_init(&receiver->work, NULL);
    pthread_mutex_init(&receiver->lock, NULL);
    pthread_cond_init(&receiver->idle, NULL);
    if (ring_gst_run(make, ring_receiver_retain(receiver))) return receiver;
    ring_receiver_release(receiver);
    ring_receiver_release(receiver);
    return NULL;
}

// --- Use and end -------------------------------------------------------------------------------

void ring_gst_receiver_request_key_frame(ring_gst_receiver *receiver) {
    pthread_mutex_lock(&receiver->lock);
    void *pad = receiver->video_pad && !receiver->is_closed ? ring_gst.gst_object_ref(receiver->video_pad) : NULL;
    pthread_mutex_unlock(&receiver->lock);
    if (!pad) return;
    ring_receiver_ask_for_key_frame(pad);
    ring_gst.gst_object_unref(pad);
}

static void *close_down(void *data) {
    ring_gst_receiver *receiver = data;
    pthread_mutex_lock(&receiver->work);
    pthread_mutex_lock(&receiver->lock);
    receiver->is_closed = true;
    while (receiver->callback_count > 0) pthread_cond_wait(&receiver->idle, &receiver->lock);
    void *pad = receiver->video_pad, *rtpbin = receiver->rtpbin;
    receiver->video_pad = receiver->rtpbin = NULL;
    int count = receiver->jitter_buffer_count;
    int readers = receiver->socket_reader_count;
    receiver->jitter_buffer_count = receiver->socket_reader_count = 0;
    pthread_mutex_unlock(&receiver->lock);
    // From here on no callback is called: what follows only ends GStreamer's threads.
    for (int i = 0; i < count; i++) ring_gst.gst_object_unref(receiver->jitter_buffers[i]);
    if (pad) ring_gst.gst_object_unref(pad);
    if (rtpbin) ring_gst.gst_object_unref(rtpbin);
    for (int i = 0; i < readers; i++) {
        ring_gst.gst_element_set_locked_state(receiver->socket_readers[i], false);
        ring_gst.gst_object_unref(receiver->socket_readers[i]);
    }
    if (receiver->pipeline) {
        ring_gst.gst_element_set_state(receiver->pipeline, GST_STATE_NULL);
        void *bus = ring_gst.gst_element_get_bus(receiver->pipeline);
        ring_gst.gst_bus_set_sync_handler(bus, NULL, NULL, NULL);
        ring_gst.gst_object_unref(bus);
        ring_gst.gst_object_unref(receiver->pipeline);
        receiver->pipeline = receiver->webrtc = NULL;
    }
    pthread_mutex_unlock(&receiver->work);
    receiver->callbacks.closed(receiver->callbacks.context);
    ring_receiver_release(receiver);
    return NULL;
}

void ring_gst_receiver_close(ring_gst_receiver *receiver) {
    if (!ring_gst_run(close_down, receiver)) close_down(receiver);
}
