#include "peer.h"
#include "receiver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A machine that is busy may not have found its own addresses yet: then there is no candidate.
static void deliver_offer(ring_gst_receiver *receiver, void *webrtc, bool needs_candidate) {
    gst_session_description *local = NULL;
    ring_gst.g_object_get(webrtc, "local-description", &local, NULL);
    if (!local) return;
    char *text = ring_gst.gst_sdp_message_as_text(local->sdp);
    if (!needs_candidate || (text && strstr(text, "\na=candidate:")))
        ring_receiver_tell_offer(receiver, text, "the offer cannot be written");
    ring_gst.g_free(text);
    ring_gst.gst_webrtc_session_description_free(local);
}

void ring_receiver_on_gathering(void *webrtc, void *property, ring_gst_receiver *receiver) {
    (void)property;
    int state = 0;
    ring_gst.g_object_get(webrtc, "ice-gathering-state", &state, NULL);
    if (state == GST_GATHERING_COMPLETE) deliver_offer(receiver, webrtc, false);
}

static void *stop_gathering(void *data) {
    ring_gst_receiver *receiver = data;
    pthread_mutex_lock(&receiver->work);
    if (receiver->webrtc) deliver_offer(receiver, receiver->webrtc, true);
    pthread_mutex_unlock(&receiver->work);
    ring_receiver_release(receiver);
    return NULL;
}

void ring_gst_receiver_stop_gathering(ring_gst_receiver *receiver) {
    if (!ring_gst_run(stop_gathering, ring_receiver_retain(receiver))) ring_receiver_release(receiver);
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

void ring_receiver_on_offer_made(void *promise, void *data) {
    ring_gst_receiver *receiver = data;
    gst_session_description *offer = NULL;
    const void *reply = ring_gst.gst_promise_get_reply(promise);
    char *failure = ring_peer_failure(reply);
    if (reply)
        ring_gst.gst_structure_get(reply, "offer", ring_gst.gst_webrtc_session_description_get_type(), &offer, NULL);
    if (!offer) {
        ring_receiver_tell_offer(receiver, NULL, failure ? failure : "GStreamer made no offer");
    } else {
        ring_peer_put_fingerprint(offer->sdp, receiver->fingerprint);
        if (ring_gst.gst_sdp_message_medias_len(offer->sdp) > 0)
            offer_retransmission(ring_gst.gst_sdp_message_get_media(offer->sdp, 0));
        ring_gst.g_signal_emit_by_name(receiver->webrtc, "set-local-description", offer, NULL);
        ring_gst.gst_webrtc_session_description_free(offer);
    }
    free(failure);
    ring_gst.gst_mini_object_unref(promise);
}

static void on_answer_set(void *promise, void *data) {
    char *failure = ring_peer_failure(ring_gst.gst_promise_get_reply(promise));
    ring_receiver_tell_answer(data, failure);
    free(failure);
    ring_gst.gst_mini_object_unref(promise);
}

/// GStreamer makes a name of each `a=ssrc` line, with its number, and keeps it for the life of the process: memory would grow with
/// every session. Of these lines it needs the number only: to find the section of a stream, and that of the first section is the
/// one it takes for streams that no line names; and to turn retransmission on, which `repair_video` does.
static void leave_out_sources(void *sdp) {
    for (unsigned i = 0; i < ring_gst.gst_sdp_message_medias_len(sdp); i++) {
        void *media = ring_gst.gst_sdp_message_get_media(sdp, i);
        for (unsigned j = ring_gst.gst_sdp_media_attributes_len(media); j-- > 0;) {
            const gst_sdp_attribute *attribute = ring_gst.gst_sdp_media_get_attribute(media, j);
            if (strcmp(attribute->key, "ssrc")) continue;
            if (i > 0 && attribute->value && strstr(attribute->value, " cname:")) continue;
            ring_gst.gst_sdp_media_remove_attribute(media, j);
        }
    }
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
        ring_receiver_tell_answer(receiver, "the engine is closed");
    } else if (ring_gst.gst_sdp_message_new_from_text(job->sdp, &sdp) != GST_SDP_OK) {
        ring_receiver_tell_answer(receiver, "the SDP answer cannot be parsed");
    } else {
        pthread_mutex_lock(&receiver->lock);
        free(receiver->answer);
        receiver->answer = job->sdp;
        job->sdp = NULL;
        pthread_mutex_unlock(&receiver->lock);
        leave_out_sources(sdp);
        gst_session_description *description = ring_gst.gst_webrtc_session_description_new(GST_SDP_ANSWER, sdp);
        void *promise = ring_gst.gst_promise_new_with_change_func(
            (void *)on_answer_set, ring_receiver_retain(receiver), (void *)ring_receiver_released_data);
        ring_gst.g_signal_emit_by_name(receiver->webrtc, "set-remote-description", description, promise);
        ring_gst.gst_webrtc_session_description_free(description);
    }
    pthread_mutex_unlock(&receiver->work);
    free(job->sdp);
    free(job);
    ring_receiver_release(receiver);
    return NULL;
}

