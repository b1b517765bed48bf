#include "receiver.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// A jitter buffer begins with the packet that comes first and refuses those before it, even while it still waits. When the first
// packets overtake each other, the first key frame would be lost. So they are put in order before they enter.

enum { MAXIMUM_HELD = 256, WINDOW_MILLISECONDS = 100 };

typedef struct {
    gst_buffer *held[MAXIMUM_HELD];
    uint16_t numbers[MAXIMUM_HELD];
    int count;
    bool is_over;
    struct timespec first;
} beginning;

static void release(void *data) {
    beginning *beginning = data;
    for (int i = 0; i < beginning->count; i++) ring_gst.gst_mini_object_unref(beginning->held[i]);
    free(beginning);
}

static bool is_window_over(const beginning *beginning) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long milliseconds =
        (now.tv_sec - beginning->first.tv_sec) * 1000 + (now.tv_nsec - beginning->first.tv_nsec) / 1000000;
    return milliseconds >= WINDOW_MILLISECONDS || beginning->count == MAXIMUM_HELD;
}

/// Whether an RTP packet may be the first one of a key frame with its parameter sets. Wire: RFC 6184, section 5.
static bool begins_key_frame(gst_buffer *packet) {
    uint8_t bytes[128];
    size_t size = ring_gst.gst_buffer_extract(packet, 0, bytes, sizeof bytes), at = 12 + (size_t)(bytes[0] & 15) * 4;
    if (size > at + 4 && bytes[0] & 16) at += 4 + (size_t)(bytes[at + 2] << 8 | bytes[at + 3]) * 4;
    if (size < at + 4) return true;
    int kind = bytes[at] & 31;
    if (kind == 24) kind = bytes[at + 3] & 31;
    return kind == 6 || kind == 7 || kind == 9;
}

/// A packet that was lost before the first one is missed by nobody, and the usual request comes with the first picture that is
/// let out.
static void ask_for_key_frame(void *pad, gst_buffer *packet) {
    uint8_t head[2] = {0, 0};
    char text[96];
    ring_gst.gst_buffer_extract(packet, 0, head, sizeof head);
    snprintf(text, sizeof text, "GstForceKeyUnit, all-headers=(boolean)true, payload=(uint)%d", head[1] & 127);
    void *peer = ring_gst.gst_pad_get_peer(pad), *structure = ring_gst.gst_structure_from_string(text, NULL);
    // GST_EVENT_CUSTOM_UPSTREAM
    if (peer && structure) ring_gst.gst_pad_send_event(peer, ring_gst.gst_event_new_custom((270 << 8) | 1, structure));
    if (peer) ring_gst.gst_object_unref(peer);
}

static int on_packet(void *pad, gst_probe_info *info, void *data) {
    beginning *beginning = data;
    uint8_t head[4];
    if (beginning->is_over || ring_gst.gst_buffer_extract(info->data, 0, head, sizeof head) < sizeof head) return GST_PROBE_OK;
    if (!beginning->count) clock_gettime(CLOCK_MONOTONIC, &beginning->first);
    uint16_t number = (uint16_t)(head[2] << 8 | head[3]);
    int place = beginning->count++;
    for (; place > 0 && (int16_t)(number - beginning->numbers[place - 1]) < 0; place--) {
        beginning->held[place] = beginning->held[place - 1];
        beginning->numbers[place] = beginning->numbers[place - 1];
    }
    beginning->held[place] = (void *)ring_gst.gst_mini_object_ref(info->data);
    beginning->numbers[place] = number;
    // The next packet is the clock: a picture has at most a few, and pictures follow each other.
    if (is_window_over(beginning)) {
        beginning->is_over = true;
        int count = beginning->count;
        if (!begins_key_frame(beginning->held[0])) ask_for_key_frame(pad, beginning->held[0]);
        beginning->count = 0;
        for (int i = 0; i < count; i++) ring_gst.gst_pad_chain(pad, beginning->held[i]);
    }
    return GST_PROBE_DROP;
}

void ring_receiver_order_beginning(void *jitter_buffer) {
    beginning *data = calloc(1, sizeof *data);
    void *pad = data ? ring_gst.gst_element_get_static_pad(jitter_buffer, "sink") : NULL;
    if (pad) {
        ring_gst.gst_pad_add_probe(pad, GST_PROBE_BUFFER, (void *)on_packet, data, (void *)release);
        ring_gst.gst_object_unref(pad);
    } else {
        free(data);
    }
}
