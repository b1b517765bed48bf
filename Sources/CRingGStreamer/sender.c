#include "network.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAXIMUM_REPEATERS = 4 };
enum { PEER_CONNECTED = 2, PEER_FAILED = 4, PEER_CLOSED = 5 };

struct ring_gst_sender {
    ring_gst_sender_options options;
    char *offer, *caps, *pem, fingerprint[120];
    ring_gst_sender_handler handler;
    void *context;
    void (*release)(void *);
    /// Its owner, and everything of GStreamer that may still call back.
    atomic_int references;
    atomic_bool is_answered, is_connected, has_ended;
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

// MARK: Life

static ring_gst_sender *retain(ring_gst_sender *sender) {
    atomic_fetch_add(&sender->references, 1);
    return sender;
}

static void release(void *data) {
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
    release(data);
}

static void observe(ring_gst_sender *sender, void *object, const char *signal, void *handler) {
    ring_gst_connect(object, signal, handler, retain(sender), release_closure);
}

static void *promise(ring_gst_sender *sender, void *handler) {
    return ring_gst.gst_promise_new_with_change_func(handler, retain(sender), (void *)release);
}

static void end(ring_gst_sender *sender, const char *reason) {
    if (!atomic_exchange(&sender->has_ended, true)) sender->handler(sender->context, RING_GST_SENDER_ENDED, reason);
}

static void end_with(ring_gst_sender *sender, glib_error *error, const char *reason) {
    end(sender, error ? error->message : reason);
    if (error) ring_gst.g_error_free(error);
}

// MARK: Elements

static int on_upstream_event(void *pad, gst_probe_info *info, void *data) {
    (void)pad;
    ring_gst_sender *sender = data;
    const void *structure = ring_gst.gst_event_get_structure(info->data);
    if (structure && !strcmp(ring_gst.gst_structure_get_name(structure), "GstForceKeyUnit"))
        sender->handler(sender->context, RING_GST_SENDER_KEY_FRAME_WANTED, "");
    return GST_PROBE_OK;
}

static int on_outgoing(void *pad, gst_probe_info *info, void *data) {
    return ring_gst_network_outgoing(pad, info, &((ring_gst_sender *)data)->network);
}

static int on_incoming(void *pad, gst_probe_info *info, void *data) {
    return ring_gst_network_incoming(pad, info, &((ring_gst_sender *)data)->network);
}

static void probe(ring_gst_sender *sender, void *pad, int what, void *handler) {
    if (pad) ring_gst.gst_pad_add_probe(pad, what, handler, retain(sender), (void *)release);
}

static void on_element(void *bin, void *parent, void *element, void *data) {
    (void)bin, (void)parent;
    ring_gst_sender *sender = data;
    if (ring_gst_is_made_by(element, "dtlssrtpdec")) {
        ring_gst.g_object_set(element, "pem", sender->pem, NULL);
    } else if (ring_gst_is_made_by(element, "nicesink") && !sender->network.sink_pad) {
        sender->network.sink_pad = ring_gst.gst_element_get_static_pad(element, "sink");
        probe(sender, sender->network.sink_pad, GST_PROBE_BUFFER | GST_PROBE_BUFFER_LIST, on_outgoing);
    } else if (ring_gst_is_made_by(element, "nicesrc")) {
        void *pad = ring_gst.gst_element_get_static_pad(element, "src");
        probe(sender, pad, GST_PROBE_BUFFER, on_incoming);
        if (pad) ring_gst.gst_object_unref(pad);
    } else if (ring_gst_is_made_by(element, "rtprtxsend")) {
        int place = atomic_load(&sender->repeater_count);
        if (place == MAXIMUM_REPEATERS) return;
        sender->repeaters[place] = ring_gst.gst_object_ref(element);
        atomic_store(&sender->repeater_count, place + 1);
    }
}

static int on_message(void *bus, gst_message *message, void *data) {
    (void)bus;
    if (message->type == GST_MESSAGE_ERROR) {
        glib_error *error = NULL;
        ring_gst.gst_message_parse_error(message, &error, NULL);
        end_with(data, error, "GStreamer reports an error");
    }
    ring_gst.gst_mini_object_unref(message);
    return GST_BUS_DROP;
}

static void on_connection(void *webrtc, void *property, void *data) {
    (void)property;
    ring_gst_sender *sender = data;
    int state = 0;
    ring_gst.g_object_get(webrtc, "connection-state", &state, NULL);
    if (state == PEER_CONNECTED && !atomic_exchange(&sender->is_connected, true))
        sender->handler(sender->context, RING_GST_SENDER_CONNECTED, "");
    if (state == PEER_FAILED) end(sender, "the connection failed: no ICE candidate of the peer can be reached, or DTLS failed");
    if (state == PEER_CLOSED) end(sender, "the connection is closed");
}

// MARK: Negotiation

static void answer_when_gathered(ring_gst_sender *sender) {
    int state = 0;
    gst_session_description *local = NULL;
    ring_gst.g_object_get(sender->webrtc, "ice-gathering-state", &state, NULL);
    if (state == GST_GATHERING_COMPLETE) ring_gst.g_object_get(sender->webrtc, "local-description", &local, NULL);
    if (!local) return;
    if (!atomic_exchange(&sender->is_answered, true)) {
        char *text = ring_gst.gst_sdp_message_as_text(local->sdp);
        sender->handler(sender->context, RING_GST_SENDER_ANSWER, text);
        ring_gst.g_free(text);
    }
    ring_gst.gst_webrtc_session_description_free(local);
}

static void on_gathering(void *webrtc, void *property, void *data) {
    (void)webrtc, (void)property;
    answer_when_gathered(data);
}

/// Whether webrtcbin replied with an error; the session has ended then.
static bool has_failed(ring_gst_sender *sender, const void *reply, const char *reason) {
    if (!reply || !ring_gst.gst_structure_has_field(reply, "error")) return false;
    glib_error *error = NULL;
    ring_gst.gst_structure_get(reply, "error", ring_gst.g_error_get_type(), &error, NULL);
    end_with(sender, error, reason);
    return true;
}

/// webrtcbin wrote the fingerprint of a certificate of its own.
static void put_fingerprint(const ring_gst_sender *sender, void *sdp) {
    for (unsigned i = 0; i < ring_gst.gst_sdp_message_medias_len(sdp); i++) {
        void *media = ring_gst.gst_sdp_message_get_media(sdp, i);
        bool had_one = false;
        for (unsigned j = ring_gst.gst_sdp_media_attributes_len(media); j-- > 0;) {
            if (strcmp(ring_gst.gst_sdp_media_get_attribute(media, j)->key, "fingerprint")) continue;
            ring_gst.gst_sdp_media_remove_attribute(media, j);
            had_one = true;
        }
        if (had_one) ring_gst.gst_sdp_media_add_attribute(media, "fingerprint", sender->fingerprint);
    }
}

static void on_answer(void *answer_promise, void *data) {
    ring_gst_sender *sender = data;
    gst_session_description *answer = NULL;
    const void *reply = ring_gst.gst_promise_get_reply(answer_promise);
    if (!has_failed(sender, reply, "no SDP answer") && reply)
        ring_gst.gst_structure_get(reply, "answer", ring_gst.gst_webrtc_session_description_get_type(), &answer, NULL);
    if (answer) {
        put_fingerprint(sender, answer->sdp);
        ring_gst.g_signal_emit_by_name(sender->webrtc, "set-local-description", answer, NULL);
        ring_gst.gst_webrtc_session_description_free(answer);
        answer_when_gathered(sender);
    } else {
        end(sender, "webrtcbin made no SDP answer");
    }
    ring_gst.gst_mini_object_unref(answer_promise);
}

static bool add_source(ring_gst_sender *sender) {
    // The caps of the payloader name the profile of the pictures, which may not be that of the offer: the last element
    // replaces them.
    char text[1200];
    uint32_t ssrc = (uint32_t)sender->options.network.seed | 1;
    int length = snprintf(
        text, sizeof text,
        "appsrc name=source is-live=true format=time max-bytes=4000000 leaky-type=downstream "
        "caps=video/x-h264,stream-format=byte-stream,alignment=au ! "
        "rtph264pay pt=%u ssrc=%u config-interval=0 aggregate-mode=zero-latency mtu=1200 ! "
        "capssetter join=false replace=true caps=%s,ssrc=(uint)%u",
        sender->options.payload, ssrc, sender->caps, ssrc);
    if (length < 0 || (size_t)length >= sizeof text) {
        end(sender, "the format is too long");
        return false;
    }
    glib_error *error = NULL;
    void *bin = ring_gst.gst_parse_bin_from_description(text, 1, &error);
    if (!bin) {
        end_with(sender, error, "the source cannot be made");
        return false;
    }
    if (error) ring_gst.g_error_free(error);
    sender->source = ring_gst.gst_bin_get_by_name(bin, "source");
    void *source_pad = ring_gst.gst_element_get_static_pad(sender->source, "src");
    probe(sender, source_pad, GST_PROBE_EVENT_UPSTREAM, on_upstream_event);
    ring_gst.gst_object_unref(source_pad);
    ring_gst.gst_bin_add(sender->pipeline, bin);
    char name[24];
    snprintf(name, sizeof name, "sink_%u", sender->options.section);
    void *caps = ring_gst.gst_caps_from_string(sender->caps);
    void *template = ring_gst.gst_element_get_pad_template(sender->webrtc, "sink_%u");
    void *sink = ring_gst.gst_element_request_pad(sender->webrtc, template, name, caps);
    void *pad = ring_gst.gst_element_get_static_pad(bin, "src");
    bool is_linked = sink && pad && ring_gst.gst_pad_link(pad, sink) == GST_PAD_LINK_OK;
    if (caps) ring_gst.gst_mini_object_unref(caps);
    if (sink) ring_gst.gst_object_unref(sink);
    if (pad) ring_gst.gst_object_unref(pad);
    if (!is_linked) end(sender, "webrtcbin takes no video for this section");
    ring_gst.gst_element_sync_state_with_parent(bin);
    return is_linked;
}

static void on_offer_set(void *offer_promise, void *data) {
    ring_gst_sender *sender = data;
    bool is_refused = has_failed(sender, ring_gst.gst_promise_get_reply(offer_promise), "the SDP offer is refused");
    ring_gst.gst_mini_object_unref(offer_promise);
    if (is_refused || !add_source(sender)) return;
    for (int i = 0;; i++) {
        void *transceiver = NULL;
        unsigned section = 0;
        // The last one is missing, which webrtcbin reports in its log.
        ring_gst.g_signal_emit_by_name(sender->webrtc, "get-transceiver", i, &transceiver);
        if (!transceiver) break;
        ring_gst.g_object_get(transceiver, "mlineindex", &section, NULL);
        if (section == sender->options.section) {
            void *caps = ring_gst.gst_caps_from_string(sender->caps);
            ring_gst.g_object_set(
                transceiver, "direction", GST_DIRECTION_SENDONLY, "do-nack", 1, "codec-preferences", caps, NULL);
            if (caps) ring_gst.gst_mini_object_unref(caps);
        } else {
            ring_gst.g_object_set(transceiver, "direction", GST_DIRECTION_INACTIVE, NULL);
        }
        ring_gst.gst_object_unref(transceiver);
    }
    ring_gst.g_signal_emit_by_name(sender->webrtc, "create-answer", NULL, promise(sender, on_answer));
}

/// libnice leaves loopback out by itself, and with one address named, all others.
static void add_addresses(const ring_gst_sender *sender, void *ice) {
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list)) return;
    for (struct ifaddrs *item = list; item; item = item->ifa_next) {
        if (!item->ifa_addr || !(item->ifa_flags & IFF_UP)) continue;
        if (!(item->ifa_flags & IFF_LOOPBACK) && !sender->options.uses_all_addresses) continue;
        const void *address = NULL;
        if (item->ifa_addr->sa_family == AF_INET) {
            address = &((struct sockaddr_in *)(void *)item->ifa_addr)->sin_addr;
        } else if (item->ifa_addr->sa_family == AF_INET6) {
            const struct in6_addr *long_address = &((struct sockaddr_in6 *)(void *)item->ifa_addr)->sin6_addr;
            if (!IN6_IS_ADDR_LINKLOCAL(long_address)) address = long_address;
        }
        char text[INET6_ADDRSTRLEN];
        int is_added = 0;
        if (address && inet_ntop(item->ifa_addr->sa_family, address, text, sizeof text))
            ring_gst.g_signal_emit_by_name(ice, "add-local-ip-address", text, &is_added);
    }
    freeifaddrs(list);
}

