// What the receiver and the sender do alike with webrtcbin.
#ifndef RING_PEER_H
#define RING_PEER_H

#include "functions.h"

/// Switches off what delays ICE, and returns webrtcbin's agent, which the caller releases; NULL when it has none.
void *ring_peer_ice(void *webrtc);

/// Adds the loopback addresses of the machine, which ICE leaves out by itself. An agent that is given one address uses no other,
/// so all others are added as well when they are wanted.
void ring_peer_add_addresses(void *ice, bool is_all);

/// Replaces the fingerprints of a description by that of our certificate: webrtcbin wrote that of its own.
void ring_peer_put_fingerprint(void *sdp, const char *fingerprint);

/// The error of a promise's reply, as a copy that the caller frees; NULL when there is none.
char *ring_peer_failure(const void *reply);

typedef enum { RING_PEER_NO_CERTIFICATE, RING_PEER_KNOWN, RING_PEER_UNKNOWN } ring_peer_certificate;

/// Whether the certificate of a DTLS connection's peer is one that the peer's description names. GStreamer does not compare them,
/// and without that anybody could be the peer.
ring_peer_certificate ring_peer_check_certificate(void *dtls, const char *sdp);

#endif
