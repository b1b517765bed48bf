#include "peer.h"
#include "sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *promise(ring_gst_sender *sender, void *handler) {
    return ring_gst.gst_promise_new_with_change_func(handler, ring_sender_retain(sender), (void *)ring_sender_release);
}

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
static bool has_failed(ring_gst_sender *sender, const void *reply) {
    char *failure = ring_peer_failure(reply);
    if (!failure) return false;
    ring_sender_end(sender, failure);
    free(failure);
    return true;
}

static void on_answer(void *answer_promise, void *data) {
    ring_gst_sender *sender = data;
    gst_session_description *answer = NULL;
    const void *reply = ring_gst.gst_promise_get_reply(answer_promise);
    if (!has_failed(sender, reply) && reply)
        ring_gst.gst_structure_get(reply, "answer", ring_gst.gst_webrtc_session_description_get_type(), &answer, NULL);
    if (answer) {
        ring_peer_put_fingerprint(answer->sdp, sender->fingerprint);
        ring_gst.g_signal_emit_by_name(sender->webrtc, "set-local-description", answer, NULL);
        ring_gst.gst_webrtc_session_description_free(answer);
        answer_when_gathered(sender);
    } else {
        ring_sender_end(sender, "webrtcbin made no SDP answer");
    }
    ring_gst.gst_mini_object_unref(answer_promise);
}

static int on_upstream_event(void *pad, gst_probe_info *info, void *data) {
    (void)pad;
    ring_gst_sender *sender = data;
    const void *structure = ring_gst.gst_event_get_structure(info->data);
    if (structure && !strcmp(ring_gst.gst_structure_get_name(structure), "GstForceKeyUnit"))
        sender->handler(sender->context, RING_GST_SENDER_KEY_FRAME_WANTED, "");
    return GST_PROBE_OK;
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
        ring_sender_end(sender, "the format is too long");
        return false;
    }
    glib_error *error = NULL;
    void *bin = ring_gst.gst_parse_bin_from_description(text, 1, &error);
    if (!bin) {
        ring_sender_end_with(sender, error, "the source cannot be made");
        return false;
    }
    if (error) ring_gst.g_error_free(error);
    sender->source = ring_gst.gst_bin_get_by_name(bin, "source");
    void *source_pad = ring_gst.gst_element_get_static_pad(sender->source, "src");
    ring_sender_probe(sender, source_pad, GST_PROBE_EVENT_UPSTREAM, on_upstream_event);
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
    if (!is_linked) ring_sender_end(sender, "webrtcbin takes no video for this section");
    ring_gst.gst_element_sync_state_with_parent(bin);
    return is_linked;
}

static void on_offer_set(void *offer_promise, void *data) {
    ring_gst_sender *sender = data;
    bool is_refused = has_failed(sender, ring_gst.gst_promise_get_reply(offer_promise));
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

void ring_sender_begin(ring_gst_sender *sender) {
    void *sdp = NULL;
    if (!(sender->pem = ring_gst_make_certificate(sender->fingerprint)))
        return ring_sender_end(sender, "no certificate can be made");
    if (ring_gst.gst_sdp_message_new_from_text(sender->offer, &sdp) != GST_SDP_OK)
        return ring_sender_end(sender, "GStreamer cannot read the SDP offer");
    gst_session_description *offer = ring_gst.gst_webrtc_session_description_new(GST_SDP_OFFER, sdp);
    sender->pipeline = ring_gst.gst_pipeline_new(NULL);
    sender->webrtc = ring_gst.gst_element_factory_make("webrtcbin", NULL);
    void *ice = NULL;
    if (sender->webrtc) {
        ring_sender_watch(sender, sender->pipeline, "deep-element-added", ring_sender_on_element);
        ring_gst.g_object_set(sender->webrtc, "bundle-policy", GST_BUNDLE_MAXIMUM, NULL);
        ring_gst.gst_bin_add(sender->pipeline, sender->webrtc);
        ice = ring_peer_ice(sender->webrtc);
    }
    if (ice) {
        ring_peer_add_addresses(ice, sender->options.uses_all_addresses);
        ring_gst.gst_object_unref(ice);
        void *bus = ring_gst.gst_element_get_bus(sender->pipeline);
        ring_gst.gst_bus_set_sync_handler(bus, ring_sender_on_message, ring_sender_retain(sender), (void *)ring_sender_release);
        ring_gst.gst_object_unref(bus);
        ring_sender_watch(sender, sender->webrtc, "notify::ice-gathering-state", on_gathering);
        ring_sender_watch(sender, sender->webrtc, "notify::connection-state", ring_sender_on_connection);
        ring_gst.gst_element_set_state(sender->pipeline, GST_STATE_PLAYING);
        ring_gst.g_signal_emit_by_name(sender->webrtc, "set-remote-description", offer, promise(sender, on_offer_set));
    } else {
        ring_sender_end(sender, "the GStreamer element webrtcbin cannot be made");
    }
    ring_gst.gst_webrtc_session_description_free(offer);
}
