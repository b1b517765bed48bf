#include "functions.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    void *video_pad;
    int stream_count;
    atomic_int video_stream;
};

/// One stream of the peer: a new one of the same kind replaces it.
typedef struct {
    ring_gst_receiver *receiver;
    int number;
    bool is_audio;
} stream;

// --- Life --------------------------------------------------------------------------------------

static ring_gst_receiver *retain(ring_gst_receiver *receiver) {
    atomic_fetch_add(&receiver->references, 1);
    return receiver;
}

static void release(ring_gst_receiver *receiver) {
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
static void released(void *data, void *closure) {
    (void)closure;
    release(data);
}

static void released_data(void *data) { release(data); }

static void released_stream(void *data, void *closure) {
    (void)closure;
    release(((stream *)data)->receiver);
    free(data);
}

/// Every callback of Swift stands between enter and leave, so that closing can wait for it.
static bool enter(ring_gst_receiver *receiver) {
    pthread_mutex_lock(&receiver->lock);
    bool is_open = !receiver->is_closed;
    if (is_open) receiver->callback_count++;
    pthread_mutex_unlock(&receiver->lock);
    return is_open;
}

static void leave(ring_gst_receiver *receiver) {
    pthread_mutex_lock(&receiver->lock);
    if (--receiver->callback_count == 0) pthread_cond_broadcast(&receiver->idle);
    pthread_mutex_unlock(&receiver->lock);
}

static void tell(ring_gst_receiver *receiver, ring_gst_receiver_event event, const char *text) {
    if (!enter(receiver)) return;
    receiver->callbacks.event(receiver->callbacks.context, event, text);
    leave(receiver);
}

static void tell_offer(ring_gst_receiver *receiver, const char *sdp, const char *failure) {
    if (atomic_exchange(&receiver->is_offered, true) || !enter(receiver)) return;
    receiver->callbacks.offered(receiver->callbacks.context, sdp, failure);
    leave(receiver);
}

static void tell_answer(ring_gst_receiver *receiver, const char *failure) {
    if (atomic_exchange(&receiver->is_answered, true) || !enter(receiver)) return;
    receiver->callbacks.answered(receiver->callbacks.context, failure);
    leave(receiver);
}

static void watch(void *object, const char *signal, void *handler, ring_gst_receiver *receiver) {
    ring_gst_connect(object, signal, handler, retain(receiver), released);
}

// --- Media -------------------------------------------------------------------------------------

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
    if (!receiver->is_verified || !enter(receiver)) return;
    if (ring_gst.gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        receiver->callbacks.unit(receiver->callbacks.context, stream->is_audio, map.data, map.size, buffer->pts);
        ring_gst.gst_buffer_unmap(buffer, &map);
    }
    leave(receiver);
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

static void ask_for_key_frame(void *pad) {
    void *structure = ring_gst.gst_structure_from_string("GstForceKeyUnit, all-headers=(boolean)true", NULL);
    if (!structure) return;
    // GST_EVENT_CUSTOM_UPSTREAM
    ring_gst.gst_pad_send_event(pad, ring_gst.gst_event_new_custom((270 << 8) | 1, structure));
}

static void on_pad_added(void *webrtc, void *pad, ring_gst_receiver *receiver) {
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
        if (is_video && !is_known) tell(receiver, RING_GST_OTHER_VIDEO, encoding);
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
        tell(receiver, RING_GST_FAILED, error ? error->message : "no memory");
        if (error) ring_gst.g_error_free(error);
        if (bin) ring_gst.gst_object_unref(bin);
        discard(receiver, pad);
        return;
    }
    *data = (stream){retain(receiver), number, is_audio};
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
    if (!attach(receiver, bin, pad)) tell(receiver, RING_GST_FAILED, "the stream cannot be linked");
    if (is_video) ask_for_key_frame(pad);
}

// --- Negotiation -------------------------------------------------------------------------------

