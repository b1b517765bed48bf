#include "network.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAXIMUM_HELD = 4096 };
#if defined(__APPLE__)
// The clock that conditions wait by.
static const clockid_t clock_id = CLOCK_REALTIME;
#else
static const clockid_t clock_id = CLOCK_MONOTONIC;
#endif
/// What a reordered packet waits longer.
static const uint64_t late = 20000000;

/// The courier's own packets pass the probe again.
static _Thread_local bool is_courier;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(clock_id, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/// The next random number in 0..<1 (xorshift).
static double unit(ring_gst_network_state *network) {
    pthread_mutex_lock(&network->lock);
    network->random ^= network->random << 13;
    network->random ^= network->random >> 7;
    network->random ^= network->random << 17;
    uint64_t value = network->random >> 11;
    pthread_mutex_unlock(&network->lock);
    return (double)value / (double)(UINT64_C(1) << 53);
}

/// Whether a packet is SRTP or SRTCP, and not of ICE or DTLS (RFC 7983).
static bool is_media(gst_buffer *packet, bool *is_control) {
    uint8_t head[2] = {0, 0};
    if (ring_gst.gst_buffer_extract(packet, 0, head, 2) < 2 || head[0] < 128 || head[0] > 191) return false;
    *is_control = (head[1] & 0x7F) >= 64 && (head[1] & 0x7F) < 96;
    return true;
}

/// Takes a reference of its own.
static void hold(ring_gst_network_state *network, gst_buffer *packet, uint64_t delay) {
    pthread_mutex_lock(&network->lock);
    bool fits = network->count < MAXIMUM_HELD;
    if (fits) {
        ring_gst.gst_mini_object_ref(packet);
        network->held[network->count++] = (gst_packet_on_its_way){now() + delay, packet};
        pthread_cond_signal(&network->changed);
    }
    pthread_mutex_unlock(&network->lock);
    if (!fits) atomic_fetch_add(&network->lost, 1);
}

/// Whether the packet goes on at once; otherwise it is lost or held.
static bool passes(ring_gst_network_state *network, gst_buffer *packet) {
    bool is_control = false;
    if (!is_media(packet, &is_control)) return true;
    if (!is_control) atomic_fetch_add(&network->packets, 1);
    const ring_gst_network *behavior = &network->behavior;
    if (behavior->loss > 0 && unit(network) < behavior->loss) {
        if (!is_control) atomic_fetch_add(&network->lost, 1);
        return false;
    }
    if (!network->has_courier) return true;
    uint64_t delay = behavior->jitter ? (uint64_t)(unit(network) * (double)behavior->jitter) : 0;
    if (delay) atomic_fetch_add(&network->delayed, 1);
    if (behavior->reordering > 0 && unit(network) < behavior->reordering) {
        delay += late;
        atomic_fetch_add(&network->reordered, 1);
    }
    hold(network, packet, delay);
    return false;
}

int ring_gst_network_outgoing(void *pad, gst_probe_info *info, void *data) {
    (void)pad;
    ring_gst_network_state *network = data;
    if (is_courier) return GST_PROBE_OK;
    if (!(info->type & GST_PROBE_BUFFER_LIST)) return passes(network, info->data) ? GST_PROBE_OK : GST_PROBE_DROP;
    unsigned count = ring_gst.gst_buffer_list_length(info->data);
    for (unsigned i = 0; i < count; i++) {
        gst_buffer *packet = ring_gst.gst_buffer_list_get(info->data, i);
        // With a courier the whole list is dropped, so what passes has to go its way, too.
        if (passes(network, packet) && network->has_courier) hold(network, packet, 0);
    }
    return network->has_courier ? GST_PROBE_DROP : GST_PROBE_OK;
}

int ring_gst_network_incoming(void *pad, gst_probe_info *info, void *data) {
    (void)pad;
    ring_gst_network_state *network = data;
    bool is_control = false;
    if (!is_media(info->data, &is_control)) return GST_PROBE_OK;
    atomic_fetch_add(&network->received, 1);
    double loss = network->behavior.loss;
    return loss > 0 && unit(network) < loss ? GST_PROBE_DROP : GST_PROBE_OK;
}

static void *deliver(void *data) {
    ring_gst_network_state *network = data;
    is_courier = true;
    pthread_mutex_lock(&network->lock);
    while (!network->stops) {
        if (!network->count) {
            pthread_cond_wait(&network->changed, &network->lock);
            continue;
        }
        size_t first = 0;
        for (size_t i = 1; i < network->count; i++)
            if (network->held[i].due < network->held[first].due) first = i;
        gst_packet_on_its_way next = network->held[first];
        if (next.due <= now()) {
            network->count--;
            memmove(&network->held[first], &network->held[first + 1], (network->count - first) * sizeof *network->held);
            pthread_mutex_unlock(&network->lock);
            ring_gst.gst_pad_chain(network->sink_pad, next.buffer);
            pthread_mutex_lock(&network->lock);
        } else {
            struct timespec until = {(time_t)(next.due / 1000000000u), (long)(next.due % 1000000000u)};
            pthread_cond_timedwait(&network->changed, &network->lock, &until);
        }
    }
    pthread_mutex_unlock(&network->lock);
    return NULL;
}

bool ring_gst_network_start(ring_gst_network_state *network, const ring_gst_network *behavior) {
    network->behavior = *behavior;
    network->random = behavior->seed | 1;
    if (!behavior->jitter && behavior->reordering <= 0 && behavior->loss <= 0) return true;
#if defined(__APPLE__)
    pthread_cond_init(&network->changed, NULL);
#else
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, clock_id);
    pthread_cond_init(&network->changed, &attributes);
    pthread_condattr_destroy(&attributes);
#endif
    network->held = calloc(MAXIMUM_HELD, sizeof *network->held);
    if (!network->held) return false;
    // It needs no mask of signals: the thread that starts it blocks them all.
    network->has_courier = pthread_create(&network->courier, NULL, deliver, network) == 0;
    return network->has_courier;
}

void ring_gst_network_stop(ring_gst_network_state *network) {
    if (network->has_courier) {
        pthread_mutex_lock(&network->lock);
        network->stops = true;
        pthread_cond_signal(&network->changed);
        pthread_mutex_unlock(&network->lock);
        pthread_join(network->courier, NULL);
        pthread_cond_destroy(&network->changed);
        network->has_courier = false;
    }
    for (size_t i = 0; i < network->count; i++) ring_gst.gst_mini_object_unref(network->held[i].buffer);
    network->count = 0;
    if (network->sink_pad) ring_gst.gst_object_unref(network->sink_pad);
    network->sink_pad = NULL;
    free(network->held);
    network->held = NULL;
}