static void begin(ring_gst_sender *sender) {
    void *sdp = NULL;
    if (!(sender->pem = ring_gst_make_certificate(sender->fingerprint))) return end(sender, "no certificate can be made");
    if (ring_gst.gst_sdp_message_new_from_text(sender->offer, &sdp) != GST_SDP_OK)
        return end(sender, "GStreamer cannot read the SDP offer");
    gst_session_description *offer = ring_gst.gst_webrtc_session_description_new(GST_SDP_OFFER, sdp);
    sender->pipeline = ring_gst.gst_pipeline_new(NULL);
    sender->webrtc = ring_gst.gst_element_factory_make("webrtcbin", NULL);
    void *ice = NULL, *agent = NULL;
    if (sender->webrtc) {
        observe(sender, sender->pipeline, "deep-element-added", on_element);
        ring_gst.g_object_set(sender->webrtc, "bundle-policy", GST_BUNDLE_MAXIMUM, NULL);
        ring_gst.gst_bin_add(sender->pipeline, sender->webrtc);
        ring_gst.g_object_get(sender->webrtc, "ice-agent", &ice, NULL);
    }
    if (ice) {
        ring_gst.g_object_get(ice, "agent", &agent, NULL);
        // Otherwise libnice waits 200 ms for a router.
        if (agent) ring_gst.g_object_set(agent, "upnp", 0, "ice-tcp", 0, NULL);
        if (agent) ring_gst.g_object_unref(agent);
        add_addresses(sender, ice);
        ring_gst.gst_object_unref(ice);
        void *bus = ring_gst.gst_element_get_bus(sender->pipeline);
        ring_gst.gst_bus_set_sync_handler(bus, on_message, retain(sender), (void *)release);
        ring_gst.gst_object_unref(bus);
        observe(sender, sender->webrtc, "notify::ice-gathering-state", on_gathering);
        observe(sender, sender->webrtc, "notify::connection-state", on_connection);
        ring_gst.gst_element_set_state(sender->pipeline, GST_STATE_PLAYING);
        ring_gst.g_signal_emit_by_name(sender->webrtc, "set-remote-description", offer, promise(sender, on_offer_set));
    } else {
        end(sender, "the GStreamer element webrtcbin cannot be made");
    }
    ring_gst.gst_webrtc_session_description_free(offer);
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
        begin(sender);
    } else {
        end(sender, "there is no memory or no thread to be had");
    }
    pthread_mutex_lock(&sender->lock);
    sender->has_begun = true;
    pthread_cond_broadcast(&sender->began);
    pthread_mutex_unlock(&sender->lock);
    release(sender);
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
    release(sender);
    return NULL;
}

void ring_gst_sender_close(ring_gst_sender *sender, void (*closed)(void *), void *context) {
    // Nothing is reported any more.
    atomic_store(&sender->has_ended, true);
    sender->closed = closed;
    sender->closed_context = context;
    if (!ring_gst_run(finish, sender)) finish(sender);
}