static void deliver_offer(ring_gst_receiver *receiver, void *webrtc) {
    gst_session_description *local = NULL;
    ring_gst.g_object_get(webrtc, "local-description", &local, NULL);
    if (!local) return;
    char *text = ring_gst.gst_sdp_message_as_text(local->sdp);
    tell_offer(receiver, text, "the offer cannot be written");
    ring_gst.g_free(text);
    ring_gst.gst_webrtc_session_description_free(local);
}

static void on_gathering(void *webrtc, void *property, ring_gst_receiver *receiver) {
    (void)property;
    int state = 0;
    ring_gst.g_object_get(webrtc, "ice-gathering-state", &state, NULL);
    if (state == GST_GATHERING_COMPLETE) deliver_offer(receiver, webrtc);
}

static void *stop_gathering(void *data) {
    ring_gst_receiver *receiver = data;
    pthread_mutex_lock(&receiver->work);
    if (receiver->webrtc) deliver_offer(receiver, receiver->webrtc);
    pthread_mutex_unlock(&receiver->work);
    release(receiver);
    return NULL;
}

void ring_gst_receiver_stop_gathering(ring_gst_receiver *receiver) {
    if (!ring_gst_run(stop_gathering, retain(receiver))) release(receiver);
}

/// The error of a reply, as a copy that the caller frees; NULL when there is none.
static char *failure_of(const void *reply) {
    if (!reply || !ring_gst.gst_structure_has_field(reply, "error")) return NULL;
    glib_error *error = NULL;
    ring_gst.gst_structure_get(reply, "error", ring_gst.g_error_get_type(), &error, NULL);
    char *text = strdup(error && error->message ? error->message : "no reason given");
    if (error) ring_gst.g_error_free(error);
    return text;
}

/// GStreamer offers retransmission for the first of the two formats only.
static void offer_retransmission(void *media) {
    for (unsigned i = 0; i < ring_gst.gst_sdp_media_attributes_len(media); i++) {
        const char *value = ring_gst.gst_sdp_media_get_attribute(media, i)->value;
        if (value && strstr(value, " apt=98")) return;
    }
    ring_gst.gst_sdp_media_add_format(media, "99");
    ring_gst.gst_sdp_media_add_attribute(media, "rtpmap", "99 rtx/90000");
    ring_gst.gst_sdp_media_add_attribute(media, "fmtp", "99 apt=98");
}

static void on_offer_made(void *promise, void *data) {
    ring_gst_receiver *receiver = data;
    gst_session_description *offer = NULL;
    const void *reply = ring_gst.gst_promise_get_reply(promise);
    char *failure = failure_of(reply);
    if (reply)
        ring_gst.gst_structure_get(reply, "offer", ring_gst.gst_webrtc_session_description_get_type(), &offer, NULL);
    if (!offer) {
        tell_offer(receiver, NULL, failure ? failure : "GStreamer made no offer");
    } else {
        // GStreamer wrote the fingerprint of its own certificate.
        for (unsigned i = 0; i < ring_gst.gst_sdp_message_medias_len(offer->sdp); i++) {
            void *media = ring_gst.gst_sdp_message_get_media(offer->sdp, i);
            for (unsigned j = ring_gst.gst_sdp_media_attributes_len(media); j-- > 0;)
                if (!strcmp(ring_gst.gst_sdp_media_get_attribute(media, j)->key, "fingerprint"))
                    ring_gst.gst_sdp_media_remove_attribute(media, j);
            ring_gst.gst_sdp_media_add_attribute(media, "fingerprint", receiver->fingerprint);
            if (i == 0) offer_retransmission(media);
        }
        ring_gst.g_signal_emit_by_name(receiver->webrtc, "set-local-description", offer, NULL);
        ring_gst.gst_webrtc_session_description_free(offer);
    }
    free(failure);
    ring_gst.gst_mini_object_unref(promise);
}

static void on_answer_set(void *promise, void *data) {
    char *failure = failure_of(ring_gst.gst_promise_get_reply(promise));
    tell_answer(data, failure);
    free(failure);
    ring_gst.gst_mini_object_unref(promise);
}

