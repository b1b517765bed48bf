#include "receiver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// One stream of the peer: a new one of the same kind replaces it.
typedef struct {
    ring_gst_receiver *receiver;
    int number;
    bool is_audio;
} stream;

static void released_stream(void *data, void *closure) {
    (void)closure;
    ring_receiver_release(((stream *)data)->receiver);
    free(data);
}

/// From the first unit on, the jitter buffers wait for missing packets as long as they should.
static void begin(ring_gst_receiver *receiver) {
    if (receiver->options.first_latency == receiver->options.latency) return;
    pthread_mutex_lock(&receiver->lock);
    void *rtpbin = receiver->rtpbin ? ring_gst.gst_object_ref(receiver->rtpbin) : NULL;
    pthread_mutex_unlock(&receiver->lock);
    if (!rtpbin) return;
    ring_gst.g_object_set(rtpbin, "latency", receiver->options.latency, NULL);
    ring_gst.gst_object_unref(rtpbin);
}

static void on_buffer(void *sink, gst_buffer *buffer, void *pad, stream *stream) {
    (void)sink, (void)pad;
    ring_gst_receiver *receiver = stream->receiver;
    gst_map_info map;
    if (!atomic_exchange(&receiver->has_begun, true)) begin(receiver);
    if (!stream->is_audio && stream->number != receiver->video_stream) return;
    if (!receiver->is_verified || !ring_receiver_enter(receiver)) return;
    if (ring_gst.gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        receiver->callbacks.unit(receiver->callbacks.context, stream->is_audio, map.data, map.size, buffer->pts);
        ring_gst.gst_buffer_unmap(buffer, &map);
    }
    ring_receiver_leave(receiver);
}

/// Adds an element or a bin behind a pad.
static bool attach(ring_gst_receiver *receiver, void *element, void *pad) {
    if (!ring_gst.gst_bin_add(receiver->pipeline, element)) return false;
    void *sink = ring_gst.gst_element_get_static_pad(element, "sink");
    bool is_linked = sink && ring_gst.gst_pad_link(pad, sink) == GST_PAD_LINK_OK;
    if (sink) ring_gst.gst_object_unref(sink);
    ring_gst.gst_element_sync_state_with_parent(element);
    return is_linked;
}

static void discard(ring_gst_receiver *receiver, void *pad) {
    void *sink = ring_gst.gst_element_factory_make("fakesink", NULL);
    if (!sink) return;
    ring_gst.g_object_set(sink, "async", 0, "sync", 0, NULL);
    attach(receiver, sink, pad);
}

void ring_receiver_ask_for_key_frame(void *pad) {
    void *structure = ring_gst.gst_structure_from_string("GstForceKeyUnit, all-headers=(boolean)true", NULL);
    if (!structure) return;
    // GST_EVENT_CUSTOM_UPSTREAM
    ring_gst.gst_pad_send_event(pad, ring_gst.gst_event_new_custom((270 << 8) | 1, structure));
}

void ring_receiver_on_pad_added(void *webrtc, void *pad, ring_gst_receiver *receiver) {
    (void)webrtc;
    if (ring_gst.gst_pad_get_direction(pad) != GST_PAD_SRC) return;
    char media[16] = "", encoding[16] = "";
    void *caps = ring_gst.gst_pad_get_current_caps(pad);
    if (caps) {
        void *structure = ring_gst.gst_caps_get_structure(caps, 0);
        const char *text = ring_gst.gst_structure_get_string(structure, "media");
        if (text) snprintf(media, sizeof media, "%s", text);
        if ((text = ring_gst.gst_structure_get_string(structure, "encoding-name")))
            snprintf(encoding, sizeof encoding, "%s", text);
        ring_gst.gst_mini_object_unref(caps);
    }
    bool is_video = !strcmp(media, "video"), is_audio = !strcmp(media, "audio");
    bool is_known = (is_video && !strcmp(encoding, "H264")) || (is_audio && !strcmp(encoding, "OPUS"));
    pthread_mutex_lock(&receiver->lock);
    int number = ++receiver->stream_count;
    pthread_mutex_unlock(&receiver->lock);
    if (!is_known || number > MAXIMUM_STREAMS) {
        if (is_video && !is_known) ring_receiver_tell(receiver, RING_GST_OTHER_VIDEO, encoding);
        discard(receiver, pad);
        return;
    }
    glib_error *error = NULL;
    void *bin = ring_gst.gst_parse_bin_from_description(
        is_audio ? "rtpopusdepay ! fakesink name=sink sync=false async=false signal-handoffs=true"
                 : "rtph264depay request-keyframe=true wait-for-keyframe=true ! "
                   "video/x-h264,stream-format=byte-stream,alignment=au ! "
                   "fakesink name=sink sync=false async=false signal-handoffs=true",
        1, &error);
    stream *data = bin ? malloc(sizeof *data) : NULL;
    if (!data) {
        ring_receiver_tell(receiver, RING_GST_FAILED, error ? error->message : "no memory");
        if (error) ring_gst.g_error_free(error);
        if (bin) ring_gst.gst_object_unref(bin);
        discard(receiver, pad);
        return;
    }
    *data = (stream){ring_receiver_retain(receiver), number, is_audio};
    void *sink = ring_gst.gst_bin_get_by_name(bin, "sink");
    ring_gst_connect(sink, "handoff", (void *)on_buffer, data, released_stream);
    ring_gst.gst_object_unref(sink);
    if (is_video) {
        void *old;
        pthread_mutex_lock(&receiver->lock);
        receiver->video_stream = number;
        old = receiver->video_pad;
        receiver->video_pad = ring_gst.gst_object_ref(pad);
        pthread_mutex_unlock(&receiver->lock);
        if (old) ring_gst.gst_object_unref(old);
    }
    if (!attach(receiver, bin, pad)) ring_receiver_tell(receiver, RING_GST_FAILED, "the stream cannot be linked");
    if (is_video) ring_receiver_ask_for_key_frame(pad);
}