void ring_gst_receiver_answer(ring_gst_receiver *receiver, const char *sdp) {
    answer_job *job = malloc(sizeof *job);
    char *copy = strdup(sdp);
    if (!job || !copy) {
        free(job);
        free(copy);
        ring_receiver_tell_answer(receiver, "no memory");
        return;
    }
    *job = (answer_job){ring_receiver_retain(receiver), copy};
    if (!ring_gst_run(answer, job)) answer(job);
}

// --- What happens on the way -------------------------------------------------------------------

void ring_receiver_on_ice_state(void *webrtc, void *property, ring_gst_receiver *receiver) {
    (void)property;
    int state = 0;
    ring_gst.g_object_get(webrtc, "ice-connection-state", &state, NULL);
    if (state == 2 || state == 3) ring_receiver_tell(receiver, RING_GST_PATH_FOUND, NULL);
    if (state == 4) ring_receiver_tell(receiver, RING_GST_PATH_LOST, NULL);
}

void ring_receiver_on_connection_state(void *webrtc, void *property, ring_gst_receiver *receiver) {
    (void)property;
    int state = 0;
    ring_gst.g_object_get(webrtc, "connection-state", &state, NULL);
    if (state == 2) ring_receiver_tell(receiver, RING_GST_SECURED, NULL);
}

static void on_dtls_state(void *dtls, void *property, ring_gst_receiver *receiver) {
    (void)property;
    int state = 0;
    ring_gst.g_object_get(dtls, "connection-state", &state, NULL);
    if (state == 1) ring_receiver_tell(receiver, RING_GST_STOPPED, NULL);
    if (state == 2) ring_receiver_tell(receiver, RING_GST_SECURITY_FAILED, NULL);
}

static void on_certificate(void *dtls, void *property, ring_gst_receiver *receiver) {
    (void)property;
    pthread_mutex_lock(&receiver->lock);
    ring_peer_certificate certificate = ring_peer_check_certificate(dtls, receiver->answer);
    if (certificate != RING_PEER_NO_CERTIFICATE) receiver->is_verified = certificate == RING_PEER_KNOWN;
    pthread_mutex_unlock(&receiver->lock);
    if (certificate == RING_PEER_UNKNOWN) ring_receiver_tell(receiver, RING_GST_WRONG_CERTIFICATE, NULL);
}

static void on_bye(void *rtpbin, unsigned session, unsigned source, ring_gst_receiver *receiver) {
    (void)rtpbin, (void)session, (void)source;
    ring_receiver_tell(receiver, RING_GST_STREAM_ENDED, NULL);
}

/// Whether the video section of an SDP answer lists a payload type.
static bool is_video(const char *answer, int payload) {
    const char *line = answer ? strstr(answer, "m=video ") : NULL;
    if (!line) return false;
    size_t length = strcspn(line, "\r\n");
    char text[512], wanted[8];
    if (length > sizeof text - 2) length = sizeof text - 2;
    memcpy(text, line, length);
    text[length] = ' ';
    text[length + 1] = 0;
    snprintf(wanted, sizeof wanted, " %d ", payload);
    // m=<media> <port> <protocol> <formats>
    char *formats = text;
    for (int i = 0; i < 3; i++) {
        formats = strchr(formats, ' ');
        if (!formats) return false;
        formats += i < 2;
    }
    return strstr(formats, wanted);
}