typedef struct {
    ring_gst_receiver *receiver;
    char *sdp;
} answer_job;

static void *answer(void *data) {
    answer_job *job = data;
    ring_gst_receiver *receiver = job->receiver;
    pthread_mutex_lock(&receiver->work);
    void *sdp = NULL;
    if (!receiver->pipeline || receiver->is_closed) {
        tell_answer(receiver, "the engine is closed");
    } else if (ring_gst.gst_sdp_message_new_from_text(job->sdp, &sdp) != GST_SDP_OK) {
        tell_answer(receiver, "the SDP answer cannot be parsed");
    } else {
        pthread_mutex_lock(&receiver->lock);
        free(receiver->answer);
        receiver->answer = job->sdp;
        job->sdp = NULL;
        pthread_mutex_unlock(&receiver->lock);
        gst_session_description *description = ring_gst.gst_webrtc_session_description_new(GST_SDP_ANSWER, sdp);
        void *promise =
            ring_gst.gst_promise_new_with_change_func((void *)on_answer_set, retain(receiver), (void *)released_data);
        ring_gst.g_signal_emit_by_name(receiver->webrtc, "set-remote-description", description, promise);
        ring_gst.gst_webrtc_session_description_free(description);
    }
    pthread_mutex_unlock(&receiver->work);
    free(job->sdp);
    free(job);
    release(receiver);
    return NULL;
}

void ring_gst_receiver_answer(ring_gst_receiver *receiver, const char *sdp) {
    answer_job *job = malloc(sizeof *job);
    char *copy = strdup(sdp);
    if (!job || !copy) {
        free(job);
        free(copy);
        tell_answer(receiver, "no memory");
        return;
    }
    *job = (answer_job){retain(receiver), copy};
    if (!ring_gst_run(answer, job)) answer(job);
}

// --- What happens on the way -------------------------------------------------------------------

static void on_ice_state(void *webrtc, void *property, ring_gst_receiver *receiver) {
    (void)property;
    int state = 0;
    ring_gst.g_object_get(webrtc, "ice-connection-state", &state, NULL);
    if (state == 2 || state == 3) tell(receiver, RING_GST_PATH_FOUND, NULL);
    if (state == 4) tell(receiver, RING_GST_PATH_LOST, NULL);
}

static void on_connection_state(void *webrtc, void *property, ring_gst_receiver *receiver) {
    (void)property;
    int state = 0;
    ring_gst.g_object_get(webrtc, "connection-state", &state, NULL);
    if (state == 2) tell(receiver, RING_GST_SECURED, NULL);
}

static void on_dtls_state(void *dtls, void *property, ring_gst_receiver *receiver) {
    (void)property;
    int state = 0;
    ring_gst.g_object_get(dtls, "connection-state", &state, NULL);
    if (state == 1) tell(receiver, RING_GST_STOPPED, NULL);
    if (state == 2) tell(receiver, RING_GST_SECURITY_FAILED, NULL);
}

/// GStreamer does not compare the peer's certificate with the answer, and without that anybody could send.
static void on_certificate(void *dtls, void *property, ring_gst_receiver *receiver) {
    (void)property;
    char *pem = NULL;
    ring_gst.g_object_get(dtls, "peer-pem", &pem, NULL);
    if (!pem) return;
    pthread_mutex_lock(&receiver->lock);
    bool is_known = receiver->answer && ring_gst_names_certificate(receiver->answer, pem);
    receiver->is_verified = is_known;
    pthread_mutex_unlock(&receiver->lock);
    ring_gst.g_free(pem);
    if (!is_known) tell(receiver, RING_GST_WRONG_CERTIFICATE, NULL);
}

static void on_bye(void *rtpbin, unsigned session, unsigned source, ring_gst_receiver *receiver) {
    (void)rtpbin, (void)session, (void)source;
    tell(receiver, RING_GST_STREAM_ENDED, NULL);
}