// --- Statistics --------------------------------------------------------------------------------

/// Adds what a session of RTP counted about the peer's streams.
static void count_session(void *session, ring_gst_receiver_statistics *result) {
    void *statistics = NULL;
    ring_gst.g_object_get(session, "stats", &statistics, NULL);
    if (!statistics) return;
    const glib_value *value = ring_gst.gst_structure_get_value(statistics, "source-stats");
    const glib_value_array *sources = value ? ring_gst.g_value_get_boxed(value) : NULL;
    for (unsigned i = 0; sources && i < sources->count; i++) {
        const void *source = ring_gst.g_value_get_boxed(&sources->values[i]);
        uint64_t packets = 0, bytes = 0;
        unsigned requests = 0, acknowledgements = 0;
        if (!source || !ring_gst.gst_structure_get_uint64(source, "packets-received", &packets)) continue;
        ring_gst.gst_structure_get_uint64(source, "bytes-received", &bytes);
        ring_gst.gst_structure_get_uint(source, "sent-pli-count", &requests);
        ring_gst.gst_structure_get_uint(source, "sent-nack-count", &acknowledgements);
        result->packets += packets;
        result->bytes += bytes;
        result->picture_requests += requests;
        result->negative_acknowledgements += acknowledgements;
    }
    ring_gst.gst_structure_free(statistics);
}

static uint64_t number(const void *structure, const char *field) {
    uint64_t value = 0;
    ring_gst.gst_structure_get_uint64(structure, field, &value);
    return value;
}

ring_gst_receiver_statistics ring_gst_receiver_count(ring_gst_receiver *receiver) {
    ring_gst_receiver_statistics result = {0};
    void *buffers[MAXIMUM_STREAMS];
    pthread_mutex_lock(&receiver->lock);
    int count = receiver->jitter_buffer_count;
    for (int i = 0; i < count; i++) buffers[i] = ring_gst.gst_object_ref(receiver->jitter_buffers[i]);
    void *rtpbin = receiver->rtpbin ? ring_gst.gst_object_ref(receiver->rtpbin) : NULL;
    pthread_mutex_unlock(&receiver->lock);
    for (int i = 0; i < count; i++) {
        void *statistics = NULL;
        ring_gst.g_object_get(buffers[i], "stats", &statistics, NULL);
        if (statistics) {
            result.lost_packets += number(statistics, "num-lost");
            result.late_packets += number(statistics, "num-late");
            result.repaired_packets += number(statistics, "rtx-success-count");
            uint64_t jitter = number(statistics, "avg-jitter");
            if (jitter > result.jitter_nanoseconds) result.jitter_nanoseconds = jitter;
            ring_gst.gst_structure_free(statistics);
        }
        ring_gst.gst_object_unref(buffers[i]);
    }
    if (rtpbin) {
        // All sections share one bundle, so there is one session.
        void *session = NULL;
        ring_gst.g_signal_emit_by_name(rtpbin, "get-internal-session", 0, &session);
        if (session) {
            count_session(session, &result);
            ring_gst.g_object_unref(session);
        }
        ring_gst.gst_object_unref(rtpbin);
    }
    return result;
}
