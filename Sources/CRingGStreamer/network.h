// A network between the encryption of packets and their sockets: it loses, delays and reorders what passes.
#ifndef RING_GST_NETWORK_H
#define RING_GST_NETWORK_H

#include "functions.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct {
    uint64_t due;
    gst_buffer *buffer;
} gst_packet_on_its_way;

typedef struct {
    ring_gst_network behavior;
    atomic_uint_fast64_t packets, lost, delayed, reordered, received;
    /// Where packets arrive that were held.
    void *sink_pad;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t courier;
    bool has_courier, stops;
    uint64_t random;
    gst_packet_on_its_way *held;
    size_t count;
} ring_gst_network_state;

/// False when there is no memory or no thread to be had. The lock is initialised by the caller, who destroys it.
bool ring_gst_network_start(ring_gst_network_state *network, const ring_gst_network *behavior);
/// What passes between encryption and socket: the handlers of probes, with `network` as their data.
int ring_gst_network_outgoing(void *pad, gst_probe_info *info, void *network);
int ring_gst_network_incoming(void *pad, gst_probe_info *info, void *network);
/// To be called when no element sends any more.
void ring_gst_network_stop(ring_gst_network_state *network);

#endif