static void on_element(void *bin, void *parent, void *element, ring_gst_receiver *receiver) {
    (void)bin, (void)parent;
    if (ring_gst_is_made_by(element, "dtlssrtpdec")) {
        ring_gst.g_object_set(element, "pem", receiver->pem, NULL);
    } else if (ring_gst_is_made_by(element, "dtlsdec")) {
        watch(element, "notify::connection-state", (void *)on_dtls_state, receiver);
        watch(element, "notify::peer-pem", (void *)on_certificate, receiver);
    } else if (ring_gst_is_made_by(element, "rtpbin")) {
        watch(element, "on-bye-ssrc", (void *)on_bye, receiver);
        pthread_mutex_lock(&receiver->lock);
        if (!receiver->rtpbin) receiver->rtpbin = ring_gst.gst_object_ref(element);
        pthread_mutex_unlock(&receiver->lock);
    } else if (ring_gst_is_made_by(element, "rtpsession")) {
        // Every packet is authenticated, so the first of a source counts already.
        if (ring_gst_has_property(element, "probation")) ring_gst.g_object_set(element, "probation", 0u, NULL);
        // RTCP has five per cent of the bandwidth. That of a quiet picture delays requests to repeat a packet until it is too
        // late, and so does the usual interval.
        if (ring_gst_has_property(element, "bandwidth")) ring_gst.g_object_set(element, "bandwidth", 4e6, NULL);
        if (ring_gst_has_property(element, "rtcp-min-interval"))
            ring_gst.g_object_set(element, "rtcp-min-interval", (uint64_t)50000000, NULL);
    } else if (ring_gst_is_made_by(element, "rtpjitterbuffer")) {
        pthread_mutex_lock(&receiver->lock);
        if (receiver->jitter_buffer_count < MAXIMUM_STREAMS)
            receiver->jitter_buffers[receiver->jitter_buffer_count++] = ring_gst.gst_object_ref(element);
        pthread_mutex_unlock(&receiver->lock);
    }
}

static int on_bus(void *bus, gst_message *message, void *data) {
    (void)bus;
    if (message->type == GST_MESSAGE_ERROR) {
        glib_error *error = NULL;
        ring_gst.gst_message_parse_error(message, &error, NULL);
        tell(data, RING_GST_FAILED, error ? error->message : "no reason given");
        if (error) ring_gst.g_error_free(error);
    }
    ring_gst.gst_mini_object_unref(message);
    return GST_BUS_DROP;
}

// --- Making ------------------------------------------------------------------------------------