/// webrtcbin lets a jitter buffer ask for lost packets when an `a=ssrc` line names its stream; a stream needs no such line (RFC 5576
/// is an option), so the first packet decides.
static int repair_video(void *pad, gst_probe_info *info, void *data) {
    ring_gst_receiver *receiver = data;
    uint8_t head[2];
    if (ring_gst.gst_buffer_extract(info->data, 0, head, sizeof head) < sizeof head) return GST_PROBE_OK;
    pthread_mutex_lock(&receiver->lock);
    bool is_repaired = is_video(receiver->answer, head[1] & 127);
    pthread_mutex_unlock(&receiver->lock);
    void *jitter_buffer = is_repaired ? ring_gst.gst_object_get_parent(pad) : NULL;
    if (jitter_buffer) {
        ring_gst.g_object_set(jitter_buffer, "do-retransmission", 1, NULL);
        ring_gst.gst_object_unref(jitter_buffer);
    }
    return GST_PROBE_REMOVE;
}

static void watch_first_packet(void *jitter_buffer, ring_gst_receiver *receiver) {
    void *pad = ring_gst.gst_element_get_static_pad(jitter_buffer, "sink");
    if (!pad) return;
    ring_gst.gst_pad_add_probe(
        pad, GST_PROBE_BUFFER, (void *)repair_video, ring_receiver_retain(receiver), (void *)ring_receiver_released_data);
    ring_gst.gst_object_unref(pad);
}

void ring_receiver_on_element(void *bin, void *parent, void *element, ring_gst_receiver *receiver) {
    (void)bin, (void)parent;
    if (ring_gst_is_made_by(element, "dtlssrtpdec")) {
        ring_gst.g_object_set(element, "pem", receiver->pem, NULL);
    } else if (ring_gst_is_made_by(element, "dtlsdec")) {
        ring_receiver_watch(element, "notify::connection-state", (void *)on_dtls_state, receiver);
        ring_receiver_watch(element, "notify::peer-pem", (void *)on_certificate, receiver);
    } else if (ring_gst_is_made_by(element, "rtpbin")) {
        ring_receiver_watch(element, "on-bye-ssrc", (void *)on_bye, receiver);
        pthread_mutex_lock(&receiver->lock);
        if (!receiver->is_closed && !receiver->rtpbin) receiver->rtpbin = ring_gst.gst_object_ref(element);
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
        // A packet that is due counts as lost after a while, and is refused when it comes: a camera that pauses would lose
        // pictures that it sends. Only a gap between packets shows a loss.
        if (ring_gst_has_property(element, "rtx-next-seqnum")) ring_gst.g_object_set(element, "rtx-next-seqnum", 0, NULL);
        watch_first_packet(element, receiver);
        // A first picture that has to come early cannot wait for packets before it.
        if (receiver->options.first_latency == receiver->options.latency) ring_receiver_order_beginning(element);
        pthread_mutex_lock(&receiver->lock);
        if (!receiver->is_closed && receiver->jitter_buffer_count < MAXIMUM_STREAMS)
            receiver->jitter_buffers[receiver->jitter_buffer_count++] = ring_gst.gst_object_ref(element);
        pthread_mutex_unlock(&receiver->lock);
    }
}

int ring_receiver_on_bus(void *bus, gst_message *message, void *data) {
    (void)bus;
    if (message->type == GST_MESSAGE_ERROR) {
        glib_error *error = NULL;
        ring_gst.gst_message_parse_error(message, &error, NULL);
        ring_receiver_tell(data, RING_GST_FAILED, error ? error->message : "no reason given");
        if (error) ring_gst.g_error_free(error);
    }
    ring_gst.gst_mini_object_unref(message);
    return GST_BUS_DROP;
}