/// All addresses of the machine, with those of the loopback interface. An agent that is given one address uses no other.
static void add_addresses(void *ice) {
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) != 0) return;
    for (struct ifaddrs *one = all; one; one = one->ifa_next) {
        char text[NI_MAXHOST];
        int family = one->ifa_addr ? one->ifa_addr->sa_family : 0, added = 0;
        if (!(one->ifa_flags & IFF_UP) || (family != AF_INET && family != AF_INET6)) continue;
        socklen_t size = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
        if (getnameinfo(one->ifa_addr, size, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0) continue;
        if (strchr(text, '%')) continue;
        ring_gst.g_signal_emit_by_name(ice, "add-local-ip-address", text, &added);
    }
    freeifaddrs(all);
}

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
    void *ice = NULL, *agent = NULL;
    if (receiver->options.stun_server)
        ring_gst.g_object_set(receiver->webrtc, "stun-server", receiver->options.stun_server, NULL);
    for (size_t i = 0; i < receiver->options.turn_server_count; i++) {
        int added = 0;
        ring_gst.g_signal_emit_by_name(receiver->webrtc, "add-turn-server", receiver->options.turn_servers[i], &added);
    }
    if (!ring_gst_has_property(receiver->webrtc, "ice-agent")) return;
    ring_gst.g_object_get(receiver->webrtc, "ice-agent", &ice, NULL);
    if (!ice) return;
    if (ring_gst_has_property(ice, "agent")) {
        ring_gst.g_object_get(ice, "agent", &agent, NULL);
        if (agent) {
            // libnice waits 200 ms for a router otherwise.
            if (ring_gst_has_property(agent, "upnp")) ring_gst.g_object_set(agent, "upnp", 0, NULL);
            // Candidates of TCP would be ports that listen.
            if (ring_gst_has_property(agent, "ice-tcp")) ring_gst.g_object_set(agent, "ice-tcp", 0, NULL);
            ring_gst.g_object_unref(agent);
        }
    }
    if (receiver->options.has_loopback) add_addresses(ice);
    ring_gst.gst_object_unref(ice);
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
        tell_offer(receiver, NULL, receiver->pem ? "webrtcbin cannot be made" : "no certificate can be made");
        goto end;
    }
    void *pipeline = ring_gst.gst_pipeline_new(NULL);
    receiver->pipeline = ring_gst.gst_object_ref_sink(pipeline);
    receiver->webrtc = webrtc;
    watch(pipeline, "deep-element-added", (void *)on_element, receiver);
    ring_gst.g_object_set(webrtc, "bundle-policy", GST_BUNDLE_MAXIMUM, "latency", receiver->options.first_latency, NULL);
    ring_gst.gst_bin_add(pipeline, webrtc);
    configure_ice(receiver);
    void *bus = ring_gst.gst_element_get_bus(pipeline);
    ring_gst.gst_bus_set_sync_handler(bus, (void *)on_bus, retain(receiver), (void *)released_data);
    ring_gst.gst_object_unref(bus);
    watch(webrtc, "notify::ice-gathering-state", (void *)on_gathering, receiver);
    watch(webrtc, "notify::ice-connection-state", (void *)on_ice_state, receiver);
    watch(webrtc, "notify::connection-state", (void *)on_connection_state, receiver);
    watch(webrtc, "pad-added", (void *)on_pad_added, receiver);
    ring_gst.gst_element_set_state(pipeline, GST_STATE_READY);
    add_transceiver(
        receiver, H264 "payload=96,profile-level-id=(string)42e01f;" H264 "payload=98,profile-level-id=(string)64001f", true);
    if (receiver->options.has_audio)
        add_transceiver(
            receiver,
            "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2", false);
    if (ring_gst.gst_element_set_state(pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        tell_offer(receiver, NULL, "the pipeline does not start");
        goto end;
    }
    // Not in "on-negotiation-needed", which is emitted before there is a transceiver.
    ring_gst.g_signal_emit_by_name(
        webrtc, "create-offer", NULL,
        ring_gst.gst_promise_new_with_change_func((void *)on_offer_made, retain(receiver), (void *)released_data));
end:
    pthread_mutex_unlock(&receiver->work);
    release(receiver);
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
    if (ring_gst_run(make, retain(receiver))) return receiver;
    release(receiver);
    release(receiver);
    return NULL;
}

// --- Use and end -------------------------------------------------------------------------------

void ring_gst_receiver_request_key_frame(ring_gst_receiver *receiver) {
    pthread_mutex_lock(&receiver->lock);
    void *pad = receiver->video_pad && !receiver->is_closed ? ring_gst.gst_object_ref(receiver->video_pad) : NULL;
    pthread_mutex_unlock(&receiver->lock);
    if (!pad) return;
    ask_for_key_frame(pad);
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
    receiver->jitter_buffer_count = 0;
    pthread_mutex_unlock(&receiver->lock);
    // From here on no callback is called: what follows only ends GStreamer's threads.
    for (int i = 0; i < count; i++) ring_gst.gst_object_unref(receiver->jitter_buffers[i]);
    if (pad) ring_gst.gst_object_unref(pad);
    if (rtpbin) ring_gst.gst_object_unref(rtpbin);
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
    release(receiver);
    return NULL;
}

void ring_gst_receiver_close(ring_gst_receiver *receiver) {
    if (!ring_gst_run(close_down, receiver)) close_down(receiver);
}

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
